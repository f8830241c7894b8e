"""VAT numbers looked up in the European register: a sale to another country goes out without VAT only on its word.

The seller may take a customer for a taxable person once the register has confirmed the number (Implementing Regulation
(EU) 282/2011, article 18(1)(a)). The answer is kept with its date and consultation number.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.documents.vat import in_union
from app.kit import outbox
from app.kit.db import Database
from app.kit.fetching import Fetched, NotAllowed, Unreachable
from app.kit.outbox import Outgoing
from app.kit.rules import Conflict, require
from app.kit.settings import Settings
from app.kit.words import N_, _
from app.people.access import Actor, require_role
from app.people.identifiers import vat_number
from app.people.model import Operator, Organization, Role
from app.people.model_vat import VatCheck
from app.people.step import record
from app.registers import vies
from app.registers.vies import Found, Verdict

TOPIC = "vat number"
# How old the register's yes may be when a sale relies on it.
GOOD_FOR = timedelta(days=30)
MOST_TRIES = 4
UNREACHABLE = "unreachable"
UNKNOWN = Found.UNKNOWN
CLEAR = (Found.VALID, Found.UNKNOWN)

FOUND_WORDS = {
    Found.VALID: (N_("Confirmed by VIES"), "done"),
    Found.UNKNOWN: (N_("Not known to VIES"), "bad"),
    Found.UNCLEAR: (N_("VIES gave no clear answer"), "hollow"),
    UNREACHABLE: (N_("VIES did not answer"), "hollow"),
}


def is_registered_there(organization: Organization) -> bool:
    """Whether the register would know this organization's number: it has one, of a country of the Union."""
    return bool(organization.vat_number) and in_union(organization.country)


def ask(db: Session, organization: Organization, *, at: datetime) -> None:
    """Have the worker look the number up; at most once an hour for the same number."""
    if not is_registered_there(organization):
        return
    db.flush()
    number = organization.vat_number
    key = f"vat:{organization.public_id}:{number}:{at:%Y%m%d%H}"
    outbox.put(db, TOPIC, key, at, organization=organization.id, number=number)


def ask_again(db: Session, organization: Organization, *, by: Actor, at: datetime) -> None:
    """An officer has the number looked up once more. Raises `Conflict` where there is none to look up."""
    require_role(by, Role.OFFICER)
    if not is_registered_there(organization):
        raise Conflict("This organization has no VAT number of a country of the European Union.")
    ask(db, organization, at=at)
    record(db, "ask register", organization, by=by, at=at, before=organization.state)


def check(database: Database, settings: Settings, key: str, body: dict[str, Any], at: datetime) -> None:
    """Look one number up and keep the answer. Raises `Unreachable` to be asked again, a few times."""
    organization_id, number = int(body["organization"]), str(body["number"])
    with database.reading() as db:
        asker = _own_number(db)
        tries = db.exec(select(Outgoing.attempts).where(Outgoing.key == key)).first() or MOST_TRIES
    said, answer = None, Fetched(0, b"")
    try:
        if settings.vat_register:
            said, answer = vies.ask(settings.vat_register, number, asker, inside=settings.asks_inside)
    except NotAllowed:
        said = Verdict(Found.UNCLEAR)
    except Unreachable:
        if tries < MOST_TRIES:
            raise
    if said is not None and said.found == Found.UNCLEAR and tries < MOST_TRIES:
        raise Unreachable("no clear answer")
    database.run(lambda db: _keep(db, organization_id, number, asker, said, answer, at))


def latest(db: Session, organization: Organization) -> VatCheck | None:
    """The newest answer about the number the organization has now, clear or not."""
    return db.exec(_about(organization)).first()


def proof(db: Session, organization: Organization, *, at: datetime) -> VatCheck | None:
    """The register's yes to the present number, if it is its last clear word and not older than thirty days."""
    clear = db.exec(_about(organization).where(col(VatCheck.found).in_(CLEAR))).first()
    return clear if clear and clear.found == Found.VALID and clear.at > at - GOOD_FOR else None


def found_word(found: str) -> tuple[str, str]:
    """What the register said in words, and the shape of its mark."""
    word, shape = FOUND_WORDS[found]
    return _(word), shape


def may_correct(db: Session, organization: Organization) -> bool:
    """Whether the number may be corrected without the fund: the register does not know the one that is there."""
    last = latest(db, organization)
    return last is not None and last.found == Found.UNKNOWN


def correct(db: Session, organization: Organization, typed: str, *, by: Actor, at: datetime) -> Organization:
    """Put a number right that the register does not know; it is looked up anew. Only the own administrator."""
    require_role(by, Role.ADMIN)
    if by.organization.id != organization.id or not may_correct(db, organization):
        raise Conflict("The VAT number can be corrected here only where VIES does not know it.")
    registration = organization.registration_number if organization.country == "FR" else ""
    number = vat_number(typed, organization.country, registration)
    require(number, "Please enter the VAT number.", field="vat_number")
    require(
        number != organization.vat_number, "This is the number VIES does not know. Please check each character.",
        field="vat_number",
    )  # fmt: skip
    organization.vat_number = number
    record(
        db, "change_details", organization, by=by, at=at, before=organization.state, changed=["vat_number"]
    )
    ask(db, organization, at=at)
    return organization


def _about(organization: Organization) -> SelectOfScalar[VatCheck]:
    return (
        select(VatCheck)
        .where(VatCheck.organization_id == organization.id, VatCheck.number == organization.vat_number)
        .order_by(col(VatCheck.id).desc())
        .limit(1)
    )


def _own_number(db: Session) -> str:
    query = select(Organization).join(Operator, col(Operator.organization_id) == col(Organization.id))
    own = db.exec(query).first()
    return own.vat_number if own and is_registered_there(own) else ""


def _keep(
    db: Session,
    organization_id: int,
    number: str,
    asker: str,
    said: Verdict | None,
    answer: Fetched,
    at: datetime,
) -> None:
    organization = db.get_one(Organization, organization_id)
    kept = VatCheck(
        organization_id=organization_id, number=number, asker=asker, at=at,
        found=said.found.value if said else UNREACHABLE,
        consultation=said.consultation if said else "", name=said.name if said else "",
        status=answer.status, body_hash=hashlib.sha256(answer.body).hexdigest() if answer.body else "",
    )  # fmt: skip
    db.add(kept)
    record(
        db, "check VAT number", organization, by=None, at=at, before=organization.state,
        found=kept.found, consultation=kept.consultation, hash=kept.body_hash,
    )  # fmt: skip
