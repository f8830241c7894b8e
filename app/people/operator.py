"""The chapter that runs this Jalon: set once, at first start, and printed on papers."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from app.documents.party import Party
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.people.access import Actor, actor_for
from app.people.identifiers import registration_number, spaced, vat_number
from app.people.model import (
    Kind,
    Operator,
    Organization,
    OrganizationState,
    Person,
    PersonState,
    Role,
    RoleGrant,
)  # fmt: skip
from app.people.step import record

if TYPE_CHECKING:
    from app.people.forms import StartForm

ONLY = 1
ZONE_BEFORE_START = "Europe/Paris"


def start_code(settings: Settings) -> str:
    """What the server prints at first start, so that only who runs it can become the operator. Kept nowhere."""
    seal = hmac.digest(settings.secret_key.get_secret_value().encode(), b"the start code", hashlib.sha256)
    letters = base64.b32encode(seal)[:12].decode()
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def is_start_code(typed: str, settings: Settings) -> bool:
    """Whether this is the code that was printed, however it was spaced."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return hmac.compare_digest(plain.encode(), start_code(settings).replace("-", "").encode())


def operator_if_any(db: Session) -> Operator | None:
    """The operator, or None before the first start."""
    return db.get(Operator, ONLY)


def zone_of(db: Session) -> str:
    """The zone in which pages and mails tell times: the operator's."""
    operator = operator_if_any(db)
    return operator.zone if operator else ZONE_BEFORE_START


def operator_of(db: Session) -> Operator:
    """The operator's settings: currency, zone, fee. Raises `Conflict` before the first start."""
    operator = operator_if_any(db)
    if operator is None:
        raise Conflict("This Jalon has no operator yet: open its start page first.")
    return operator


def fund_of(db: Session) -> Organization:
    """The organization that runs this Jalon. Raises `Conflict` before the first start."""
    return db.get_one(Organization, operator_of(db).organization_id)


def party_of(organization: Organization) -> Party:
    """The organization as papers name it."""
    number = organization.registration_number
    label = "SIREN" if organization.country == "FR" else ""
    lines = (organization.street, f"{organization.postcode} {organization.city}".strip())
    return Party(
        name=organization.name,
        legal_form=organization.legal_form,
        identifiers=((label, spaced(number)),) if number else (),
        address_lines=tuple(line for line in lines if line),
        country=organization.country,
        vat_number=organization.vat_number or None,
        email=organization.email or None,
    )


def found_operator(db: Session, form: "StartForm", *, password_hash: str, at: datetime) -> Actor:
    """Set the operator and its first person, an officer and administrator. Raises `Conflict` when it is set."""
    if operator_if_any(db) is not None:
        raise Conflict("This Jalon has its operator already: please sign in.")
    organization = Organization(
        name=form.name, kind=Kind.FUND, is_public_body=form.is_public_body, state=OrganizationState.VERIFIED,
        legal_form=form.legal_form, registration_number=registration_number(form.registration_number, form.country),
        vat_number=vat_number(form.vat_number, form.country), street=form.street, postcode=form.postcode,
        city=form.city, country=form.country, email=form.email, about=form.about, applied_at=at, decided_at=at,
    )  # fmt: skip
    person = Person(
        name=form.person_name, email=form.person_email, password_hash=password_hash,
        language=form.person_language, state=PersonState.ACTIVE, created_at=at,
    )  # fmt: skip
    db.add_all((organization, person))
    db.flush()
    db.add(Operator(
        id=ONLY, organization_id=organization.id, currency=form.currency, languages=form.languages, zone=form.zone,
        fee_basis_points=form.fee, legal_note=form.legal_note,
        donations_address=form.donations_address.strip(), donations_words=form.donations_words.strip(),
    ))  # fmt: skip
    for role in (Role.ADMIN, Role.OFFICER):
        db.add(RoleGrant(person_id=person.id, organization_id=organization.id, role=role, granted_at=at))
    db.flush()
    actor = actor_for(db, person, organization)
    record(
        db, "found_operator", organization, by=actor, at=at, fee_basis_points=form.fee, currency=form.currency
    )
    record(db, "confirm_address", person, by=actor, at=at, before=PersonState.INVITED)
    return actor
