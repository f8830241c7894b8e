"""What organizations mean to put into open source in a year: their developers times an amount. It binds nobody."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.rules import Refused, require
from app.people.access import Actor, require_role
from app.people.model import Kind, Role, YearlyCommitment
from app.people.operator import operator_of
from app.people.step import record

MOST_DEVELOPERS = 1_000_000
MOST_PER_DEVELOPER: Cents = 100_000_000
MAY_COMMIT = (Role.ADMIN, Role.APPROVER, Role.FINANCE)


def commit_to(
    db: Session, year: int, *, developers: int, per_developer_cents: Cents, by: Actor, at: datetime
) -> YearlyCommitment:
    """Say what the organization means to put in this year, last year or next year; said again, the last one counts."""
    require_role(by, *MAY_COMMIT)
    if by.organization.kind != Kind.CORPORATE:
        raise Refused("Only an organization that buys commits itself for a year.", status=403)
    operator = operator_of(db)
    today = day_of(at, operator.zone)
    require(abs(year - today.year) <= 1, "Choose this year, the last one or the next one.", field="year")
    require(0 < developers <= MOST_DEVELOPERS, "How many developers are there?", field="developers")
    require(
        0 < per_developer_cents <= MOST_PER_DEVELOPER,
        "The amount must be more than zero.",
        field="per_developer",
    )
    commitment = YearlyCommitment(
        organization_id=by.organization.id, year=year, developers=developers, per_developer_cents=per_developer_cents,
        currency=operator.currency, pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    db.add(commitment)
    record(
        db,
        "commit",
        commitment,
        by=by,
        at=at,
        year=year,
        developers=developers,
        per_developer=per_developer_cents,
    )
    return commitment


def commitments_of(db: Session, year: int) -> dict[int, YearlyCommitment]:
    """What each organization last said about a year."""
    query = select(YearlyCommitment).where(YearlyCommitment.year == year).order_by(col(YearlyCommitment.id))
    return {commitment.organization_id: commitment for commitment in db.exec(query)}
