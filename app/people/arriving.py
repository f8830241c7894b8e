"""Coming in by an invitation: as somebody new, or for one more organization."""

from datetime import datetime

from sqlmodel import Session

from app.kit.rules import Conflict, require
from app.kit.states import move
from app.people.access import Actor, actor_for, live_grants
from app.people.invitations import invitation_of, roles_of
from app.people.model import Invitation, Organization, Person, PersonState, Role, RoleGrant
from app.people.step import record


def accept(
    db: Session, token: str, *, name: str, language: str, password_hash: str, at: datetime
) -> Actor:  # fmt: skip
    """Come in for the first time: the person chose a password and is active from now on."""
    invitation, person = _usable(db, token, at)
    if person.state != PersonState.INVITED:
        raise Conflict("You have a password here already: please sign in to accept.")
    person.name, person.language, person.password_hash = name, language, password_hash
    move(person, PersonState.ACTIVE)
    actor = _take_up(db, invitation, person, at=at)
    record(db, "confirm_address", person, by=actor, at=at, before=PersonState.INVITED)
    return actor


def join(db: Session, token: str, *, by: Actor, at: datetime) -> Actor:
    """Act for one more organization: an invitation taken up by somebody who has a password already."""
    invitation, person = _usable(db, token, at)
    require(
        person.id == by.person.id,
        "This invitation is for somebody else: sign in as the person it was sent to.",
        status=403,
    )
    return _take_up(db, invitation, person, at=at)


def _usable(db: Session, token: str, at: datetime) -> tuple[Invitation, Person]:
    invitation = invitation_of(db, token, lock=True)
    if invitation.used_at is not None:
        raise Conflict("This invitation was used already: please sign in.")
    if invitation.expires_at <= at:
        raise Conflict("This invitation is no longer good.")
    person = db.get_one(Person, invitation.person_id)
    if person.state == PersonState.DISABLED:
        raise Conflict("This invitation is no longer good.")
    if invitation.invited_by_id is not None:
        inviter = live_grants(db, invitation.invited_by_id, invitation.organization_id)
        require(
            any(grant.role == Role.ADMIN for grant in inviter),
            "Who invited you is no longer an administrator there: please ask for a new invitation.",
            status=409,
        )
    return invitation, person


def _take_up(db: Session, invitation: Invitation, person: Person, *, at: datetime) -> Actor:
    invitation.used_at = at
    organization = db.get_one(Organization, invitation.organization_id)
    held = {grant.role for grant in live_grants(db, person.id, organization.id)}
    for role in roles_of(invitation):
        if role not in held:
            limit = invitation.limit_cents if role == Role.BUYER else None
            db.add(RoleGrant(
                person_id=person.id, organization_id=organization.id, role=role, limit_cents=limit, granted_at=at,
            ))  # fmt: skip
    db.flush()
    actor = actor_for(db, person, organization)
    record(
        db, "accept_invitation", invitation, by=actor, at=at, roles=invitation.roles.split(","),
        limit=invitation.limit_cents,
    )  # fmt: skip
    return actor
