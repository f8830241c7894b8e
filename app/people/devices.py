"""Desktop programs that stay signed in: allowed by their person on a page, listed, ended from anywhere."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.kit.rules import Missing, require
from app.people.access import Actor
from app.people.model import Device, Organization, Person, PersonState, SignIn
from app.people.tokens import hash_of, new_token

TO_CONNECT = timedelta(minutes=10)
IDLE = timedelta(days=90)
HASH = re.compile(r"[0-9a-f]{64}")


def allow(db: Session, challenge: str, name: str, *, by: Actor, at: datetime) -> Device:
    """Let the program that knows what `challenge` is the hash of sign this person in from now on; once, and soon."""
    require(
        HASH.fullmatch(challenge)
        and not db.exec(select(Device).where(Device.challenge_hash == challenge)).first(),
        "Please begin again in the program: what it sent cannot be used.",
    )
    device = Device(
        challenge_hash=challenge, person_id=by.person.id, organization_id=by.organization.id,
        name=name, created_at=at, seen_at=at,
    )  # fmt: skip
    db.add(device)
    db.flush()
    return device


def connect(db: Session, verifier: str, place: SignIn | None, *, at: datetime) -> str | None:
    """The program shows what it alone knows, and gets its token, once; None where nobody allowed it just now.

    It asks from a place where its person is signed in: who sent somebody a link to allow a program of their own is not.
    """
    query = select(Device).where(
        Device.challenge_hash == hash_of(verifier), col(Device.connected_at).is_(None),
        col(Device.ended_at).is_(None), col(Device.created_at) > at - TO_CONNECT,
    )  # fmt: skip
    device = db.exec(query.with_for_update()).first()
    if device is None or place is None or place.person_id != device.person_id:
        return None
    token = new_token()
    device.token_hash, device.connected_at = hash_of(token), at
    # The place it is signed in at is the program's own: ended together.
    db.get_one(SignIn, place.id).device_id = device.id
    return token


def who_has_one(db: Session, persons: Iterable[int], *, at: datetime) -> set[int]:
    """Those of these persons who stay signed in to a desktop program somewhere."""
    query = select(Device.person_id).where(
        col(Device.person_id).in_(list(persons)), col(Device.connected_at).is_not(None),
        col(Device.ended_at).is_(None), col(Device.seen_at) > at - IDLE,
    )  # fmt: skip
    return set(db.exec(query))


def device_with(db: Session, token: str, *, at: datetime) -> tuple[Device, Person, Organization] | None:
    """The program behind a token, its person and for whom they act there; None when it was ended or left alone."""
    query = (
        select(Device, Person, Organization)
        .join(Person, col(Person.id) == col(Device.person_id))
        .join(Organization, col(Organization.id) == col(Device.organization_id))
        .where(
            Device.token_hash == hash_of(token), col(Device.ended_at).is_(None), col(Device.seen_at) > at - IDLE,
            Person.state == PersonState.ACTIVE,
        )
    )  # fmt: skip
    return db.exec(query.with_for_update(of=Device)).first()


def devices_of(db: Session, person: Person, *, at: datetime) -> list[Device]:
    """The programs connected now, the last used first."""
    query = select(Device).where(
        Device.person_id == person.id, col(Device.connected_at).is_not(None), col(Device.ended_at).is_(None),
        col(Device.seen_at) > at - IDLE,
    )  # fmt: skip
    return list(db.exec(query.order_by(col(Device.seen_at).desc(), col(Device.id).desc())))


def end_device(db: Session, device: Device, *, by: Actor, at: datetime) -> None:
    """End one of one's own programs: it is signed out, and stays so. Raises `Missing` for anybody else's."""
    if device.person_id != by.person.id:
        raise Missing
    device.ended_at = device.ended_at or at
    for row in db.exec(select(SignIn).where(SignIn.device_id == device.id, col(SignIn.ended_at).is_(None))):
        row.ended_at = at


def end_devices(db: Session, person: Person, *, at: datetime, but: int | None = None) -> None:
    """End all of a person's programs, but for the one they are sitting at."""
    query = select(Device).where(Device.person_id == person.id, col(Device.ended_at).is_(None))
    for device in db.exec(query):
        if device.id != but:
            device.ended_at = at
