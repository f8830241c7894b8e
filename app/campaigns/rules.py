"""What may happen to a campaign: prepared, opened, secured or failed, stopped or completed."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.campaigns import in_kind, matching, round_rules
from app.campaigns.cutting import cut_parts, scope_of
from app.campaigns.model import Campaign, CampaignState, PlannedTranche, Pledge, PledgeState
from app.campaigns.reading import (
    decide_overdue,
    is_live,
    lock,
    milestones_of,
    parties,
    parts_of,
    planned_tranches,
    scoped_milestones,
    signed_pledges,
)
from app.campaigns.round_rules import PLAINEST, Chosen
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.clock import day_of, end_of_day
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Operator, Role
from app.people.step import record

__all__ = [
    "cancel", "complete", "decide", "decide_overdue", "is_live", "lapse_pledges", "lock", "milestones_of", "open_round",
    "parties",
    "parts_of", "planned_tranches", "prepare", "scoped_milestones", "secure_early", "secure_if_full", "signed_pledges",
    "stop", "stop_by_rule", "text_hash",
]  # fmt: skip

LONGEST_DAYS = 366


def prepare(
    db: Session, estimate: Estimate, *, deadline_on: date, tranches: Sequence[int] | None = None,
    chosen: Chosen = PLAINEST, by: Actor, at: datetime,
) -> Campaign:  # fmt: skip
    """Draft a campaign for an approved estimate, with the rules chosen for it.

    `tranches` gives each milestone, in order, the number of the tranche it is called with (default: one each).
    The deadline is the end of that day where the operator lives, not after the estimate's validity.
    """
    require_role(by, Role.OFFICER)
    stand_aside(db, by, {estimate.organization_id}, at=at)
    require(estimate.state == EstimateState.APPROVED, "Only an approved estimate can be co-financed.")
    if db.exec(select(Campaign.id).where(Campaign.estimate_id == estimate.id)).first():
        raise Conflict("This estimate has its campaign already.")
    operator = db.exec(select(Operator)).one()
    today = day_of(at, operator.zone)
    _check_deadline(estimate, deadline_on, today)
    round_rules.check(db, chosen, maintainer_id=estimate.organization_id)
    milestones = milestones_of(db, estimate.id)
    numbers = _tranche_numbers(milestones, tranches)
    campaign = Campaign(
        estimate_id=estimate.id,
        title=_title_of(db, estimate),
        currency=estimate.currency,
        minimum_cents=sum(m.price_cents for m in milestones if m.is_required),
        total_cents=sum(m.price_cents for m in milestones),
        fee_basis_points=round_rules.fee_of(db, chosen),
        zone=operator.zone,
        deadline_on=deadline_on,
        deadline_at=end_of_day(deadline_on, operator.zone),
        prepared_by_id=by.person.id,
        drafted_at=at,
    )
    db.add(campaign)
    db.flush()
    for milestone, number in zip(milestones, numbers, strict=True):
        db.add(PlannedTranche(campaign_id=campaign.id, milestone_id=milestone.id, number=number))
    rules = round_rules.write(db, campaign, chosen, at=at)
    record(
        db, "prepare", campaign, by=by, at=at, campaign_id=campaign.id, minimum=campaign.minimum_cents,
        **round_rules.facts(rules),
    )  # fmt: skip
    return campaign


def _check_deadline(estimate: Estimate, deadline_on: date, today: date) -> None:
    require(deadline_on > today, "The deadline must be later than today.", field="deadline_on")
    require(
        estimate.valid_until is None or deadline_on <= estimate.valid_until,
        "The estimate is valid until %(day)s: the deadline cannot be later.",
        field="deadline_on",
        day=estimate.valid_until,
    )
    require(
        (deadline_on - today).days <= LONGEST_DAYS,
        "The deadline is more than a year away.",
        field="deadline_on",
    )


def _tranche_numbers(milestones: list[Milestone], tranches: Sequence[int] | None) -> list[int]:
    numbers = list(tranches) if tranches else list(range(1, len(milestones) + 1))
    require(len(numbers) == len(milestones), "Each milestone needs its tranche.", field="tranches")
    steps = [after - before for before, after in zip([0, *numbers], numbers, strict=False)]
    require(
        steps[0] == 1 and all(step in (0, 1) for step in steps),
        "Tranches are numbered from 1 in the order of the milestones, without a gap.",
        field="tranches",
    )
    return numbers


def _title_of(db: Session, estimate: Estimate) -> str:
    from app.roadmap.model import RoadmapItem

    return db.get_one(RoadmapItem, estimate.item_id).title


def open_round(db: Session, campaign: Campaign, *, by: Actor, at: datetime) -> Campaign:
    """Open the campaign for pledges. From here on its rules are frozen."""
    require_role(by, Role.OFFICER)
    campaign = lock(db, campaign.id)
    estimate = db.get_one(Estimate, campaign.estimate_id)
    lead_id = round_rules.rules_of(db, campaign).lead_id
    stand_aside(db, by, {estimate.organization_id} | ({lead_id} if lead_id else set()), at=at)
    require(at < campaign.deadline_at, "The deadline has passed: cancel this draft and prepare another.")
    before = campaign.state
    move(campaign, CampaignState.OPEN)
    campaign.opened_at = at
    record(
        db, "open", campaign, by=by, at=at, before=before, campaign_id=campaign.id,
        minimum=campaign.minimum_cents, total=campaign.total_cents, deadline=campaign.deadline_on.isoformat(),
        fee_basis_points=campaign.fee_basis_points, collection_days=campaign.collection_days,
        review_days=campaign.review_days, **round_rules.facts(round_rules.rules_of(db, campaign)),
    )  # fmt: skip
    return campaign


def cancel(db: Session, campaign: Campaign, *, reason: str, by: Actor, at: datetime) -> Campaign:
    """Give a draft or open campaign up, with a public reason; every pledge ends by itself."""
    require_role(by, Role.OFFICER)
    campaign = lock(db, campaign.id)
    aside = stand_aside(db, by, parties(db, campaign), at=at)
    _end(db, campaign, CampaignState.CANCELLED, reason=reason, by=by, at=at, aside=aside)
    lapse_pledges(db, campaign, at=at, reason="cancelled")
    return campaign


def stop(db: Session, campaign: Campaign, *, reason: str, by: Actor, at: datetime) -> Campaign:
    """End a secured campaign early, with a public reason. What is still held goes back to each backer."""
    require_role(by, Role.OFFICER)
    campaign = lock(db, campaign.id)
    aside = stand_aside(db, by, parties(db, campaign), at=at)
    _end(db, campaign, CampaignState.STOPPED, reason=reason, by=by, at=at, aside=aside)
    return campaign


def stop_by_rule(db: Session, campaign: Campaign, *, reason: str, at: datetime) -> None:
    """End a secured campaign because its backers voted so, or its rule says so. It is locked already."""
    _end(db, campaign, CampaignState.STOPPED, reason=reason, by=None, at=at)


def complete(db: Session, campaign: Campaign, *, at: datetime) -> Campaign:
    """Every milestone has ended: so has the campaign."""
    campaign = lock(db, campaign.id)
    if campaign.state == CampaignState.SECURED:
        _end(db, campaign, CampaignState.COMPLETED, reason="", by=None, at=at)
    return campaign


def _end(
    db: Session, campaign: Campaign, state: CampaignState, *, reason: str, by: Actor | None, at: datetime,
    aside: Sequence[str] = (),
) -> None:  # fmt: skip
    require(reason.strip() or by is None, "Please give the reason: everyone can read it.", field="reason")
    before = campaign.state
    move(campaign, state)
    campaign.ended_at, campaign.end_reason = at, reason.strip()
    record(
        db, state.value, campaign, by=by, at=at, before=before, campaign_id=campaign.id, reason=reason.strip(),
        aside=list(aside),
    )  # fmt: skip
    in_kind.lapse(db, campaign, at=at)


def secure_early(db: Session, campaign: Campaign, *, by: Actor, at: datetime) -> Campaign:
    """Close a campaign before its deadline because its threshold is reached."""
    require_role(by, Role.OFFICER)
    campaign = lock(db, campaign.id)
    stand_aside(db, by, parties(db, campaign), at=at)
    if campaign.state != CampaignState.OPEN:
        raise Conflict("This campaign is not open any more.")
    require(
        campaign.is_reached,
        "The threshold is not reached: it can only be waited for until the deadline.",
    )
    _secure(db, campaign, by=by, at=at)
    return campaign


def decide(db: Session, campaign: Campaign, *, at: datetime) -> Campaign:
    """Decide an open campaign once its deadline has passed: secured, or failed and every pledge ends.

    Does nothing before the deadline, and nothing the second time. Call it with the campaign locked or not.
    """
    campaign = lock(db, campaign.id)
    if campaign.state != CampaignState.OPEN or at < campaign.deadline_at:
        return campaign
    if campaign.is_reached:
        _secure(db, campaign, by=None, at=at)
        return campaign
    _end(db, campaign, CampaignState.FAILED, reason="", by=None, at=at)
    lapse_pledges(db, campaign, at=at, reason="threshold missed")
    return campaign


def secure_if_full(db: Session, campaign: Campaign, *, by: Actor | None, at: datetime) -> None:
    """Secure a locked campaign at once when the whole estimate is pledged."""
    if campaign.state == CampaignState.OPEN and campaign.room_cents == 0:
        _secure(db, campaign, by=by, at=at)


def _secure(db: Session, campaign: Campaign, *, by: Actor | None, at: datetime) -> None:
    before = campaign.state
    move(campaign, CampaignState.SECURED)
    campaign.secured_at = at
    milestones = scope_of(db, campaign)
    in_kind.lapse(db, campaign, at=at, in_scope={milestone.id for milestone in milestones})
    cut_parts(db, campaign, milestones, at=at)
    record(
        db, "secure", campaign, by=by, at=at, before=before, campaign_id=campaign.id,
        pledged=campaign.signed_cents, scope=[m.number for m in milestones],
    )  # fmt: skip
    lapse_pledges(db, campaign, at=at, reason="not signed in time", only_unsigned=True)


def lapse_pledges(
    db: Session, campaign: Campaign, *, at: datetime, reason: str, only_unsigned: bool = False
) -> None:
    """End the pledges of a campaign that is over (or those still unsigned): nobody pays."""
    states = [PledgeState.DRAFTED, PledgeState.AWAITING_APPROVAL] + (
        [] if only_unsigned else [PledgeState.SIGNED]
    )
    query = select(Pledge).where(Pledge.campaign_id == campaign.id, col(Pledge.state).in_(states))
    for pledge in list(db.exec(query.order_by(col(Pledge.id)))):
        before = pledge.state
        move(pledge, PledgeState.LAPSED)
        pledge.ended_at, pledge.end_reason = at, reason
        if pledge.follows_id:
            matching.set_free(db, pledge, at=at)
        record(db, "lapse", pledge, by=None, at=at, before=before, campaign_id=campaign.id, reason=reason)


def text_hash(text: str) -> str:
    """What proves later that a text is the one that was signed."""
    return hashlib.sha256(text.encode()).hexdigest()
