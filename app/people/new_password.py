"""Passwords chosen anew: by a link in the mail, or by the one who knows the old one."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.kit.outbox import put
from app.kit.rules import Conflict, Missing, require
from app.people.access import Actor, actor_for, organizations_of
from app.people.attempts import Visit, count_mail
from app.people.model import PasswordLink, Person, PersonState, SignIn
from app.people.operator import zone_of
from app.people.persons import end_sign_ins
from app.people.signing_in import person_of
from app.people.step import record
from app.people.tokens import hash_of, new_token

LINK_GOOD_FOR = timedelta(hours=2)


def ask_for_link(db: Session, email: str, visit: Visit, *, base_url: str, at: datetime) -> None:
    """Mail a link to choose a new password, if there is such an account; who asks learns nothing either way."""
    person = person_of(db, email)
    if not count_mail(db, email, visit, at=at) or person is None:
        return
    token = new_token()
    link = PasswordLink(
        token_hash=hash_of(token), person_id=person.id, created_at=at, expires_at=at + LINK_GOOD_FOR
    )
    db.add(link)
    db.flush()
    put(
        db, "mail", f"mail:new_password:{link.id}", at,
        to=person.email, template="new_password", language=person.language, zone=zone_of(db),
        facts={
            "link": f"{base_url}/password/{token}", "name": person.name, "until": link.expires_at.isoformat(),
        },
    )  # fmt: skip


def link_of(db: Session, token: str, *, at: datetime, lock: bool = False) -> tuple[PasswordLink, Person]:
    """The link and whose it is; raises `Conflict` when it was used or is too old, `Missing` when it never was."""
    query = select(PasswordLink).where(PasswordLink.token_hash == hash_of(token))
    link = db.exec(query.with_for_update() if lock else query).first()
    if link is None:
        raise Missing
    person = db.get_one(Person, link.person_id)
    if link.used_at is not None or link.expires_at <= at or person.state != PersonState.ACTIVE:
        raise Conflict("This link was used already or is too old.")
    return link, person


def choose_password(db: Session, token: str, password_hash: str, *, at: datetime) -> Person:
    """Set a new password by a mailed link; whoever is signed in with the old one is signed out everywhere."""
    _, person = link_of(db, token, at=at, lock=True)
    others = select(PasswordLink).where(
        PasswordLink.person_id == person.id, col(PasswordLink.used_at).is_(None)
    )
    for each in db.exec(others):
        each.used_at = at
    _set_password(db, person, password_hash, how="link", but=None, at=at)
    return person


def change_password(
    db: Session, person: Person, password_hash: str, *, here: SignIn | None, by: Actor, at: datetime
) -> None:
    """Set a new password; the other places where the person is signed in end."""
    require(person.id == by.person.id, "You can only change your own password.", status=403)
    _set_password(db, person, password_hash, how="own", but=here, at=at)


def _set_password(
    db: Session, person: Person, password_hash: str, *, how: str, but: SignIn | None, at: datetime
) -> None:
    person.password_hash = password_hash
    end_sign_ins(db, person, at=at, but=but)
    organizations = organizations_of(db, person)
    by = actor_for(db, person, organizations[0]) if organizations else None
    record(db, "change_password", person, by=by, at=at, before=person.state, how=how)
    put(
        db, "mail", f"mail:password_changed:{person.id}:{at.isoformat()}", at,
        to=person.email, template="password_changed", language=person.language, zone=zone_of(db),
        facts={"name": person.name, "when": at.isoformat()},
    )  # fmt: skip
