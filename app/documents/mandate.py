"""The mandate for SEPA direct debits: what a payer signs so that its bank account may be debited."""

from dataclasses import dataclass
from datetime import date

from app.documents import spelling
from app.documents.party import Party
from app.documents.sheet import Sheet
from app.documents.spelling import grouped
from app.documents.texts import Texts


@dataclass(frozen=True)
class DebitMandate:
    """One mandate to be signed, or as it was signed. `creditor` is the holder of the account that is paid."""

    reference: str
    scheme: str
    creditor: str
    creditor_id: str
    operator: Party
    debtor: Party
    holder: str
    iban: str
    notice_days: int
    issued_on: date
    language: str
    signed_on: date | None = None

    @property
    def is_draft(self) -> bool:
        return False

    def name(self) -> str:
        return f"{self._texts()(f'mandate_{self.scheme}')} {self.reference}"

    def draw(self, sheet: Sheet) -> None:
        texts = self._texts()
        sheet.opening(texts(f"mandate_{self.scheme}"), self.reference)
        sheet.facts([
            (texts("reference"), self.reference),
            (texts("creditor_id"), self.creditor_id),
            (texts("type"), texts("recurrent")),
            (texts("notice"), self._notice(texts)),
        ])  # fmt: skip
        sheet.parties([(texts("creditor"), self.operator), (texts("debtor"), self.debtor)])
        sheet.heading(texts("account"))
        # The account that is paid may be held by somebody else for the operator: a notary, an institution.
        paid = self.creditor if self.creditor != self.operator.name else ""
        sheet.facts(
            [(texts("holder"), self.holder), ("IBAN", grouped(self.iban)), (texts("creditor_account"), paid)],
            columns=2,
        )
        sheet.heading(texts("rights"))
        for paragraph in texts(f"rights_{self.scheme}", creditor=self.creditor).split("\n"):
            sheet.text(paragraph)
        signed = spelling.day(self.signed_on, self.language) if self.signed_on else ""
        sheet.signatures(texts("sign"), texts("sign_note"), [[
            (texts("name"), ""), (texts("place"), ""), (texts("signed_on"), signed),
        ]])  # fmt: skip
        sheet.small(texts("send", creditor=self.creditor))
        if self.scheme == "B2B":
            sheet.small(texts("send_B2B"))

    def _notice(self, texts: Texts) -> str:
        return texts("day") if self.notice_days == 1 else texts("days", days=str(self.notice_days))

    def _texts(self) -> Texts:
        return Texts("mandate", self.language, self.issued_on)
