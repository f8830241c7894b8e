"""Whether a call may go out without VAT: only on the register's word that the backer's VAT number is real."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from app.campaigns.model import Part, Pledge
from app.documents.vat import Kind
from app.people import vat_checks
from app.people.model import Organization


def is_proven(db: Session, pledge: Pledge, parts: Iterable[Part], fee_kind: Kind, *, at: datetime) -> bool:
    """Whether a call may go out now: nothing in it relies on the backer's VAT number, or the register confirmed it.

    Where it does not go out, the register is asked.
    """
    if fee_kind != Kind.REVERSE_CHARGE and all(part.vat_kind != Kind.REVERSE_CHARGE for part in parts):
        return True
    buyer = db.get_one(Organization, pledge.organization_id)
    if vat_checks.proof(db, buyer, at=at):
        return True
    vat_checks.ask(db, buyer, at=at)
    return False
