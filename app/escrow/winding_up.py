"""The end of a campaign: nothing more is asked for, and each backer is owed what its own accounts still hold."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns import pledges as promises
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge, PledgeState
from app.escrow import accounts
from app.escrow.calls import TAKES_MONEY, UNPAID
from app.escrow.model import Call, CallCause, CallLine, CallState, Refund, Release
from app.escrow.received import gone_of, live
from app.escrow.rules import give_back_all
from app.kit.states import move
from app.ledger.book import balance, standing
from app.people.step import record


def to_wind_up(db: Session) -> list[int]:
    """Campaigns that ended and still hold money or have calls nobody should pay any more."""
    ended = col(Campaign.state).in_([CampaignState.STOPPED, CampaignState.COMPLETED])
    asked = select(Call.campaign_id).where(
        col(Call.state).in_(TAKES_MONEY),
        Call.cause == CallCause.TRANCHE,
        col(Call.campaign_id) == col(Campaign.id),
    )
    asking: set[int] = set(db.exec(select(Campaign.id).where(ended, asked.exists())))
    holding = _campaigns_with_held(db)
    if holding:
        over: set[int] = set(db.exec(select(Campaign.id).where(ended)))
        asking |= holding & over
    return sorted(asking)


def _campaigns_with_held(db: Session) -> set[int]:
    return {int(code.split(":")[1]) for code in standing(db, "held:", "held-vat:", "held-fee:")}


def wind_up(db: Session, campaign: Campaign, *, accepted: Collection[int] = (), at: datetime) -> None:
    """An ended campaign asks for nothing more, and owes each backer what its own accounts still hold.

    A public body's call for an accepted milestone stays, and so does one charged back of the milestones `accepted`
    (by number) or with a claim: the work was taken. Done again, it does nothing.
    """
    campaign = campaigns.lock(db, campaign.id)
    if campaign.state not in (CampaignState.STOPPED, CampaignState.COMPLETED):
        return
    in_default = _void_calls(db, campaign, accepted, at=at)
    query = select(Pledge).where(
        Pledge.campaign_id == campaign.id, col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED])
    )
    for pledge in db.exec(query.order_by(col(Pledge.id))):
        if pledge.id in in_default and pledge.state == PledgeState.SIGNED:
            promises.default(db, pledge, at=at)
        if not _awaits_public_payment(db, pledge):
            give_back_all(db, pledge, cause=_wind_up_cause(db, campaign, pledge), at=at)


def _wind_up_cause(db: Session, campaign: Campaign, pledge: Pledge) -> str:
    """“completed” or “stopped”; numbered where money came and went once more after the end."""
    done = select(func.count()).where(
        Refund.pledge_id == pledge.id,
        col(Refund.cause).startswith(campaign.state),
        col(Refund.part_id).is_(None),
    )
    count = db.exec(done).one()
    return campaign.state if not count else f"{campaign.state}-{count + 1}"


def _awaits_public_payment(db: Session, pledge: Pledge) -> bool:
    query = select(Call.id).where(
        Call.pledge_id == pledge.id,
        Call.cause == CallCause.ACCEPTANCE,
        col(Call.state).in_((*UNPAID, CallState.WAITING)),
    )
    return db.exec(query).first() is not None


def _void_calls(db: Session, campaign: Campaign, accepted: Collection[int], *, at: datetime) -> set[int]:
    query = select(Call).where(
        Call.campaign_id == campaign.id,
        Call.cause == CallCause.TRANCHE,
        col(Call.state).in_((*TAKES_MONEY, CallState.WAITING)),
    )
    in_default = set()
    for call in db.exec(query.order_by(col(Call.id))):
        before = call.state
        if before == CallState.CHARGED_BACK and _is_for_work_taken(db, call, accepted):
            continue
        if before == CallState.DEFAULTED:
            in_default.add(call.pledge_id)
        move(call, CallState.VOID)
        record(db, "void", call, by=None, at=at, before=before, campaign_id=campaign.id)
    return in_default


def _is_for_work_taken(db: Session, call: Call, accepted: Collection[int]) -> bool:
    """Whether somebody still waits for this call: a claim is open, or one of its parts is of an accepted milestone.

    Not where a part payment of it is still held: that goes back now, so what is missing could not complete it any more.
    Where parts were released without their money, all that stands of the call was spent on them.
    """
    is_claimed = balance(db, accounts.claim(db.get_one(Pledge, call.pledge_id)).code) > 0
    if call.paid_cents:
        (price, vat, _fee), (price_gone, vat_gone) = live(db, call), gone_of(db, call)
        return is_claimed and price <= price_gone and vat <= vat_gone
    if is_claimed:
        return True
    query = (
        select(CallLine.id)
        .join(Part, col(Part.id) == col(CallLine.part_id))
        .where(CallLine.call_id == call.id, col(Part.milestone_id).in_(accepted))
        .where(col(Part.id).not_in(select(col(Release.part_id))))
    )
    return db.exec(query).first() is not None
