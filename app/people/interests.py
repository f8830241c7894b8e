"""Who must stand aside: nobody decides about an organization they belong to, or to which they declared a tie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, or_, select

from app.kit.clock import day_of
from app.kit.rules import Refused
from app.kit.words import N_, _
from app.people.access import Actor
from app.people.model import Interest, Kind, Organization, Person, PersonState, Role, RoleGrant
from app.people.operator import operator_of

BELONGS = N_("You belong to %(organization)s: somebody without a tie has to decide this.")
DECLARED = N_("You declared a tie to %(organization)s: somebody without one has to decide this.")
PREPARED = N_("Nobody approves what they prepared.")
INSTEAD = N_("%(names)s can decide in your place.")
NOBODY_LEFT = N_(
    "Nobody else at %(body)s may: ask one of its administrators to give this role to somebody without a tie."
)


@dataclass(frozen=True)
class Tie:
    """What binds a person to one organization: a role there, or a tie they declared."""

    organization: Organization
    is_declared: bool
    # Who of the same body may decide instead, by name; none where nobody asked.
    instead: tuple[str, ...] | None = None
    body: str = ""

    @property
    def name(self) -> str:
        """The organization's name."""
        return self.organization.name

    @property
    def sentence(self) -> str:
        """Why the person stands aside, and who may decide instead, in the reader's language."""
        why = _(DECLARED if self.is_declared else BELONGS, organization=self.name)
        if self.instead is None:
            return why
        if not self.instead:
            return f"{why} {_(NOBODY_LEFT, body=self.body)}"
        return f"{why} {_(INSTEAD, names=either(self.instead))}"


def counts_on(day: date | Any) -> ColumnElement[bool]:
    """The condition that a declared interest counts on this day: from its first day to its last, both included."""
    return (col(Interest.starts_on) <= day) & or_(
        col(Interest.ends_on).is_(None), col(Interest.ends_on) >= day
    )


PERSON: Any = bindparam("person")
BODY: Any = bindparam("body")
TODAY: Any = bindparam("today")
WANTED: Any = bindparam("wanted", expanding=True)
ROLES: Any = bindparam("roles", expanding=True)
LEFT_OUT: Any = bindparam("left_out", expanding=True)

# Asked before every decision, so they are built once.
_BELONGS = col(Organization.id).in_(
    select(RoleGrant.organization_id).where(RoleGrant.person_id == PERSON, col(RoleGrant.ended_at).is_(None))
)
_DECLARES = col(Organization.id).in_(
    select(Interest.organization_id).where(Interest.person_id == PERSON, counts_on(TODAY))
)
_TIED = (
    select(Organization, _BELONGS.label("belongs"), _DECLARES.label("declares"))
    .where(col(Organization.id).in_(WANTED), Organization.kind != Kind.FUND, or_(_BELONGS, _DECLARES))
    .order_by(col(Organization.id))
)
_ACTS_HERE = select(RoleGrant.person_id).where(
    RoleGrant.organization_id == BODY, col(RoleGrant.ended_at).is_(None)
)
_BELONGS_THERE = select(RoleGrant.person_id).where(
    col(RoleGrant.organization_id).in_(WANTED), col(RoleGrant.ended_at).is_(None)
)
_DECLARED_IT = select(Interest.person_id).where(col(Interest.organization_id).in_(WANTED), counts_on(TODAY))
_STANDING_ASIDE = (
    select(Person.pseudonym)
    .where(
        col(Person.id).in_(_ACTS_HERE),
        or_(col(Person.id).in_(_BELONGS_THERE), col(Person.id).in_(_DECLARED_IT)),
    )
    .order_by(col(Person.pseudonym))
)
_FREE = (
    select(Person.name)
    .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
    .where(
        RoleGrant.organization_id == BODY, col(RoleGrant.ended_at).is_(None), col(RoleGrant.role).in_(ROLES),
        Person.state == PersonState.ACTIVE, col(Person.id).not_in(LEFT_OUT),
        col(Person.id).not_in(_BELONGS_THERE), col(Person.id).not_in(_DECLARED_IT),
    )
    .group_by(col(Person.id))
    .order_by(col(Person.name))
)  # fmt: skip


def ties(
    db: Session,
    by: Actor,
    organization_ids: Iterable[int],
    *,
    at: datetime,
    roles: Sequence[Role] = (),
    besides: Iterable[int | None] = (),
) -> list[Tie]:
    """What binds the person to these organizations now (the fund apart), their roles before what they declared.

    With `roles`, each tie names the colleagues who hold one of them and are tied to none, those `besides` left out.
    """
    wanted = set(organization_ids)
    today = day_of(at, operator_of(db).zone)
    tied = db.exec(_TIED, params={"person": by.person.id, "wanted": list(wanted), "today": today}).all()
    free = free_colleagues(db, by, wanted, roles, besides, today) if tied and roles else None
    belonging = [Tie(body, False, free, by.organization.name) for body, belongs, _declares in tied if belongs]
    return belonging + [
        Tie(body, True, free, by.organization.name) for body, _belongs, declares in tied if declares
    ]


def free_colleagues(
    db: Session,
    by: Actor,
    wanted: set[int],
    roles: Sequence[Role],
    besides: Iterable[int | None],
    today: date,
) -> tuple[str, ...]:
    """The names of those who hold one of these roles beside the person and are tied to none of the organizations."""
    asked = {
        "body": by.organization.id, "wanted": list(wanted - {by.organization.id}), "today": today,
        "roles": [role.value for role in roles], "left_out": [by.person.id, *filter(None, besides)],
    }  # fmt: skip
    return tuple(db.exec(_FREE, params=asked))


def either(names: Sequence[str]) -> str:
    """One of several, as people say it: “Ada, Marc or Léa”."""
    *first, last = names
    return _("%(names)s or %(last)s", names=", ".join(first), last=last) if first else last


def stand_aside(db: Session, by: Actor, organization_ids: Iterable[int], *, at: datetime) -> list[str]:
    """Raise `Refused` (403) if the person is tied to an organization this decision is about.

    Returns the pseudonyms of those who stand aside in the body the person decides for, to be kept in the record of the
    decision (`aside=`).
    """
    wanted = set(organization_ids)
    found = ties(db, by, wanted, at=at)
    if found:
        raise Refused(DECLARED if found[0].is_declared else BELONGS, status=403, organization=found[0].name)
    return standing_aside(db, by.organization, wanted - {by.organization.id}, at=at)


def stand_aside_from_own(by: Actor, *person_ids: int | None) -> None:
    """Raise `Refused` (403) if the person prepared what is to be decided: nobody approves their own work."""
    if by.person.id in person_ids:
        raise Refused(PREPARED, status=403)


def standing_aside(
    db: Session, body: Organization, organization_ids: Iterable[int], *, at: datetime
) -> list[str]:
    """The pseudonyms of those who act for this body and are tied to one of these organizations, in order."""
    today = day_of(at, operator_of(db).zone)
    asked = {"body": body.id, "wanted": list(set(organization_ids)), "today": today}
    return list(db.exec(_STANDING_ASIDE, params=asked))
