"""Organizations: they apply, the fund verifies or rejects them, they keep their own details."""

from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from app.kit.rules import Missing, Refused, require
from app.kit.states import move
from app.people import vat_checks
from app.people.access import Actor, organizations_of, require_role
from app.people.forms import ApplyForm, ContactForm, IdentityForm
from app.people.identifiers import registration_number, vat_number
from app.people.interests import stand_aside
from app.people.invitations import Invited, invite_first_person
from app.people.model import (
    Kind,
    Organization,
    OrganizationState,
    Role,
)  # fmt: skip
from app.people.step import record

PAGE = 40

FIRST_ROLES = {
    Kind.CORPORATE: frozenset({Role.ADMIN, Role.MEMBER}),
    Kind.MAINTAINER: frozenset({Role.ADMIN, Role.MEMBER}),
}

CONTACT = ("street", "postcode", "city", "email", "about")
IDENTITY = ("name", "country", "legal_form", "is_public_body")


def apply(db: Session, form: ApplyForm, *, base_url: str, at: datetime) -> Invited | None:
    """Ask for a place: the organization waits for the fund, its first person gets a mail that confirms the address.

    Returns None, and does nothing, where this was asked already by the same person or the address is closed.
    """
    number = registration_number(form.registration_number, form.country)
    vat = vat_number(form.vat_number, form.country, number)
    known = _of_number(db, number, form.country)
    if known is not None:
        require(
            known.state == OrganizationState.APPLIED and known.email == form.email,
            "An organization with this number is here already. Ask its administrator to invite you.",
            field="registration_number",
        )
        return None
    organization = Organization(
        name=form.name, kind=form.kind, is_public_body=form.is_public_body, legal_form=form.legal_form,
        registration_number=number, vat_number=vat, street=form.street, postcode=form.postcode, city=form.city,
        country=form.country, email=form.email, about=form.about, applied_at=at,
    )  # fmt: skip
    db.add(organization)
    db.flush()
    vat_checks.ask(db, organization, at=at)
    return invite_first_person(
        db, organization, name=form.person_name, email=form.person_email, language=form.language,
        roles=FIRST_ROLES[Kind(form.kind)], base_url=base_url, at=at,
    )  # fmt: skip


def _of_number(db: Session, number: str, country: str) -> Organization | None:
    query = select(Organization).where(
        Organization.registration_number == number,
        Organization.country == country,
        Organization.state != OrganizationState.REJECTED,
    )
    return db.exec(query).first()


def verify(db: Session, organization: Organization, *, by: Actor, at: datetime) -> Organization:
    """Let the organization act: it was checked. Only an officer without a tie to it; raises `Refused`."""
    return _decide(db, organization, "verify", OrganizationState.VERIFIED, by=by, at=at, first=True)


def reject(db: Session, organization: Organization, reason: str, *, by: Actor, at: datetime) -> Organization:
    """Turn an application down, with a reason its people read."""
    return _decide(db, organization, "reject", OrganizationState.REJECTED, by=by, at=at, reason=reason)


def suspend(db: Session, organization: Organization, reason: str, *, by: Actor, at: datetime) -> Organization:
    """Stop an organization from taking on anything new, with a reason its people read."""
    return _decide(db, organization, "suspend", OrganizationState.SUSPENDED, by=by, at=at, reason=reason)


def reinstate(db: Session, organization: Organization, *, by: Actor, at: datetime) -> Organization:
    """Let a suspended organization act again."""
    return _decide(db, organization, "reinstate", OrganizationState.VERIFIED, by=by, at=at, first=False)


def _decide(
    db: Session, organization: Organization, act: str, after: OrganizationState, *,
    by: Actor, at: datetime, reason: str = "", first: bool | None = None,
) -> Organization:  # fmt: skip
    require_role(by, Role.OFFICER)
    require(organization.kind != Kind.FUND, "The fund does not decide about itself.")
    aside = stand_aside(db, by, {organization.id}, at=at)
    if after in (OrganizationState.REJECTED, OrganizationState.SUSPENDED):
        require(reason.strip(), "Please write the reason: the organization reads it.", field="reason")
    organization = locked(db, organization)
    before = organization.state
    move(organization, after)
    if first is not None and (before == OrganizationState.APPLIED) != first:
        raise Refused("This was already decided: the page you acted on is out of date.", status=409)
    organization.decided_at, organization.decision_reason = at, reason.strip()
    record(db, act, organization, by=by, at=at, before=before, reason=reason.strip(), aside=aside)
    return organization


def locked(db: Session, organization: Organization) -> Organization:
    """The organization as it is now, held until the end of the transaction."""
    query = select(Organization).where(Organization.id == organization.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def change_contact(
    db: Session, organization: Organization, form: ContactForm, *, by: Actor, at: datetime
) -> Organization:
    """Change how an organization is reached. Only its administrator; raises `Refused`."""
    _require_own_admin(by, organization)
    _write(db, organization, {name: getattr(form, name) for name in CONTACT}, by=by, at=at)
    return organization


def change_identity(
    db: Session, organization: Organization, form: IdentityForm, *, by: Actor, at: datetime
) -> Organization:
    """Change what the fund verifies, which is only possible while it has not; raises `Refused`."""
    _require_own_admin(by, organization)
    organization = locked(db, organization)
    require(
        may_change_identity(organization),
        "The fund has verified the name and the numbers: ask it to suspend your organization before you change them.",
        status=409,
    )
    number = registration_number(form.registration_number, form.country)
    other = _of_number(db, number, form.country)
    require(
        other is None or other.id == organization.id,
        "An organization with this number is here already. Ask its administrator to invite you.",
        field="registration_number",
    )
    values = {name: getattr(form, name) for name in (*CONTACT, *IDENTITY)}
    values |= {"registration_number": number, "vat_number": vat_number(form.vat_number, form.country, number)}
    _write(db, organization, values, by=by, at=at)
    vat_checks.ask(db, organization, at=at)
    return organization


def may_change_identity(organization: Organization) -> bool:
    """Whether name and numbers may still be changed: not while the fund stands for them."""
    return organization.state in (OrganizationState.APPLIED, OrganizationState.SUSPENDED)


def _write(
    db: Session, organization: Organization, values: dict[str, object], *, by: Actor, at: datetime
) -> None:
    changed = sorted(name for name, value in values.items() if getattr(organization, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(organization, name, values[name])
    record(db, "change_details", organization, by=by, at=at, before=organization.state, changed=changed)


def _require_own_admin(by: Actor, organization: Organization) -> None:
    if by.organization.id != organization.id or not by.has(Role.ADMIN):
        raise Refused("Only an administrator of the organization changes its details.", status=403)


def is_own(db: Session, organization: Organization, by: Actor | None) -> bool:
    """Whether the person holds a role in this organization now."""
    return by is not None and any(found.id == organization.id for found in organizations_of(db, by.person))


def require_visible(db: Session, organization: Organization, by: Actor | None) -> bool:
    """Whether the reader sees all details; raises `Missing` where they may not even see that it exists."""
    if by is not None and (by.sees_everything or is_own(db, organization, by)):
        return True
    if organization.state not in (OrganizationState.VERIFIED, OrganizationState.SUSPENDED):
        raise Missing
    return False


def list_organizations(
    db: Session, *, state: str = "", text: str = "", before: str = ""
) -> tuple[list[Organization], str | None]:
    """A page of organizations, the newest first, and the public name the next page begins after."""
    query = select(Organization)
    if state:
        query = query.where(Organization.state == state)
    if text:
        part = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(col(Organization.name).ilike(part), col(Organization.registration_number).like(part))
        )
    if before:
        last = db.exec(select(Organization.id).where(Organization.public_id == before)).first()
        query = query.where(col(Organization.id) < (last or 0))
    found = list(db.exec(query.order_by(col(Organization.id).desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].public_id if len(found) > PAGE else None


def count_by_state(db: Session) -> dict[str, int]:
    """How many organizations stand in each state."""
    counted = db.exec(select(Organization.state, func.count()).group_by(Organization.state))
    return dict(counted.all())
