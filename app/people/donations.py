"""Where somebody who wants to give, not buy, is sent: to the operator, by an address and words of its own."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from app.kit.rules import Missing, require
from app.people.access import Actor, require_role
from app.people.model import Operator, Role
from app.people.operator import operator_of
from app.people.step import record


def tell_where_gifts_go(db: Session, *, address: str, words: str, by: Actor, at: datetime) -> Operator:
    """Say where the operator takes gifts; without an address people are asked to write to it. Jalon takes none."""
    require_role(by, Role.OFFICER, Role.ADMIN)
    if not by.is_fund:
        raise Missing
    require_safe(address)
    operator = operator_of(db)
    operator.donations_address, operator.donations_words = address.strip(), words.strip()
    record(db, "tell where gifts go", operator, by=by, at=at, address=operator.donations_address)
    return operator


def require_safe(address: str) -> None:
    """Raise `Refused` unless this is an https address, or none at all."""
    parts = urlsplit(address.strip())
    is_page = parts.scheme == "https" and "." in (parts.hostname or "") and parts.username is None
    require(
        not address.strip() or is_page, "Please enter an address that begins with https://.",
        field="donations_address",
    )  # fmt: skip
