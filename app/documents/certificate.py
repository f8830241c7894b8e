"""The acceptance certificate (procès-verbal de recette): why the money of a milestone was released."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.documents import spelling
from app.documents.party import Party
from app.documents.sheet import Sheet
from app.documents.sums import NOTHING, Sum
from app.documents.tables import Column, FootLine, Row
from app.documents.texts import Texts

WHOLE = 10_000


class Verdict(StrEnum):
    """What one backer answered."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True)
class Evidence:
    """One thing handed in, where it is, and what was checked about it."""

    label: str
    address: str = ""
    checked: str = ""


@dataclass(frozen=True)
class Criterion:
    """One acceptance criterion; `met` stays None when nobody judged it on its own."""

    text: str
    met: bool | None = None


@dataclass(frozen=True)
class BackerAnswer:
    """One backer's answer as the reader may see it, weighed by its part of the milestone (basis points)."""

    backer: str
    verdict: Verdict
    answered_on: date | None = None
    reasons: str = ""
    weight_basis_points: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How it ended: by the buyers' majority, or by an award (`award_basis_points`, 0 to 10 000)."""

    decided_on: date
    accepted_weight_basis_points: int | None = None
    award_basis_points: int | None = None
    reason: str = ""
    arbitrators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signatory:
    """Someone who answers for the certificate."""

    name: str
    capacity: str
    organization: str
    signed_on: date | None = None


@dataclass(frozen=True)
class AcceptanceCertificate:
    """The certificate of one delivery that ended; `answers` and `signatories` hold what the reader may see.

    `released` is owed to the seller now, `awaited` once public bodies have paid, `returned` to the buyers:
    each as the book says it, nothing is worked out again here.
    """

    number: str | None
    issued_on: date
    operator: Party
    seller: Party
    campaign: str
    software: str
    quote_number: str
    milestone_number: int
    milestone_title: str
    price_cents: int
    currency: str
    version: str
    handed_in_on: date
    evidence: tuple[Evidence, ...]
    criteria: tuple[Criterion, ...]
    answers: tuple[BackerAnswer, ...]
    outcome: Outcome
    released: Sum
    language: str
    awaited: Sum = NOTHING
    returned: Sum = NOTHING
    signatories: tuple[Signatory, ...] = ()

    @property
    def is_draft(self) -> bool:
        return self.number is None

    def name(self) -> str:
        texts = self._texts()
        if self.number:
            return f"{texts('certificate')} {self.number}"
        return f"{texts('certificate')} · {texts('draft')}"

    def draw(self, sheet: Sheet) -> None:
        texts = self._texts()
        title = f"{texts('milestone')} {self.milestone_number} · {self.milestone_title}"
        sheet.opening(self.name(), title, f"{self.campaign} · {self.software}")
        sheet.facts(
            [
                (texts("date"), self._day(self.issued_on)),
                (texts("handed_in_on"), self._day(self.handed_in_on)),
                (texts("quote"), self.quote_number),
                (texts("price"), self._money(self.price_cents)),
            ]
        )
        sheet.parties([(texts("seller"), self.seller), (texts("operator"), self.operator)])
        self._draw_decision(sheet, texts)
        self._draw_amounts(sheet, texts)
        self._draw_delivery(sheet, texts)
        self._draw_answers(sheet, texts)
        self._draw_effect(sheet, texts)

    def _draw_decision(self, sheet: Sheet, texts: Texts) -> None:
        outcome = self.outcome
        lines = [self._decision_sentence(texts)]
        if outcome.reason:
            lines.append(outcome.reason)
        if outcome.arbitrators:
            lines.append(f"{texts('arbitrators')} · {', '.join(outcome.arbitrators)}")
        share = outcome.award_basis_points
        if share is None:
            headline = texts("accepted")
        elif share == 0:
            headline = texts("rejected")
        else:
            headline = texts("awarded", share=spelling.percent(share, self.language))
        sheet.callout(headline, lines)

    def _decision_sentence(self, texts: Texts) -> str:
        outcome, day = self.outcome, self._day(self.outcome.decided_on)
        if outcome.award_basis_points is not None:
            key = {0: "rejected_on", WHOLE: "awarded_whole"}.get(outcome.award_basis_points, "awarded_share")
            return texts(key, day=day, share=spelling.percent(outcome.award_basis_points, self.language))
        if outcome.accepted_weight_basis_points is None:
            return texts("accepted_on", day=day)
        weight = spelling.percent(outcome.accepted_weight_basis_points, self.language)
        return texts("accepted_majority", day=day, weight=weight)

    def _draw_amounts(self, sheet: Sheet, texts: Texts) -> None:
        columns = (
            Column(texts("amount_label")),
            Column(texts("amount_excl"), 34, is_amount=True),
            Column(texts("amount_vat"), 34, is_amount=True),
            Column(texts("amount_incl"), 34, is_amount=True),
        )
        named = [("released", self.released), ("awaited", self.awaited), ("returned", self.returned)]
        shown = [(label, amount) for label, amount in named if amount.total_cents or label == "released"]
        rows = [Row((texts(label), *self._amounts(amount))) for label, amount in shown]
        total = Sum(sum(amount.cents for _, amount in shown), sum(amount.vat_cents for _, amount in shown))
        sheet.heading(texts("amounts"))
        sheet.table(columns, rows, [FootLine(texts("total"), self._amounts(total), is_sum=True)])

    def _amounts(self, amount: Sum) -> tuple[str, ...]:
        return tuple(self._money(cents) for cents in (amount.cents, amount.vat_cents, amount.total_cents))

    def _draw_delivery(self, sheet: Sheet, texts: Texts) -> None:
        sheet.heading(texts("evidence"))
        sheet.text(f"{texts('version')} · {self.version}")
        if self.evidence:
            columns = (Column(texts("delivered")), Column(texts("checked"), 62))
            rows = [Row((item.label, item.checked or "—"), _lines(item.address)) for item in self.evidence]
            sheet.table(columns, rows)
        if not self.criteria:
            return
        sheet.heading(texts("criteria"), room=22)
        marks = {True: "☑", False: "☐", None: "•"}
        words = {True: f" ({texts('met')})", False: f" ({texts('not_met')})", None: ""}
        sheet.points([(marks[one.met], one.text + words[one.met]) for one in self.criteria])

    def _draw_answers(self, sheet: Sheet, texts: Texts) -> None:
        if not self.answers:
            return
        sheet.heading(texts("answers"))
        weighed = any(answer.weight_basis_points is not None for answer in self.answers)
        columns = [
            Column(texts("organization_column")),
            Column(texts("answer"), 30),
            Column(texts("answered_on"), 36),
        ]
        if weighed:
            columns.append(Column(texts("weight"), 20, is_amount=True))
        rows = [self._answer_row(answer, weighed, texts) for answer in self.answers]
        silent = any(answer.verdict == Verdict.SILENT for answer in self.answers)
        sheet.table(columns, rows, notes=[texts("silence")] if silent else [])

    def _answer_row(self, answer: BackerAnswer, weighed: bool, texts: Texts) -> Row:
        day = self._day(answer.answered_on) if answer.answered_on else "—"
        cells = [answer.backer, texts(f"answer_{answer.verdict.value}"), day]
        if weighed:
            weight = answer.weight_basis_points
            cells.append("—" if weight is None else spelling.percent(weight, self.language))
        return Row(tuple(cells), _lines(answer.reasons))

    def _draw_effect(self, sheet: Sheet, texts: Texts) -> None:
        sheet.heading(texts("effect"))
        if self.outcome.award_basis_points is None:
            sheet.text(texts("effect_accepted"))
        if self.released.total_cents:
            sheet.text(texts("effect_released", seller=self.seller.name))
        if self.returned.total_cents:
            sheet.text(texts("effect_returned"))
        if self.awaited.total_cents:
            sheet.text(texts("effect_public"))
        sheet.small(texts("operator_role", operator=self.operator.name))
        if self.signatories:
            sheet.signatures(
                texts("signatories"), "", [self._signature(one, texts) for one in self.signatories]
            )

    def _signature(self, signatory: Signatory, texts: Texts) -> list[tuple[str, str]]:
        signed = self._day(signatory.signed_on) if signatory.signed_on else ""
        return [
            (texts("organization"), signatory.organization),
            (texts("name"), signatory.name),
            (texts("capacity"), signatory.capacity),
            (texts("signed_on"), signed),
        ]

    def _day(self, when: date) -> str:
        return spelling.day(when, self.language)

    def _money(self, cents: int) -> str:
        return spelling.money(cents, self.currency, self.language)

    def _texts(self) -> Texts:
        return Texts("certificate", self.language, self.issued_on)


def _lines(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
