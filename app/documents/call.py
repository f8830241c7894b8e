"""The call for funds: what one backer is asked to pay, why, by when and how, for its accounts department."""

from dataclasses import dataclass
from datetime import date

from app.documents import spelling
from app.documents.codes import transfer_code
from app.documents.party import Party
from app.documents.sheet import Sheet
from app.documents.spelling import grouped
from app.documents.tables import Column, FootLine, Row
from app.documents.texts import Texts


@dataclass(frozen=True)
class CalledMilestone:
    """One milestone of a call: the backer's part and the VAT on it, in cents, and how it is taxed."""

    number: int
    title: str
    price_cents: int
    vat_cents: int
    vat_words: str


@dataclass(frozen=True)
class CallForFunds:
    """One call, as it stood on a day. `paid_cents` is what has come in by then.

    Without an `iban` the call is paid another way, which its page explains; without a `page` nothing is said of paying.
    """

    number: str
    issued_on: date
    due_on: date
    operator: Party
    backer: Party
    seller: Party
    campaign: str
    milestones: tuple[CalledMilestone, ...]
    fee_cents: int
    fee_vat_cents: int
    paid_cents: int
    currency: str
    reference: str
    language: str
    po_number: str = ""
    cost_center: str = ""
    holder: str = ""
    iban: str = ""
    bic: str = ""
    page: str = ""

    @property
    def is_draft(self) -> bool:
        return False

    @property
    def total_cents(self) -> int:
        """All that is asked for, with VAT and fee."""
        parts = sum(one.price_cents + one.vat_cents for one in self.milestones)
        return parts + self.fee_cents + self.fee_vat_cents

    @property
    def missing_cents(self) -> int:
        """What is still to be paid."""
        return self.total_cents - self.paid_cents

    def name(self) -> str:
        return f"{self._texts()('call')} {self.number}"

    def code(self) -> str:
        """What banking apps read; empty where there is nothing to transfer."""
        return transfer_code(
            holder=self.holder, iban=self.iban, bic=self.bic, cents=self.missing_cents, currency=self.currency,
            reference=self.reference,
        )  # fmt: skip

    def draw(self, sheet: Sheet) -> None:
        texts = self._texts()
        sheet.opening(self.name(), self.campaign, texts("not_an_invoice"))
        sheet.facts([
            (texts("date"), spelling.day(self.issued_on, self.language)),
            (texts("due_on"), spelling.day(self.due_on, self.language)),
            (texts("po_number"), self.po_number),
            (texts("cost_center"), self.cost_center),
        ])  # fmt: skip
        sheet.parties([
            (texts("called"), self.backer), (texts("seller"), self.seller), (texts("operator"), self.operator),
        ])  # fmt: skip
        self._draw_sums(sheet, texts)
        self._draw_payment(sheet, texts)
        sheet.heading(texts("what_becomes"))
        sheet.text(texts("held"))
        sheet.small(texts("fee_note"))

    def _draw_sums(self, sheet: Sheet, texts: Texts) -> None:
        sheet.heading(texts("asked_for"), room=50)
        columns = (
            Column(texts("work")), Column(texts("part"), 34, is_amount=True),
            Column(texts("vat_head"), 34, is_amount=True),
        )  # fmt: skip
        rows = [
            Row(
                (f"{one.number}. {one.title}", self._money(one.price_cents), self._money(one.vat_cents)),
                (one.vat_words,),
            )
            for one in self.milestones
        ]
        rows.append(Row((texts("fee"), self._money(self.fee_cents), self._money(self.fee_vat_cents))))
        foot = [FootLine(texts("total"), (self._money(self.total_cents),))]
        if self.paid_cents:
            foot.append(FootLine(texts("paid"), (self._money(-self.paid_cents),)))
        foot.append(FootLine(texts("to_pay"), (self._money(self.missing_cents),), is_sum=True))
        sheet.table(columns, rows, foot)

    def _draw_payment(self, sheet: Sheet, texts: Texts) -> None:
        if not self.missing_cents or not (self.iban or self.page):
            return
        sheet.heading(texts("how_to_pay"), room=50)
        if not self.iban:
            sheet.text(texts("elsewhere", page=self.page))
            return
        facts = [
            (texts("amount"), self._money(self.missing_cents)),
            (texts("holder"), self.holder),
            ("IBAN", grouped(self.iban)),
            ("BIC", self.bic),
            (
                texts("reference"),
                grouped(self.reference) if self.reference.startswith("RF") else self.reference,
            ),
        ]
        sheet.payment([fact for fact in facts if fact[1]], self.code(), texts("scan"))
        sheet.small(texts("reference_note"))

    def _money(self, cents: int) -> str:
        return spelling.money(cents, self.currency, self.language)

    def _texts(self) -> Texts:
        return Texts("call", self.language, self.issued_on)
