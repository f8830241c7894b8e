"""What a person may bind their organization for in a year, in money and in work."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.missing import Shortfall, ShortfallState, TakeOver
from app.campaigns.model import Pledge, PledgeState
from app.kit.money import Cents
from app.kit.rules import Refused, require
from app.people.access import Actor, require_role
from app.people.alarms import require_silence
from app.people.model import Person, PersonState, Role, RoleGrant


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
    money = select(func.coalesce(func.sum(Pledge.amount_cents), 0)).where(
        Pledge.signed_by_id == by.person.id, Pledge.organization_id == by.organization.id,
        col(Pledge.signed_at) >= start, col(Pledge.signed_at) < end,
        col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED]),
    )  # fmt: skip
    work = select(func.coalesce(func.sum(InKindContribution.value_cents), 0)).where(
        InKindContribution.agreed_by_id == by.person.id, InKindContribution.organization_id == by.organization.id,
        col(InKindContribution.agreed_at) >= start, col(InKindContribution.agreed_at) < end,
        col(InKindContribution.does_count),
    )  # fmt: skip
    gaps = (
        select(func.coalesce(func.sum(TakeOver.amount_cents), 0))
        .join(Shortfall, col(Shortfall.id) == col(TakeOver.shortfall_id))
        .where(
            TakeOver.person_id == by.person.id, TakeOver.organization_id == by.organization.id,
            col(TakeOver.at) >= start, col(TakeOver.at) < end, Shortfall.state == ShortfallState.OPEN,
        )
    )  # fmt: skip
    return sum(int(db.exec(query).one()) for query in (money, work, gaps))


def locked_mandate(db: Session, by: Actor) -> RoleGrant:
    """The buyer's mandate, held so that two signatures at once cannot both fit under its limit."""
    query = select(RoleGrant).where(
        RoleGrant.person_id == by.person.id,
        RoleGrant.organization_id == by.organization.id,
        RoleGrant.role == Role.BUYER,
        col(RoleGrant.ended_at).is_(None),
    )
    grant = db.exec(query.with_for_update().execution_options(populate_existing=True)).first()
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
