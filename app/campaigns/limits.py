"""What a person may bind their organization for in a year, in money and in work."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.missing import Shortfall, ShortfallState, TakeOver
from app.campaigns.model import Pledge, PledgeState
from app.kit.money import Cents
from app.kit.rules import Refused, require
from app.people.access import Actor, require_role
from app.people.alarms import require_silence
from app.people.model import Person, PersonState, Role, RoleGrant

PERSON: Any = bindparam("person")
ORGANIZATION: Any = bindparam("organization")
START: Any = bindparam("start")
END: Any = bindparam("end")

# Asked with every signature, so they are built once.
_MONEY = select(func.coalesce(func.sum(Pledge.amount_cents), 0)).where(
    Pledge.signed_by_id == PERSON, Pledge.organization_id == ORGANIZATION,
    col(Pledge.signed_at) >= START, col(Pledge.signed_at) < END,
    col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED]),
)  # fmt: skip
_WORK = select(func.coalesce(func.sum(InKindContribution.value_cents), 0)).where(
    InKindContribution.agreed_by_id == PERSON, InKindContribution.organization_id == ORGANIZATION,
    col(InKindContribution.agreed_at) >= START, col(InKindContribution.agreed_at) < END,
    col(InKindContribution.does_count),
)  # fmt: skip
_GAPS = (
    select(func.coalesce(func.sum(TakeOver.amount_cents), 0))
    .join(Shortfall, col(Shortfall.id) == col(TakeOver.shortfall_id))
    .where(
        TakeOver.person_id == PERSON, TakeOver.organization_id == ORGANIZATION,
        col(TakeOver.at) >= START, col(TakeOver.at) < END, Shortfall.state == ShortfallState.OPEN,
    )
)  # fmt: skip
_SIGNED = select(_MONEY.scalar_subquery(), _WORK.scalar_subquery(), _GAPS.scalar_subquery())
_MANDATE = (
    select(RoleGrant)
    .where(
        RoleGrant.person_id == PERSON, RoleGrant.organization_id == ORGANIZATION,
        RoleGrant.role == Role.BUYER, col(RoleGrant.ended_at).is_(None),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)  # fmt: skip


def require_may_commit(
    db: Session, cents: Cents, *, prepared_by_id: int, zone: str, by: Actor, at: datetime
) -> None:
    """Go on only if this person may bind their organization for so much: within the limit, or as another approver."""
    require_role(by, Role.BUYER, Role.APPROVER)
    require_silence(db)
    if by.has(Role.APPROVER) and by.person.id != prepared_by_id:
        return
    grant = locked_mandate(db, by)
    require(
        signed_this_year(db, by, zone, at) + cents <= (grant.limit_cents or 0),
        "This is above what you may sign alone this year: an approver who did not prepare it has to sign.",
        status=403,
    )


def require_within_limit(db: Session, by: Actor, cents: Cents, zone: str, at: datetime) -> None:
    """Raise `Refused` if this is more than the buyer may still sign for this year, or nothing new is taken on now."""
    require_silence(db)
    grant = locked_mandate(db, by)
    require(
        signed_this_year(db, by, zone, at) + cents <= (grant.limit_cents or 0),
        "This is above what you may still sign for this year: please choose less, or ask a colleague.",
        field="amount",
    )


def signed_this_year(db: Session, by: Actor, zone: str, at: datetime) -> Cents:
    """What this person has signed for this organization in the calendar year, in money and in work; not what ended.

    What is signed for a gap counts from the signature on: before it becomes a pledge it binds all the same.
    """
    year = at.astimezone(ZoneInfo(zone)).year
    start = datetime(year, 1, 1, tzinfo=ZoneInfo(zone))
    end = start.replace(year=year + 1)
    asked = {"person": by.person.id, "organization": by.organization.id, "start": start, "end": end}
    return sum(int(cents) for cents in db.exec(_SIGNED, params=asked).one())


def locked_mandate(db: Session, by: Actor) -> RoleGrant:
    """The buyer's mandate, held so that two signatures at once cannot both fit under its limit."""
    asked = {"person": by.person.id, "organization": by.organization.id}
    grant = db.exec(_MANDATE, params=asked).first()
    if grant is None:
        raise Refused("Your role does not allow this.", status=403)
    return grant


def approvers_of(db: Session, organization_id: int, *, but: int) -> list[str]:
    """The names of those who can sign for an organization what this person (`but`) prepared and may not sign alone."""
    query = (
        select(Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            RoleGrant.organization_id == organization_id, RoleGrant.role == Role.APPROVER,
            col(RoleGrant.ended_at).is_(None), Person.state == PersonState.ACTIVE, Person.id != but,
        )
        .order_by(col(Person.name))
    )  # fmt: skip
    return list(db.exec(query))
