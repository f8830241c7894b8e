"""Who must stand aside: nobody decides about an organization they belong to, or to which they declared a tie."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
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


def counts_on(day: date) -> ColumnElement[bool]:
    """The condition that a declared interest counts on this day: from its first day to its last, both included."""
    return (col(Interest.starts_on) <= day) & or_(
        col(Interest.ends_on).is_(None), col(Interest.ends_on) >= day
    )


def ties(db: Session, by: Actor, organization_ids: Iterable[int], *, at: datetime) -> list[Tie]:
    """What binds the person to these organizations now (the fund apart), their roles before what they declared."""
    wanted = set(organization_ids)
    roles = select(RoleGrant.organization_id).where(
        RoleGrant.person_id == by.person.id, col(RoleGrant.ended_at).is_(None)
    )
    today = day_of(at, operator_of(db).zone)
    declared = select(Interest.organization_id).where(Interest.person_id == by.person.id, counts_on(today))
    found: list[Tie] = []
    for is_declared, tied in ((False, roles), (True, declared)):
        query = select(Organization).where(
            col(Organization.id).in_(wanted), col(Organization.id).in_(tied), Organization.kind != Kind.FUND
        )
        found += [
            Tie(organization, is_declared) for organization in db.exec(query.order_by(col(Organization.id)))
        ]
    return found


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
    wanted = set(organization_ids)
    today = day_of(at, operator_of(db).zone)
    elsewhere = select(RoleGrant.person_id).where(
        col(RoleGrant.organization_id).in_(wanted), col(RoleGrant.ended_at).is_(None)
    )
    declared = select(Interest.person_id).where(col(Interest.organization_id).in_(wanted), counts_on(today))
    here = select(RoleGrant.person_id).where(
        RoleGrant.organization_id == body.id, col(RoleGrant.ended_at).is_(None)
    )
    query = select(Person.pseudonym).where(
        col(Person.id).in_(here), or_(col(Person.id).in_(elsewhere), col(Person.id).in_(declared))
    )
    return list(db.exec(query.order_by(col(Person.pseudonym))))
