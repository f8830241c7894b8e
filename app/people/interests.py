"""Who must stand aside: nobody decides about an organization they belong to, or to which they declared a tie."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, or_, select

from app.kit.clock import day_of
from app.kit.rules import Refused
from app.kit.words import N_, _
from app.people.access import Actor
from app.people.model import Interest, Kind, Organization, Person, RoleGrant
from app.people.operator import operator_of

BELONGS = N_("You belong to %(organization)s: somebody without a tie has to decide this.")
DECLARED = N_("You declared a tie to %(organization)s: somebody without one has to decide this.")
PREPARED = N_("Nobody approves what they prepared.")


@dataclass(frozen=True)
class Tie:
    """What binds a person to one organization: a role there, or a tie they declared."""

    organization: Organization
    is_declared: bool

    @property
    def name(self) -> str:
        """The organization's name."""
        return self.organization.name

    @property
    def sentence(self) -> str:
        """Why the person stands aside, in the reader's language."""
        return _(DECLARED if self.is_declared else BELONGS, organization=self.name)


def counts_on(day: date | Any) -> ColumnElement[bool]:
    """The condition that a declared interest counts on this day: from its first day to its last, both included."""
    return (col(Interest.starts_on) <= day) & or_(
        col(Interest.ends_on).is_(None), col(Interest.ends_on) >= day
    )


PERSON: Any = bindparam("person")
BODY: Any = bindparam("body")
TODAY: Any = bindparam("today")
WANTED: Any = bindparam("wanted", expanding=True)

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


def ties(db: Session, by: Actor, organization_ids: Iterable[int], *, at: datetime) -> list[Tie]:
    """What binds the person to these organizations now (the fund apart), their roles before what they declared."""
    today = day_of(at, operator_of(db).zone)
    asked = {"person": by.person.id, "wanted": list(set(organization_ids)), "today": today}
    tied = db.exec(_TIED, params=asked).all()
    roles = [Tie(organization, is_declared=False) for organization, belongs, _declares in tied if belongs]
    return roles + [
        Tie(organization, is_declared=True) for organization, _belongs, declares in tied if declares
    ]


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
