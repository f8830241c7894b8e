"""What happens to deliveries because time passed: found here, done by the worker one by one."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part
from app.delivery.model import Delivery, DeliveryState, Dispute, DisputeState
from app.delivery.outcome import complete_if_ended
from app.delivery.standing import (
    GRANTED,
    OPEN_DISPUTES,
    RUNNING,
    due_of,
    has_ended,
    latest_delivery,
    long_stopped,
)
from app.escrow import rules as escrow
from app.escrow.model import Call, CallLine, CallState, Release
from app.estimates.model import Milestone
from app.people.step import record

LONG_STOP = timedelta(days=60)


def past_long_stop(db: Session, at: datetime) -> list[tuple[int, int]]:
    """Campaign and milestone numbers whose due date passed 60 days ago with nothing under review."""
    query = (
        select(Part.campaign_id, Part.milestone_id)
        .join(Campaign, col(Campaign.id) == col(Part.campaign_id))
        .join(Milestone, col(Milestone.id) == col(Part.milestone_id))
        .where(
            campaigns.is_live(),
            Campaign.state == CampaignState.SECURED,
            Milestone.due_on < (at - LONG_STOP).date(),
        )
        .distinct()
    )
    # More time may have been granted since the estimate.
    return [
        (campaign_id, milestone_id) for campaign_id, milestone_id in db.exec(query)
        if due_of(db, db.get_one(Milestone, milestone_id)) < (at - LONG_STOP).date()
    ]  # fmt: skip


def long_stop(db: Session, campaign: Campaign, milestone: Milestone, *, at: datetime) -> None:
    """Nobody delivered within 60 days of the due date: what is held for the milestone is owed back by itself."""
    campaign = campaigns.lock(db, campaign.id)
    last = latest_delivery(db, milestone)
    if campaign.state != CampaignState.SECURED or (last and last.state in RUNNING):
        return
    if not has_ended(db, campaign, milestone):
        record(
            db, "long stop", milestone, by=None, at=at, campaign_id=campaign.id, milestone=milestone.number
        )
        db.flush()
    if milestone.id in long_stopped(db, campaign):
        for part in db.exec(
            select(Part).where(Part.milestone_id == milestone.id, campaigns.is_live()).order_by(col(Part.id))
        ):
            escrow.give_back_part(db, part, cause="long stop", at=at)
        complete_if_ended(db, campaign, at=at)


def to_settle(db: Session) -> list[int]:
    """Decided deliveries with a part that is paid by now but not released.

    A part that waits for its payer (a public body's) is not found before: it would be looked at, under its campaign's
    lock, in every round for weeks.
    """
    released = select(col(Release.part_id))
    rest = select(col(Release.part_id)).where(col(Release.cause).startswith("retention "))
    query = (
        select(Delivery.id)
        .join(Part, col(Part.milestone_id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .join(CallLine, col(CallLine.part_id) == col(Part.id))
        .join(Call, col(Call.id) == col(CallLine.call_id))
        .where(
            col(Delivery.state).in_(GRANTED),
            Part.price_cents > 0,
            Call.state == CallState.PAID,
            campaigns.is_live(),
            col(Part.id).not_in(released)
            | (
                (col(Delivery.retention_basis_points) > 0)
                & col(Part.id).not_in(rest)
                & (col(Campaign.state) == CampaignState.SECURED)
                & (
                    col(Delivery.retention_released_at).is_not(None)
                    | col(Delivery.retention_returned_at).is_not(None)
                )
            ),
        )
        .distinct()
    )
    return list(db.exec(query))


def past_review(db: Session, at: datetime) -> list[int]:
    """Deliveries whose backers' clock is over, in campaigns that go on."""
    query = (
        select(Delivery.id)
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .where(
            Delivery.state == DeliveryState.HANDED_IN,
            Delivery.review_ends_at <= at,
            Campaign.state == CampaignState.SECURED,
        )
    )
    return list(db.exec(query.order_by(col(Delivery.id))))


def disputes_due(db: Session, at: datetime) -> list[int]:
    """Open disputes whose day for statements or for the award has passed, or whose campaign has ended."""
    query = (
        select(Dispute.id)
        .join(Delivery, col(Delivery.id) == col(Dispute.delivery_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .where(
            col(Dispute.state).in_(OPEN_DISPUTES),
            ((col(Dispute.state) == DisputeState.STATING) & (col(Dispute.statements_end_at) <= at))
            | ((col(Dispute.decide_by) <= at) & ~col(Dispute.is_late))
            | (col(Campaign.state) != CampaignState.SECURED),
        )
    )
    return list(db.exec(query.order_by(col(Dispute.id))))


def reasons_to_publish(db: Session, at: datetime) -> list[int]:
    """Awards whose reasons both sides had their days to read."""
    query = select(Dispute.id).where(col(Dispute.publish_at) <= at, col(Dispute.published_at).is_(None))
    return list(db.exec(query.order_by(col(Dispute.id))))
