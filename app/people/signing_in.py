"""Signing in and out: who is let in, and the places where a person is signed in."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.kit.rules import Missing, Refused, require
from app.kit.words import N_
from app.people.access import Actor, acting_with, organizations_of
from app.people.attempts import Visit, count_wrong, has_to_wait, one_at_a_time
from app.people.model import Device, Organization, Person, PersonState, RoleGrant, SignIn
from app.people.passwords import matches
from app.people.tokens import hash_of, new_token

IDLE = timedelta(days=14)
LONGEST = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=10)

# Asked on every request, so they are built once.
_BEHIND_COOKIE = (
    select(SignIn, Person)
    .join(Person, col(Person.id) == col(SignIn.person_id))
    .where(
        SignIn.token_hash == bindparam("token"), col(SignIn.ended_at).is_(None),
        col(SignIn.expires_at) > bindparam("at"), col(SignIn.seen_at) > bindparam("idle"),
        Person.state == PersonState.ACTIVE,
    )
)  # fmt: skip
_HELD = (
    select(RoleGrant, Organization)
    .join(Organization, col(Organization.id) == col(RoleGrant.organization_id))
    .where(RoleGrant.person_id == bindparam("person"), col(RoleGrant.ended_at).is_(None))
    .order_by(col(Organization.id), col(RoleGrant.id))
)

WAIT = N_("Too many attempts: please wait a quarter of an hour.")
WRONG = N_("The e-mail address or the password is not right.")


def is_right(db: Session, email: str, password: str, visit: Visit, *, memory_kib: int, at: datetime) -> bool:
    """Whether this is the password of an active person. Takes as long where there is no such account.

    Needs no transaction of its own and takes a quarter of a second: ask before the write lock is held.
    """
    if has_to_wait(db, email, visit, at=at):
        return False
    person = person_of(db, email)
    return matches(password, person.password_hash if person else "", memory_kib)


def person_of(db: Session, email: str) -> Person | None:
    """The active person with this address."""
    query = select(Person).where(Person.email == email.strip().lower(), Person.state == PersonState.ACTIVE)
    return db.exec(query).first()


def answer(
    db: Session, email: str, visit: Visit, *, password_is_right: bool, at: datetime
) -> Person | Refused:
    """Who comes in, or the sentence why not. A wrong password is counted, so the caller must let this be kept."""
    one_at_a_time(db, email)
    if has_to_wait(db, email, visit, at=at):
        return Refused(WAIT, field="")
    person = person_of(db, email)
    if person is None or not password_is_right:
        count_wrong(db, email, visit, at=at)
        return Refused(WRONG, field="")
    if not organizations_of(db, person):
        return Refused("You hold no role in any organization now: ask its administrator.", field="")
    return person


def sign_in(
    db: Session,
    person: Person,
    visit: Visit,
    *,
    at: datetime,
    organization: Organization | None = None,
    device: Device | None = None,
) -> tuple[SignIn, str]:
    """A new place where the person is signed in, and the secret its cookie holds."""
    require(person.state == PersonState.ACTIVE, "This account cannot sign in.", status=403)
    token = new_token()
    row = SignIn(
        token_hash=hash_of(token), person_id=person.id, organization_id=organization.id if organization else None,
        device=visit.device[:200], device_id=device.id if device else None, network=visit.network,
        created_at=at, seen_at=at, expires_at=at + LONGEST,
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row, token


def find_sign_in(db: Session, token: str, *, at: datetime) -> tuple[SignIn, Person] | None:
    """The place and the person behind a cookie, if it was not ended, left alone too long, or its account closed."""
    return db.exec(_BEHIND_COOKIE, params={"token": hash_of(token), "at": at, "idle": at - IDLE}).first()


def choose_language(db: Session, person: Person, code: str) -> None:
    """Speak this language to the person from now on, on screen and in mails."""
    db.get_one(Person, person.id).language = code


def see(db: Session, sign_in_id: int, *, at: datetime) -> None:
    """Note that a place is in use."""
    row = db.get(SignIn, sign_in_id)
    if row is not None and row.ended_at is None and row.seen_at < at:
        row.seen_at = at


def actor_of(db: Session, sign_in: SignIn, person: Person) -> Actor | None:
    """The person acting for the organization chosen here (or their first); None without a role anywhere."""
    held = list(db.exec(_HELD, params={"person": person.id}))
    if not held:
        return None
    chosen = (organization for _grant, organization in held if organization.id == sign_in.organization_id)
    organization = next(chosen, held[0][1])
    return acting_with(person, organization, [grant for grant, where in held if where.id == organization.id])


def act_for(db: Session, sign_in: SignIn, organization: Organization, *, by: Actor) -> None:
    """Act for another of one's organizations here; raises `Missing` for any other."""
    if all(found.id != organization.id for found in organizations_of(db, by.person)):
        raise Missing
    db.get_one(SignIn, sign_in.id).organization_id = organization.id


def places(db: Session, person: Person, *, at: datetime) -> list[SignIn]:
    """Where a person is signed in now, the last seen first."""
    query = select(SignIn).where(
        SignIn.person_id == person.id, col(SignIn.ended_at).is_(None), col(SignIn.expires_at) > at,
        col(SignIn.seen_at) > at - IDLE,
    )  # fmt: skip
    return list(db.exec(query.order_by(col(SignIn.seen_at).desc(), col(SignIn.id).desc())))


def end(db: Session, sign_in: SignIn, *, by: Actor, at: datetime) -> None:
    """Sign out one of one's own places; raises `Missing` for anybody else's."""
    if sign_in.person_id != by.person.id:
        raise Missing
    leave(db, sign_in, at=at)


def leave(db: Session, sign_in: SignIn, *, at: datetime) -> None:
    """Sign out of one place. A desktop program that is signed out does not sign in again by itself."""
    row = db.get_one(SignIn, sign_in.id)
    row.ended_at = row.ended_at or at
    if row.device_id is not None:
        device = db.get_one(Device, row.device_id)
        device.ended_at = device.ended_at or at
