"""Ties people declare: to whom, of which kind, from when to when. They are kept, and seen by those they concern."""

from datetime import date, datetime
from itertools import islice

from sqlmodel import Session, col, func, or_, select

from app.kit.clock import day_of
from app.kit.rules import Conflict, Missing, Refused, require
from app.people.access import Actor
from app.people.model import Interest, Kind, Organization, OrganizationState, Person, RoleGrant, TieKind
from app.people.operator import operator_of
from app.people.step import record

PAGE = 50
MOST_SUGGESTED = 200
MOST_DECLARED = 100


def declare(
    db: Session, organization: Organization, *, kind: TieKind, starts_on: date, ends_on: date | None = None,
    note: str = "", by: Actor, at: datetime,
) -> Interest:  # fmt: skip
    """Declare a tie of one's own. From its first day on the person decides nothing about that organization."""
    require(
        organization.kind != Kind.FUND,
        "The fund itself is no party to anything: declare ties to the organizations it decides about.",
        field="organization",
    )
    require(
        ends_on is None or ends_on >= starts_on, "The last day cannot be before the first.", field="ends_on"
    )
    kept = _own(db, by)
    require(len(kept) < MOST_DECLARED, "At most %(most)s ties can be declared.", most=MOST_DECLARED)
    if any(_overlaps(one, organization, kind, starts_on, ends_on) for one in kept):
        raise Conflict("You declared this tie already.", field="organization")
    interest = Interest(
        person_id=by.person.id, organization_id=organization.id, kind=kind, starts_on=starts_on, ends_on=ends_on,
        note=note.strip(), declared_at=at,
    )  # fmt: skip
    db.add(interest)
    record(
        db, "declare", interest, by=by, at=at, organization=organization.public_id, kind=kind.value,
        starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat() if ends_on else "",
    )  # fmt: skip
    return interest


def end(db: Session, interest: Interest, *, ends_on: date, by: Actor, at: datetime) -> Interest:
    """Say on which day a tie of one's own ends: today at the earliest, so that nobody decides the minute after."""
    require_own(interest, by)
    query = select(Interest).where(Interest.id == interest.id).with_for_update()
    interest = db.exec(query.execution_options(populate_existing=True)).one()
    today = day_of(at, operator_of(db).zone)
    if interest.ends_on is not None and interest.ends_on < today:
        raise Conflict("This tie has ended already.")
    require(ends_on >= today, "A tie ends today at the earliest.", field="ends_on")
    require(ends_on >= interest.starts_on, "The last day cannot be before the first.", field="ends_on")
    interest.ends_on = ends_on
    record(db, "end", interest, by=by, at=at, ends_on=ends_on.isoformat())
    return interest


def require_own(interest: Interest, by: Actor) -> Interest:
    """The tie, if the person declared it; raises `Missing` for anybody else's."""
    if interest.person_id != by.person.id:
        raise Missing
    return interest


def own(db: Session, by: Actor) -> list[tuple[Interest, Organization]]:
    """The ties the person declared, the newest first."""
    query = (
        select(Interest, Organization)
        .join(Organization, col(Organization.id) == col(Interest.organization_id))
        .where(Interest.person_id == by.person.id)
    )
    return list(db.exec(query.order_by(col(Interest.id).desc())))


def register(
    db: Session, by: Actor, *, before: str = ""
) -> tuple[list[tuple[Interest, Person, Organization]], str | None]:
    """A page of the ties one may read, and where the next begins: the fund reads all, others those of their people."""
    query = (
        select(Interest, Person, Organization)
        .join(Person, col(Person.id) == col(Interest.person_id))
        .join(Organization, col(Organization.id) == col(Interest.organization_id))
    )
    if not by.sees_everything:
        people = select(RoleGrant.person_id).where(
            RoleGrant.organization_id == by.organization.id, col(RoleGrant.ended_at).is_(None)
        )
        query = query.where(col(Interest.person_id).in_(people))
    if before:
        query = query.where(col(Interest.public_id) < before)
    found = list(db.exec(query.order_by(col(Interest.public_id).desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1][0].public_id if len(found) > PAGE else None


def organization_called(db: Session, name: str) -> Organization:
    """The organization of this name, however it is spelled in capitals; raises `Refused` where there is none."""
    query = select(Organization).where(
        func.lower(Organization.name) == name.strip().lower(),
        Organization.kind != Kind.FUND,
        Organization.state != OrganizationState.REJECTED,
    )
    found = list(islice(db.exec(query.order_by(col(Organization.id)).limit(2)), 2))
    if not found:
        raise Refused("No organization here is called “%(name)s”.", field="organization", name=name[:60])
    return found[0]


def suggestions(db: Session) -> list[str]:
    """Names of organizations to choose from while typing."""
    query = select(Organization.name).where(
        Organization.kind != Kind.FUND,
        or_(
            Organization.state == OrganizationState.VERIFIED,
            Organization.state == OrganizationState.SUSPENDED,
        ),
    )
    return list(db.exec(query.order_by(col(Organization.name)).limit(MOST_SUGGESTED)))


def _own(db: Session, by: Actor) -> list[Interest]:
    return list(db.exec(select(Interest).where(Interest.person_id == by.person.id)))


def _overlaps(
    one: Interest, organization: Organization, kind: TieKind, starts_on: date, ends_on: date | None
) -> bool:
    if one.organization_id != organization.id or one.kind != kind:
        return False
    begins_before_it_ends = one.ends_on is None or starts_on <= one.ends_on
    ends_after_it_begins = ends_on is None or ends_on >= one.starts_on
    return begins_before_it_ends and ends_after_it_begins
