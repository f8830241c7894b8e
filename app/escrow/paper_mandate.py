"""The mandate on paper, to be signed and sent back."""

from sqlmodel import Session

from app.documents.document import render
from app.documents.mandate import DebitMandate
from app.escrow import mandates
from app.kit.clock import day_of
from app.people.operator import fund_of, operator_of, party_of
from app.rails.bank.model_mandates import BankMandate

NAMES = {"fr": "mandat", "en": "mandate"}


def paper_of(db: Session, mandate: BankMandate, language: str) -> DebitMandate:
    """The mandate as it was written down, as a paper in this language."""
    return DebitMandate(
        reference=mandate.reference, scheme=mandate.scheme, creditor=mandate.creditor, creditor_id=mandate.creditor_id,
        operator=party_of(fund_of(db)), debtor=party_of(mandates.payer_of(db, mandate)), holder=mandate.holder,
        iban=mandate.iban, notice_days=mandate.notice_days,
        issued_on=day_of(mandate.asked_at, operator_of(db).zone), language=language,
    )  # fmt: skip


def mandate_pdf(db: Session, mandate: BankMandate, language: str) -> bytes:
    """The mandate as a PDF."""
    return render(paper_of(db, mandate, language))


def file_name(mandate: BankMandate, language: str) -> str:
    """What the file is called when it is kept: "mandat-JALON-M2026-0001.pdf"."""
    return f"{NAMES[language]}-{mandate.reference}.pdf"
