"""Where a gap begins: a call was not paid in time, or work was not done, and the campaign has a rule for it."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import in_kind_sums, recutting
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, CampaignState, OnDefault, Pledge
from app.campaigns.round_rules import rules_of
from app.escrow import gap
from app.escrow.model import Call, CallCause, CallState
from app.kit.clock import day_of, end_of_day
from app.kit.money import Cents
from app.people.step import record


def to_open(db: Session, _at: datetime) -> list[int]:
    """Calls that were not paid in time, in campaigns with a rule of their own, that no shortfall runs for yet."""
    # A gap that work left has no pledge, and "not among these" is never true where one of them is nothing.
    running = select(col(Shortfall.pledge_id)).where(
        Shortfall.state == ShortfallState.OPEN, col(Shortfall.pledge_id).is_not(None)
    )
    query = (
        select(Call, Campaign)
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .where(
            Call.state == CallState.DEFAULTED, Call.cause == CallCause.TRANCHE,
            Campaign.state == CampaignState.SECURED, col(Call.pledge_id).not_in(running),
        )
    )  # fmt: skip
    rows = db.exec(query.order_by(col(Call.id)))
    return [call.id for call, campaign in rows if rules_of(db, campaign).on_default != OnDefault.FUND]


def work_to_open(db: Session, _at: datetime) -> list[int]:
    """Work that was not done in time, in campaigns with a rule of their own, that no shortfall runs for yet."""
    open_ones = select(col(Shortfall.contribution_id)).where(
        Shortfall.state == ShortfallState.OPEN, col(Shortfall.contribution_id).is_not(None)
    )
    query = (
        select(InKindContribution, Campaign)
        .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
        .where(
            InKindContribution.state == InKindState.DEFAULTED, Campaign.state == CampaignState.SECURED,
            col(InKindContribution.id).not_in(open_ones),
        )
    )  # fmt: skip
    rows = db.exec(query.order_by(col(InKindContribution.id)))
    return [work.id for work, campaign in rows if rules_of(db, campaign).on_default != OnDefault.FUND]


def open_all(db: Session, campaign: Campaign, *, at: datetime) -> list[Shortfall]:
    """A shortfall for each pledge and each work that is late now and has none yet."""
    late, open_ones = gap.in_default(db, campaign), running(db, campaign)
    opened: list[Shortfall] = []
    for call in gap.late_calls(db, campaign):
        pledge = db.get_one(Pledge, call.pledge_id)
        # A match that is late with its pledge stands in the pledge's gap.
        if pledge.follows_id in late or pledge.id in {one.pledge_id for one in [*open_ones, *opened]}:
            continue
        opened.append(_open(db, campaign, call=call, at=at))
    for work in in_kind_sums.defaulted(db, campaign):
        if work.id not in {one.contribution_id for one in open_ones}:
            opened.append(_open(db, campaign, work=work, at=at))
    return opened


def _open(
    db: Session, campaign: Campaign, *, call: Call | None = None,
    work: InKindContribution | None = None, at: datetime,
) -> Shortfall:  # fmt: skip
    rules = rules_of(db, campaign)
    last = day_of(at, campaign.zone) + timedelta(days=rules.default_days)
    shortfall = Shortfall(
        campaign_id=campaign.id, call_id=call.id if call else None, pledge_id=call.pledge_id if call else None,
        contribution_id=work.id if work else None, rule=rules.on_default, gap_cents=0, offered_cents=0, opened_at=at,
        ends_at=end_of_day(last, campaign.zone),
    )  # fmt: skip
    price = sum(cents for _milestone, cents in gap.missing_of(db, shortfall))
    rooms = recutting.headroom(db, campaign, without=gap.no_help(db, campaign))
    room = max(0, sum(rooms.values()) - spoken_for(db, campaign))
    shortfall.gap_cents, shortfall.offered_cents = price, max(0, price - room)
    db.add(shortfall)
    record(
        db, "open", shortfall, by=None, at=at, campaign_id=campaign.id, rule=shortfall.rule, missing=price,
        offered=shortfall.offered_cents, until=shortfall.ends_at.isoformat(), of="work" if work else "call",
    )  # fmt: skip
    db.flush()
    return shortfall


def spoken_for(db: Session, campaign: Campaign, without: Shortfall | None = None) -> Cents:
    """What of the headroom other open gaps count on, where what it leaves is offered."""
    return sum(
        one.gap_cents - one.offered_cents for one in running(db, campaign)
        if one.rule == OnDefault.TOP_UP and (without is None or one.id != without.id)
    )  # fmt: skip


def running(db: Session, campaign: Campaign) -> list[Shortfall]:
    """The open gaps of a campaign, the first one first; one for a pledge."""
    query = select(Shortfall).where(
        Shortfall.campaign_id == campaign.id, Shortfall.state == ShortfallState.OPEN
    )
    return list(db.exec(query.order_by(col(Shortfall.id))))
