"""What people may do for their organization: roles given and ended, limits, accounts closed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.kit.money import Cents
from app.kit.rules import Missing, require
from app.kit.states import move
from app.people.access import Actor, live_grants
from app.people.devices import end_devices
from app.people.invitations import check_roles, require_admin
from app.people.model import Invitation, Organization, Person, PersonState, Role, RoleGrant, SignIn
from app.people.rules import locked
from app.people.step import record


@dataclass(frozen=True)
class Colleague:
    """A person as their organization's list shows them: roles held now, or an invitation that waits."""

    person: Person
    roles: tuple[Role, ...]
    limit_cents: Cents | None = None
    invitation: Invitation | None = None


def colleagues(db: Session, organization: Organization) -> list[Colleague]:
    """Everybody who acts for an organization now, by name."""
    query = (
        select(Person, RoleGrant)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(RoleGrant.organization_id == organization.id, col(RoleGrant.ended_at).is_(None))
        .order_by(col(Person.name), col(Person.id))
    )
    grants: dict[int, tuple[Person, list[RoleGrant]]] = {}
    for person, grant in db.exec(query):
        grants.setdefault(person.id, (person, []))[1].append(grant)
    return [colleague_of(person, held) for person, held in grants.values()]


def colleague_of(person: Person, grants: list[RoleGrant]) -> Colleague:
    """The person with these grants."""
    held = {grant.role: grant for grant in grants}
    buyer = held.get(Role.BUYER)
    return Colleague(
        person, tuple(role for role in Role if role in held), buyer.limit_cents if buyer else None
    )


def invited(db: Session, organization: Organization) -> list[Colleague]:
    """Those invited to act for an organization who have not come yet, with their last invitation."""
    query = (
        select(Person, Invitation)
        .join(Invitation, col(Invitation.person_id) == col(Person.id))
        .where(Invitation.organization_id == organization.id)
        .order_by(col(Invitation.id))
    )
    last = {person.id: (person, invitation) for person, invitation in db.exec(query)}
    acting = {colleague.person.id for colleague in colleagues(db, organization)}
    return [
        Colleague(
            person,
            tuple(r for r in Role if r in invitation.roles.split(",")),
            invitation.limit_cents,
            invitation,
        )
        for person, invitation in last.values()
        if invitation.used_at is None and person.id not in acting and person.state != PersonState.DISABLED
    ]


def colleague(db: Session, person: Person, by: Actor) -> Colleague:
    """One person of the organization acted for; raises `Missing` for anybody else."""
    grants = live_grants(db, person.id, by.organization.id)
    if not grants:
        raise Missing
    return colleague_of(person, grants)


def change_roles(
    db: Session, person: Person, roles: frozenset[Role], limit_cents: Cents | None, *, by: Actor, at: datetime
) -> None:
    """Give and end roles so that the person holds exactly these, from the next request on; none ends them all.

    Only an administrator, never the last administrator's own role; raises `Refused`.
    """
    require_admin(by)
    organization = locked(db, by.organization)
    held = {Role(grant.role): grant for grant in live_grants(db, person.id, organization.id)}
    if not held:
        raise Missing
    if roles:
        check_roles(organization.kind, roles, limit_cents)
    if Role.ADMIN in held and Role.ADMIN not in roles:
        _require_another_admin(db, organization, person)
    changed_limit = Role.BUYER in roles and Role.BUYER in held and held[Role.BUYER].limit_cents != limit_cents
    ending = (set(held) - roles) | ({Role.BUYER} if changed_limit else set())
    for role in sorted(ending):
        end_grant(db, held[role], person, by=by, at=at)
    for role in sorted(roles - (set(held) - ending)):
        grant = RoleGrant(
            person_id=person.id, organization_id=organization.id, role=role, granted_at=at,
            limit_cents=limit_cents if role == Role.BUYER else None,
        )  # fmt: skip
        db.add(grant)
        record(
            db, "give_role", grant, by=by, at=at, person=person.pseudonym, role=role, limit=grant.limit_cents,
        )  # fmt: skip
    if not live_grants(db, person.id):
        end_sign_ins(db, person, at=at)


def end_grant(db: Session, grant: RoleGrant, person: Person, *, by: Actor, at: datetime) -> None:
    """End one role."""
    grant.ended_at = at
    record(
        db, "end_role", grant, by=by, at=at, person=person.pseudonym, role=grant.role, limit=grant.limit_cents,
    )  # fmt: skip


def disable(db: Session, person: Person, *, by: Actor, at: datetime) -> None:
    """Close an account for good: roles end, and every place the person is signed in, at once.

    Only an administrator of the one organization the person acts for; raises `Refused`.
    """
    require_admin(by)
    organization = locked(db, by.organization)
    if not live_grants(db, person.id, organization.id):
        raise Missing
    require(person.id != by.person.id, "Somebody else has to close your own account.")
    grants = live_grants(db, person.id)
    require(
        all(grant.organization_id == organization.id for grant in grants),
        "This person acts for another organization too: end their roles here instead.",
    )
    if any(grant.role == Role.ADMIN for grant in grants):
        _require_another_admin(db, organization, person)
    for grant in grants:
        end_grant(db, grant, person, by=by, at=at)
    before = person.state
    move(person, PersonState.DISABLED)
    end_sign_ins(db, person, at=at)
    record(db, "disable", person, by=by, at=at, before=before)


def _require_another_admin(db: Session, organization: Organization, person: Person) -> None:
    query = (
        select(RoleGrant.id)
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(
            RoleGrant.organization_id == organization.id, RoleGrant.role == Role.ADMIN,
            col(RoleGrant.ended_at).is_(None), RoleGrant.person_id != person.id, Person.state == PersonState.ACTIVE,
        )
    )  # fmt: skip
    require(
        db.exec(query).first() is not None,
        "This is the last administrator of %(organization)s: make somebody else one first.",
        field="admin", organization=organization.name,
    )  # fmt: skip


def end_sign_ins(db: Session, person: Person, *, at: datetime, but: SignIn | None = None) -> int:
    """Sign a person out everywhere (but here), desktop programs too; returns in how many places."""
    end_devices(db, person, at=at, but=but.device_id if but else None)
    query = select(SignIn).where(SignIn.person_id == person.id, col(SignIn.ended_at).is_(None))
    rows = [row for row in db.exec(query) if but is None or row.id != but.id]
    for row in rows:
        row.ended_at = at
    return len(rows)
