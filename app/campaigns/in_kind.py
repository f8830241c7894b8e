"""Work that counts instead of money: what may happen to a contribution, and how it lowers its milestone's price."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.in_kind_sums import agreed_by_milestone
from app.campaigns.limits import require_may_commit
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.reading import lock
from app.campaigns.round_rules import rules_of
from app.estimates.model import Estimate, Milestone
from app.kit.clock import day_of, end_of_day
from app.kit.money import Cents, Money, portion
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Kind, Role
from app.people.step import record

FINAL = (InKindState.RENDERED, InKindState.DECLINED, InKindState.LAPSED)
QUARTERS = 4


@dataclass(frozen=True)
class Offer:
    """The work an organization offers: for which milestone, how many quarter days, at which rate, at most how much."""

    milestone_id: int
    what: str
    quarter_days: int
    day_rate_cents: Cents
    ceiling_cents: Cents
    due_on: date


def worth(quarter_days: int, day_rate_cents: Cents) -> Cents:
    """What so many quarter days are worth at this day rate, rounded down to the cent."""
    return quarter_days * day_rate_cents // QUARTERS


def give_up(db: Session, contribution: InKindContribution, *, at: datetime) -> None:
    """Nobody waits for this work any more: it does not count, and its milestone is paid in money again."""
    campaign, contribution = locked(db, contribution)
    _count(db, campaign, contribution, -1)
    _end(db, contribution, InKindState.LAPSED, "lapse", "not done in time", by=None, at=at)


def offer(db: Session, campaign: Campaign, offered: Offer, *, by: Actor, at: datetime) -> InKindContribution:
    """Offer days of work for one milestone. It counts for nothing until it is valued and agreed."""
    require_role(by, Role.BUYER, Role.APPROVER)
    require(by.organization.kind == Kind.CORPORATE, "Only an organization that buys can offer work.")
    _require_open(campaign, at)
    require(
        rules_of(db, campaign).in_kind_most_basis_points, "In this campaign only money counts.", field="days"
    )
    milestone = db.get_one(Milestone, offered.milestone_id)
    require(
        milestone.estimate_id == campaign.estimate_id,
        "Please choose one of its milestones.",
        field="milestone",
    )
    require(offered.what.strip(), "Please say what your people would do.", field="what")
    require(
        1 <= offered.quarter_days <= 4000, "Between a quarter of a day and 1,000 days, please.", field="days"
    )
    require(offered.day_rate_cents > 0, "The amount must be more than zero.", field="rate")
    require(offered.ceiling_cents > 0, "The amount must be more than zero.", field="ceiling")
    require(offered.due_on > day_of(at, campaign.zone), "The day must be later than today.", field="due_on")
    made = InKindContribution(
        campaign_id=campaign.id, milestone_id=milestone.id, organization_id=by.organization.id,
        what=offered.what.strip(), quarter_days=offered.quarter_days, day_rate_cents=offered.day_rate_cents,
        ceiling_cents=offered.ceiling_cents, due_on=offered.due_on, due_at=end_of_day(offered.due_on, campaign.zone),
        offered_by_id=by.person.id, offered_at=at,
    )  # fmt: skip
    db.add(made)
    record(db, "offer", made, by=by, at=at, campaign_id=campaign.id, quarters=made.quarter_days)
    return made


def value(db: Session, contribution: InKindContribution, *, cents: Cents, by: Actor, at: datetime) -> None:
    """The maintainer says what the work is worth to the milestone: never above the offer or its ceiling."""
    campaign, contribution = by_maintainer(db, contribution, by)
    _require_open(campaign, at)
    aside = stand_aside(db, by, {contribution.organization_id}, at=at)
    most = min(contribution.ceiling_cents, worth(contribution.quarter_days, contribution.day_rate_cents))
    require(
        0 < cents <= most, "It was offered for at most %(most)s.", field="value",
        most=Money(most, campaign.currency),
    )  # fmt: skip
    before = contribution.state
    move(contribution, InKindState.VALUED)
    contribution.value_cents = cents
    record(
        db,
        "value",
        contribution,
        by=by,
        at=at,
        before=before,
        campaign_id=campaign.id,
        value=cents,
        aside=aside,
    )


def decline(db: Session, contribution: InKindContribution, *, reason: str, by: Actor, at: datetime) -> None:
    """Either side says no before it is agreed, with a reason the other reads."""
    campaign, contribution = locked(db, contribution)
    if by.organization.id not in (contribution.organization_id, _maintainer_id(db, campaign)):
        raise Missing
    is_own = by.organization.id == contribution.organization_id
    require_role(by, *((Role.BUYER, Role.APPROVER) if is_own else (Role.MEMBER,)))
    require(reason.strip(), "Please say why.", field="reason")
    _end(db, contribution, InKindState.DECLINED, "decline", reason.strip(), by=by, at=at)


def agree(
    db: Session, contribution: InKindContribution, *, text: str, text_hash: str, by: Actor, at: datetime
) -> None:
    """Sign the work order: from now on the work counts, and its milestone costs so much less in money.

    A buyer signs within the yearly limit; above it an approver who did not offer it.
    """
    from app.campaigns.rules import secure_if_full

    campaign, contribution = locked(db, contribution)
    if contribution.organization_id != by.organization.id:
        raise Missing
    if contribution.state != InKindState.VALUED:
        raise Conflict("This work is not to be agreed now.")
    _require_open(campaign, at)
    aside = stand_aside(db, by, {_maintainer_id(db, campaign)}, at=at)
    require_may_commit(
        db,
        contribution.value_cents,
        prepared_by_id=contribution.offered_by_id,
        zone=campaign.zone,
        by=by,
        at=at,
    )
    milestone = db.get_one(Milestone, contribution.milestone_id)
    _require_room(db, campaign, milestone, contribution.value_cents)
    before = contribution.state
    move(contribution, InKindState.AGREED)
    contribution.agreed_by_id, contribution.agreed_at = by.person.id, at
    contribution.order_text, contribution.order_hash = text, text_hash
    _count(db, campaign, contribution, +1)
    record(
        db, "agree", contribution, by=by, at=at, before=before, campaign_id=campaign.id,
        value=contribution.value_cents, milestone=milestone.number, text=text_hash, aside=aside,
    )  # fmt: skip
    secure_if_full(db, campaign, by=by, at=at)


def _require_room(db: Session, campaign: Campaign, milestone: Milestone, cents: Cents) -> None:
    most = portion(campaign.minimum_cents, rules_of(db, campaign).in_kind_most_basis_points)
    left = max(0, most - campaign.in_kind_cents)
    require(
        cents <= left,
        "Work may still count for %(left)s in this campaign.",
        left=Money(left, campaign.currency),
    )
    require(
        cents <= campaign.room_cents, "Only %(left)s of the estimate is still open.",
        left=Money(campaign.room_cents, campaign.currency),
    )  # fmt: skip
    others = agreed_by_milestone(db, campaign).get(milestone.id, 0)
    require(others + cents < milestone.price_cents, "A part of each milestone has to be paid in money.")


def _count(db: Session, campaign: Campaign, contribution: InKindContribution, sign: int) -> None:
    is_required = db.get_one(Milestone, contribution.milestone_id).is_required
    # The two sums change together: nothing may be read in between, which would write the first alone.
    contribution.does_count = sign > 0
    campaign.in_kind_cents += sign * contribution.value_cents
    if is_required:
        campaign.in_kind_required_cents += sign * contribution.value_cents


def lapse(db: Session, campaign: Campaign, *, at: datetime, in_scope: Collection[int] = ()) -> None:
    """The campaign ended, or was secured without the milestones they are for: contributions not done end.

    Before it is secured they stop counting; afterwards the parts were cut with them, and stay as they are.
    """
    was_cut = campaign.secured_at is not None and not in_scope
    query = select(InKindContribution).where(
        InKindContribution.campaign_id == campaign.id, col(InKindContribution.state).not_in(FINAL)
    )
    for contribution in list(db.exec(query.order_by(col(InKindContribution.id)))):
        agreed = contribution.state not in (InKindState.OFFERED, InKindState.VALUED)
        if in_scope and agreed and contribution.milestone_id in in_scope:
            continue
        if contribution.does_count and not was_cut:
            _count(db, campaign, contribution, -1)
        _end(db, contribution, InKindState.LAPSED, "lapse", "campaign over", by=None, at=at)


def _end(
    db: Session, contribution: InKindContribution, state: InKindState, act: str, reason: str, *,
    by: Actor | None, at: datetime,
) -> None:  # fmt: skip
    before = contribution.state
    move(contribution, state)
    contribution.ended_at, contribution.end_reason = at, reason
    record(
        db,
        act,
        contribution,
        by=by,
        at=at,
        before=before,
        campaign_id=contribution.campaign_id,
        reason=reason,
    )


def locked(db: Session, contribution: InKindContribution) -> tuple[Campaign, InKindContribution]:
    """The campaign, then the contribution as it is now: both held until the transaction ends."""
    campaign = lock(db, contribution.campaign_id)
    db.refresh(contribution)
    return campaign, contribution


def by_maintainer(
    db: Session, contribution: InKindContribution, by: Actor
) -> tuple[Campaign, InKindContribution]:
    """The same for its maintainer alone. Raises `Missing` for others."""
    require_role(by, Role.MEMBER)
    campaign, contribution = locked(db, contribution)
    if by.organization.id != _maintainer_id(db, campaign):
        raise Missing
    return campaign, contribution


def _maintainer_id(db: Session, campaign: Campaign) -> int:
    return db.get_one(Estimate, campaign.estimate_id).organization_id


def _require_open(campaign: Campaign, at: datetime) -> None:
    if campaign.state != CampaignState.OPEN or at >= campaign.deadline_at:
        raise Conflict("This campaign is not open for pledges.")
