"""The quote (devis): the maintainer's price and plan as backers file it, with what happens to their money."""

from dataclasses import dataclass
from datetime import date

from app.documents import spelling
from app.documents.party import Party
from app.documents.sheet import Sheet
from app.documents.tables import Band, Column, FootLine, Row
from app.documents.texts import Texts
from app.documents.vat import Kind, Treatment, mention, vat_on


@dataclass(frozen=True)
class QuotedLine:
    """What a milestone's price is made of; days in hundredths, none where the price is fixed."""

    label: str
    price_cents: int
    day_hundredths: int | None = None
    day_rate_cents: int | None = None


@dataclass(frozen=True)
class QuotedMilestone:
    """One milestone as quoted; its price is in cents, excluding VAT, and the sum of its lines where it has some."""

    number: int
    title: str
    criteria: tuple[str, ...]
    due_on: date | None
    required: bool
    price_cents: int
    lines: tuple[QuotedLine, ...] = ()


@dataclass(frozen=True)
class Quote:
    """One version of a quote. Without a number it is a draft and says so across each page.

    `operator` acts for the seller and issues the paper. `buyer` and `pledge_cents` (excluding VAT) make it
    the copy of one backer; `vat_notes` are sentences of the seller's own.
    """

    number: str | None
    issued_on: date
    valid_until: date
    seller: Party
    operator: Party
    software: str
    title: str
    needs: tuple[str, ...]
    milestones: tuple[QuotedMilestone, ...]
    currency: str
    vat: Treatment
    license: str
    language: str
    revision: int = 1
    previous_hash: str | None = None
    buyer: Party | None = None
    pledge_cents: int | None = None
    deadline_on: date | None = None
    repository: str = ""
    payment_days: int = 30
    vat_notes: tuple[str, ...] = ()
    assumptions: str = ""
    exclusions: str = ""
    upkeep_months: int | None = None
    warranty_months: int = 0
    includes_review: bool = False
    team: tuple[tuple[str, int], ...] = ()
    # What its milestones said before the backers agreed to an amendment: the day, the title, the price.
    amendments: tuple[tuple[date, str, int], ...] = ()

    @property
    def is_draft(self) -> bool:
        return self.number is None

    @property
    def required_cents(self) -> int:
        """The price of the required milestones, excluding VAT: what the campaign must reach."""
        return sum(milestone.price_cents for milestone in self.milestones if milestone.required)

    @property
    def optional_cents(self) -> int:
        return sum(milestone.price_cents for milestone in self.milestones if not milestone.required)

    @property
    def total_cents(self) -> int:
        return self.required_cents + self.optional_cents

    @property
    def vat_cents(self) -> int:
        return vat_on(self.total_cents, self.vat.rate_basis_points)

    def name(self) -> str:
        texts = self._texts()
        return f"{texts('quote')} {self.number}" if self.number else f"{texts('quote')} · {texts('draft')}"

    def draw(self, sheet: Sheet) -> None:
        texts = self._texts()
        sheet.opening(self.name(), self.title, self.software)
        self._draw_facts(sheet, texts)
        parties = [(texts("seller"), self.seller), (texts("operator"), self.operator)]
        sheet.parties([*parties, (texts("buyer"), self.buyer or Party(texts("any_backer")))])
        if self.needs:
            sheet.heading(texts("answers"), room=22)
            sheet.points([("•", need) for need in self.needs])
        self._draw_milestones(sheet, texts)
        self._draw_lines(sheet, texts)
        for note in self.vat_notes:
            sheet.small(note)
        self._draw_terms(sheet, texts)
        self._draw_approval(sheet, texts)

    def _draw_facts(self, sheet: Sheet, texts: Texts) -> None:
        sheet.facts(
            [
                (texts("date"), spelling.day(self.issued_on, self.language)),
                (texts("valid_until"), spelling.day(self.valid_until, self.language)),
                (texts("revision"), spelling.number(self.revision, self.language)),
                (texts("license"), self.license),
            ]
        )

    def _draw_milestones(self, sheet: Sheet, texts: Texts) -> None:
        sheet.heading(texts("milestones"), room=50)
        columns = (
            Column(texts("number"), 10),
            Column(texts("work")),
            Column(texts("due_on"), 35),
            Column(texts("price"), 34, is_amount=True),
        )
        rows: list[Row | Band] = []
        for required, title in ((True, texts("required")), (False, texts("optional"))):
            chosen = [milestone for milestone in self.milestones if milestone.required == required]
            if chosen and self.optional_cents:
                rows.append(Band(title))
            rows += [self._milestone_row(milestone) for milestone in chosen]
        sheet.table(columns, rows, self._totals(texts), self._vat_notes(texts))

    def _milestone_row(self, milestone: QuotedMilestone) -> Row:
        due = spelling.day(milestone.due_on, self.language) if milestone.due_on else "—"
        cells = (str(milestone.number), milestone.title, due, self._money(milestone.price_cents))
        return Row(cells, milestone.criteria, mark="☐")

    def _draw_lines(self, sheet: Sheet, texts: Texts) -> None:
        made_of_lines = [milestone for milestone in self.milestones if milestone.lines]
        if not made_of_lines:
            return
        sheet.heading(texts("made_of"), room=40)
        columns = (
            Column(texts("line")),
            Column(texts("days"), 18, is_amount=True),
            Column(texts("day_rate"), 32, is_amount=True),
            Column(texts("price"), 34, is_amount=True),
        )
        rows: list[Row | Band] = []
        for milestone in made_of_lines:
            rows.append(Band(f"{milestone.number}. {milestone.title}"))
            rows += [self._line_row(line, texts) for line in milestone.lines]
        total = sum(milestone.price_cents for milestone in made_of_lines)
        sheet.table(columns, rows, [FootLine(texts("total_excl"), (self._money(total),), is_sum=True)], [])

    def _line_row(self, line: QuotedLine, texts: Texts) -> Row:
        price = self._money(line.price_cents)
        if line.day_hundredths is None or line.day_rate_cents is None:
            return Row((line.label, "", texts("fixed"), price))
        days = spelling.hundredths(line.day_hundredths, self.language)
        return Row((line.label, days, self._money(line.day_rate_cents), price))

    def _totals(self, texts: Texts) -> list[FootLine]:
        lines = []
        if self.optional_cents:
            lines.append(FootLine(texts("total_required"), (self._money(self.required_cents),)))
            lines.append(FootLine(texts("total_optional"), (self._money(self.optional_cents),)))
        lines.append(FootLine(texts("total_excl"), (self._money(self.total_cents),)))
        if self.vat.kind == Kind.DOMESTIC:
            rate = spelling.percent(self.vat.rate_basis_points, self.language)
            lines.append(FootLine(texts("vat", rate=rate), (self._money(self.vat_cents),)))
        else:
            lines.append(FootLine(texts(f"vat_line_{self.vat.kind.value}"), (self._money(self.vat_cents),)))
        label = "total_incl" if self.vat.kind == Kind.DOMESTIC else "total_due"
        lines.append(FootLine(texts(label), (self._money(self.total_cents + self.vat_cents),), is_sum=True))
        if self.pledge_cents is not None:
            lines.append(FootLine(texts("your_pledge"), (self._money(self.pledge_cents),)))
        return lines

    def _vat_notes(self, texts: Texts) -> list[str]:
        notes = [mention(self.vat, self.language, self.issued_on, seller_country=self.seller.country)]
        if self.vat.kind == Kind.DOMESTIC:
            notes.append(texts("rounding"))
            if self.buyer is None:
                notes.append(texts("other_buyers"))
        return notes

    def _draw_terms(self, sheet: Sheet, texts: Texts) -> None:
        threshold = self._money(self.required_cents)
        terms = [(texts("valid_until"), texts("valid", day=spelling.day(self.valid_until, self.language)))]
        if self.deadline_on:
            by = spelling.day(self.deadline_on, self.language)
            terms.append((texts("threshold_head"), texts("threshold_by", threshold=threshold, deadline=by)))
        else:
            terms.append((texts("threshold_head"), texts("threshold", threshold=threshold)))
        days = spelling.number(self.payment_days, self.language)
        role = texts("operator_role", operator=self.operator.name)
        terms += [
            (texts("payment_head"), texts("payment", operator=self.operator.name, days=days) + " " + role),
            (texts("acceptance_head"), texts("acceptance")),
            (texts("license_head"), texts("license_rights", license=self.license)),
            *self._promises(texts),
            (texts("repository"), self.repository),
            (texts("late_head"), texts("late", country=self.seller.country)),
            (texts("frozen_head"), texts("frozen")),
        ]
        if self.amendments:
            said = [
                texts("amended", day=spelling.day(on, self.language), title=title, price=self._money(cents))
                for on, title, cents in self.amendments
            ]
            terms.append((texts("amended_head"), " ".join(said)))
        if self.previous_hash:
            terms.append((texts("replaces_head"), texts("replaces", hash=self.previous_hash)))
        sheet.heading(texts("conditions"))
        sheet.terms(terms)

    def _promises(self, texts: Texts) -> list[tuple[str, str]]:
        """What comes with the work and what does not; nothing is said about what was not asked."""
        said = []
        if self.upkeep_months is not None:
            upkeep = texts("upkeep", months=spelling.number(self.upkeep_months, self.language))
            said.append((texts("upkeep_head"), upkeep if self.upkeep_months else texts("no_upkeep")))
            months = spelling.number(self.warranty_months, self.language)
            warranty = texts("warranty", months=months) if self.warranty_months else texts("no_warranty")
            review = texts("review") if self.includes_review else texts("no_review")
            said += [(texts("warranty_head"), warranty), (texts("review_head"), review)]
        shares = ", ".join(f"{name} {spelling.percent(share, self.language)}" for name, share in self.team)
        return [
            *said,
            (texts("team_head"), shares),
            (texts("assumptions_head"), self.assumptions),
            (texts("exclusions_head"), self.exclusions),
        ]

    def _draw_approval(self, sheet: Sheet, texts: Texts) -> None:
        amount = self._money(self.pledge_cents) if self.pledge_cents is not None else ""
        left = [
            (texts("organization"), self.buyer.name if self.buyer else ""),
            (texts("name"), ""),
            (texts("capacity"), ""),
            (texts("approval_amount"), amount),
        ]
        sheet.signatures(texts("approval"), texts("sign_here"), [left, [(texts("signed_on"), "")]])

    def _money(self, cents: int) -> str:
        return spelling.money(cents, self.currency, self.language)

    def _texts(self) -> Texts:
        return Texts("quote", self.language, self.issued_on)
