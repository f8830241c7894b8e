"""Links by which people come in: sent by mail, used once, good for fourteen days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.kit.money import Cents
from app.kit.outbox import put
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.people.access import Actor, live_grants
from app.people.forms import InviteForm
from app.people.model import (
    ROLES_OF,
    Invitation,
    Kind,
    Organization,
    OrganizationState,
    Person,
    PersonState,
    Role,
)  # fmt: skip
from app.people.operator import zone_of
from app.people.step import record
from app.people.tokens import hash_of, new_token

GOOD_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Invited:
    """Somebody invited, and the secret of their link (known here only, and in the mail)."""

    person: Person
    invitation: Invitation
    token: str


def check_roles(kind: str, roles: frozenset[Role], limit_cents: Cents | None) -> None:
    """Raise `Refused` unless these roles may be held together in such an organization."""
    require(roles, "Please choose at least one role.", field="")
    require(
        roles <= set(ROLES_OF[Kind(kind)]), "This role does not exist in this kind of organization.", field=""
    )
    require(
        Role.AUDITOR not in roles or len(roles) == 1,
        "An auditor holds no other role here: they read everything and change nothing.",
        field="auditor",
    )
    require(
        Role.BUYER not in roles or limit_cents is not None,
        "Please enter up to what amount a year this buyer signs alone.",
        field="limit",
    )


def require_may_invite(by: Actor) -> None:
    """Go on only for an administrator of an organization the fund has not turned down; raises `Refused` (403)."""
    require_admin(by)
    require(
        by.organization.state != OrganizationState.REJECTED,
        "Your organization was turned down by the fund: it cannot invite anybody.",
        status=403,
    )


def invite(db: Session, form: InviteForm, *, base_url: str, by: Actor, at: datetime) -> Invited:
    """Invite somebody to act for one's organization. Only its administrator; raises `Refused`."""
    require_may_invite(by)
    roles = form.roles()
    check_roles(by.organization.kind, roles, form.limit)
    person = _person_of(db, form.email, name=form.name, language=form.language, at=at)
    require(
        person.state != PersonState.DISABLED,
        "The account of this address was closed. Please use another address.",
        field="email",
    )
    require(
        not live_grants(db, person.id, by.organization.id),
        "This person acts for your organization already: change their roles instead.",
        field="email",
    )
    limit = form.limit if Role.BUYER in roles else None
    return _send(
        db, person, by.organization, roles=roles, limit_cents=limit, base_url=base_url, by=by, at=at,
        invited_by_id=by.person.id,
    )  # fmt: skip


def invite_first_person(
    db: Session, organization: Organization, *, name: str, email: str, language: str, roles: frozenset[Role],
    base_url: str, at: datetime,
) -> Invited | None:  # fmt: skip
    """Ask the first person of a new organization to confirm their address; None where that address is closed."""
    person = _person_of(db, email, name=name, language=language, at=at)
    themselves = Actor(person, organization, frozenset())
    record(db, "apply", organization, by=themselves, at=at, kind=organization.kind)
    if person.state == PersonState.DISABLED:
        return None
    return _send(
        db, person, organization, roles=roles, limit_cents=None, base_url=base_url, by=themselves, at=at,
        invited_by_id=None,
    )  # fmt: skip


def _person_of(db: Session, email: str, *, name: str, language: str, at: datetime) -> Person:
    found = db.exec(select(Person).where(Person.email == email)).first()
    if found is None:
        found = Person(name=name, email=email, language=language, created_at=at)
        db.add(found)
        db.flush()
    return found


def _send(
    db: Session, person: Person, organization: Organization, *, roles: frozenset[Role],
    limit_cents: Cents | None, base_url: str, by: Actor, at: datetime, invited_by_id: int | None,
) -> Invited:  # fmt: skip
    for earlier in waiting_invitations(db, organization, at, person=person):
        earlier.expires_at = at
    if person.state == PersonState.EXPIRED:
        move(person, PersonState.INVITED)
    token = new_token()
    invitation = Invitation(
        token_hash=hash_of(token), person_id=person.id, organization_id=organization.id,
        roles=",".join(sorted(roles)), limit_cents=limit_cents, invited_by_id=invited_by_id,
        created_at=at, expires_at=at + GOOD_FOR,
    )  # fmt: skip
    db.add(invitation)
    record(
        db, "invite", invitation, by=by, at=at, person=person.pseudonym, roles=sorted(roles), limit=limit_cents,
    )  # fmt: skip
    put(
        db, "mail", f"mail:invitation:{invitation.id}", at,
        to=person.email, template="invitation", language=person.language, zone=zone_of(db),
        facts={
            "link": f"{base_url}/invitations/{token}",
            "name": person.name,
            "organization": organization.name,
            "invited_by": by.person.name if invited_by_id else "",
            "until": invitation.expires_at.isoformat(),
        },
    )  # fmt: skip
    return Invited(person, invitation, token)


def invitation_of(db: Session, token: str, *, lock: bool = False) -> Invitation:
    """The invitation behind a link, whether still good or not; raises `Missing`."""
    query = select(Invitation).where(Invitation.token_hash == hash_of(token))
    found = db.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise Missing
    return found


def is_good(invitation: Invitation, at: datetime) -> bool:
    """Whether the link can still be used."""
    return invitation.used_at is None and invitation.expires_at > at


def roles_of(invitation: Invitation) -> list[Role]:
    """The roles an invitation brings."""
    return [role for role in Role if role in invitation.roles.split(",")]


def waiting_invitations(
    db: Session, organization: Organization, at: datetime, *, person: Person | None = None
) -> list[Invitation]:
    """The invitations to act for an organization that can still be used."""
    query = select(Invitation).where(
        Invitation.organization_id == organization.id,
        col(Invitation.used_at).is_(None),
        col(Invitation.expires_at) > at,
    )
    if person is not None:
        query = query.where(Invitation.person_id == person.id)
    return list(db.exec(query.order_by(col(Invitation.id))))


def last_invitation(db: Session, organization: Organization, person: Person) -> Invitation:
    """The last invitation of a person to an organization they do not act for yet; raises `Missing`."""
    query = select(Invitation).where(
        Invitation.organization_id == organization.id, Invitation.person_id == person.id
    )
    found = db.exec(query.order_by(col(Invitation.id).desc())).first()
    if found is None or found.used_at is not None:
        raise Missing
    return found


def send_again(db: Session, person: Person, *, base_url: str, by: Actor, at: datetime) -> Invited:
    """Send a new link; the earlier one stops working. Only the organization's administrator."""
    require_admin(by)
    earlier = last_invitation(db, by.organization, person)
    roles = frozenset(roles_of(earlier))
    return _send(
        db, person, by.organization, roles=roles, limit_cents=earlier.limit_cents, base_url=base_url, by=by, at=at,
        invited_by_id=by.person.id,
    )  # fmt: skip


def take_back(db: Session, person: Person, *, by: Actor, at: datetime) -> None:
    """Make an invitation's link useless before anybody used it. Only the organization's administrator."""
    require_admin(by)
    here = select(Invitation.id).where(
        Invitation.organization_id == by.organization.id, Invitation.person_id == person.id
    )
    if db.exec(here).first() is None:
        raise Missing  # whoever was never invited here is not told from nobody
    waiting = waiting_invitations(db, by.organization, at, person=person)
    if not waiting:
        raise Conflict("This invitation was used or ended already.")
    for invitation in waiting:
        invitation.expires_at = at
        record(db, "take_back_invitation", invitation, by=by, at=at, person=person.pseudonym)
    _expire(db, person, by=by, at=at)


def renew(db: Session, token: str, *, base_url: str, at: datetime) -> Invited:
    """Send a new link to the first person of an organization that applied, whose link came too late.

    Whoever was invited by somebody asks them instead; raises `Refused`.
    """
    earlier = invitation_of(db, token, lock=True)
    person = db.get_one(Person, earlier.person_id)
    organization = db.get_one(Organization, earlier.organization_id)
    require(earlier.invited_by_id is None, "Please ask who invited you for a new link.")
    last = last_invitation(db, organization, person)
    require(last.id == earlier.id, "A newer link is in your mail already.", status=409)
    require(not is_good(earlier, at), "This link still works.", status=409)
    return _send(
        db, person, organization, roles=frozenset(roles_of(earlier)), limit_cents=None, base_url=base_url,
        by=Actor(person, organization, frozenset()), at=at, invited_by_id=None,
    )  # fmt: skip


def require_admin(by: Actor) -> None:
    """Go on only for an administrator of the organization acted for; raises `Refused` (403)."""
    if not by.has(Role.ADMIN):
        raise Refused("Only an administrator of your organization manages its people.", status=403)


def _expire(db: Session, person: Person, *, by: Actor | None, at: datetime) -> None:
    if person.state != PersonState.INVITED:
        return
    query = select(Invitation.id).where(
        Invitation.person_id == person.id, col(Invitation.used_at).is_(None), col(Invitation.expires_at) > at
    )
    if db.exec(query).first() is None:
        move(person, PersonState.EXPIRED)
        record(db, "invitation_lapsed", person, by=by, at=at, before=PersonState.INVITED)


def expire_invitations(db: Session, *, at: datetime, most: int = 100) -> int:
    """Close the wait of invited people whose every link has run out; for the worker's clock. Returns how many."""
    good = select(Invitation.person_id).where(
        col(Invitation.used_at).is_(None), col(Invitation.expires_at) > at
    )
    query = select(Person).where(Person.state == PersonState.INVITED, col(Person.id).not_in(good))
    people = list(db.exec(query.order_by(col(Person.id)).limit(most).with_for_update(skip_locked=True)))
    for person in people:
        _expire(db, person, by=None, at=at)
    return len(people)
