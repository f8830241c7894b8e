"""Money a provider will not hold much longer: found thirty days before, given back and called again by the fund.

A provider's default never decides: it would pay the money out or back by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns import recutting
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.escrow import calls
from app.escrow import rules as escrow
from app.escrow.guards import hold_days
from app.escrow.model import Call, CallCause, CallState, Deposit, DepositState
from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record
from app.rails.switched_on import CAPABILITIES

ALARM_DAYS = 30


@dataclass(frozen=True)
class HeldLong:
    """A paid call some of whose money is still held, and the day until which its rail may hold it."""

    call: Call
    campaign: Campaign
    until: date
    cents: Cents


def to_tell(db: Session, at: datetime) -> list[int]:
    """Calls whose money has to leave its rail within thirty days, and of which the fund has not been told."""
    return [one.call.id for one in held_long(db, list(CAPABILITIES), at=at, untold=True)]


def tell(db: Session, call: Call, *, at: datetime) -> None:
    """Tell the fund, once, until when it has to release this money, or give it back and call it again."""
    db.refresh(call, with_for_update=True)
    campaign = db.get_one(Campaign, call.campaign_id)
    until, cents = limit_of(db, call, campaign), sum(left for _part, left in still_held(db, call))
    if call.hold_told_at is not None or until is None or not cents:
        return
    call.hold_told_at = at
    record(
        db, "hold ends", call, by=None, at=at, before=call.state, campaign_id=call.campaign_id,
        until=until.isoformat(), held=cents,
    )  # fmt: skip


def held_long(db: Session, rails: Sequence[str], *, at: datetime, untold: bool = False) -> list[HeldLong]:
    """Every call whose money has to leave its rail within thirty days, the most urgent first; or those not told of."""
    found = []
    for rail in rails:
        days = hold_days(rail)
        if days is None:
            continue
        query = (
            select(Call, Campaign)
            .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
            .join(Deposit, col(Deposit.call_id) == col(Call.id))
            .where(
                Call.rail == rail, Call.state == CallState.PAID, Campaign.state == CampaignState.SECURED,
                Deposit.state == DepositState.RECEIVED,
                Deposit.received_at <= at - timedelta(days=days - ALARM_DAYS - 1),
            )
            .distinct()
            .order_by(col(Call.id))
        )  # fmt: skip
        if untold:
            query = query.where(col(Call.hold_told_at).is_(None))
        for call, campaign in db.exec(query):
            until, cents = limit_of(db, call, campaign), sum(left for _part, left in still_held(db, call))
            if until and cents and is_near(until, campaign, at):
                found.append(HeldLong(call, campaign, until, cents))
    return sorted(found, key=lambda one: (one.until, one.call.id))


def limit_of(db: Session, call: Call, campaign: Campaign) -> date | None:
    """The day until which the rail may hold what came in first for a call; None where it sets no limit."""
    days = hold_days(call.rail)
    query = select(func.min(Deposit.received_at)).where(
        Deposit.call_id == call.id, Deposit.state == DepositState.RECEIVED
    )
    first = db.exec(query).one()
    return day_of(first, campaign.zone) + timedelta(days=days) if days is not None and first else None


def is_near(until: date, campaign: Campaign, at: datetime) -> bool:
    """Whether the limit is thirty days away or less."""
    return day_of(at, campaign.zone) >= until - timedelta(days=ALARM_DAYS)


def still_held(db: Session, call: Call) -> list[tuple[Part, Cents]]:
    """The parts of a call of which something is still held, with how much, VAT included."""
    rows = [(part, sum(escrow.what_is_left(db, part))) for part in _parts(db, call)]
    return [(part, left) for part, left in rows if left]


def _parts(db: Session, call: Call) -> list[Part]:
    return [db.get_one(Part, line.part_id) for line in calls.lines_of(db, call)]


def untouched(db: Session, call: Call) -> list[Part]:
    """The parts of a call that are held whole: nothing of them was released or given back."""
    return [
        db.get_one(Part, line.part_id)
        for line in calls.lines_of(db, call)
        if escrow.what_is_left(db, db.get_one(Part, line.part_id)) == (line.price_cents, line.vat_cents)
        and line.price_cents
    ]


def call_again(db: Session, call: Call, *, reason: str, by: Actor, at: datetime) -> Call:
    """Owe a backer back what its rail will not hold any longer, and call it anew without a second fee.

    Only what is held whole: of what was released in part, the rest is released or returned by its own rule.
    """
    require_role(by, Role.OFFICER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    until = limit_of(db, call, campaign)
    if campaign.state != CampaignState.SECURED or call.state != CallState.PAID:
        raise Conflict("Only a paid call of a campaign that goes on is called again.")
    if until is None or not is_near(until, campaign, at):
        raise Conflict("Its rail may hold this money longer: there is nothing to decide yet.")
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    parts = untouched(db, call)
    if not parts:
        raise Conflict("Nothing of this call is held whole any more: what is left is released or paid out.")
    for part in parts:
        escrow.give_back_part(db, part, cause="hold", at=at)
    record(
        db, "call again", call, by=by, at=at, before=call.state, campaign_id=campaign.id, reason=reason.strip(),
        until=until.isoformat(),
    )  # fmt: skip
    recutting.drop(db, parts, cause=f"hold {call.id}", is_divided=True, at=at)
    made = recutting.cut_again(db, parts, at=at)
    return calls.issue(
        db, campaign, db.get_one(Pledge, call.pledge_id), [(part, part.price_cents, part.vat_cents) for part in made],
        key=f"again:{call.id}", tranche=call.tranche_number, cause=CallCause(call.cause), with_fee=False, at=at,
    )  # fmt: skip
