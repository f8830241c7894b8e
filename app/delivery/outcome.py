"""What a decision about a delivery does: money released or owed back, the campaign completed or wound up."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState
from app.delivery.dues import dues_of, first_dues_of
from app.delivery.model import Delivery, DeliveryState
from app.delivery.standing import (
    accepted_parts_unpaid,
    cause_of,
    decided_of,
    has_ended,
    holds_retention,
    is_unfinished,
    parts_of,
    rest_cause_of,
)
from app.escrow import calls, winding_up
from app.escrow import rules as escrow
from app.escrow.model import CallCause
from app.kit.money import WHOLE, BasisPoints, Cents
from app.kit.rules import Conflict
from app.kit.states import move
from app.people.step import record


def end(
    db: Session,
    campaign: Campaign,
    delivery: Delivery,
    state: DeliveryState,
    share: BasisPoints,
    *,
    award: Cents | None = None,
    at: datetime,
) -> None:
    """Decide a delivery for good: release this share of every paid part, and end the campaign if it was the last.

    `award` is the share to the cent, of the milestone's price, where an amount was named.
    """
    before = delivery.state
    move(delivery, state)
    delivery.decided_at, delivery.share_basis_points, delivery.award_cents = at, share, award
    record(
        db, state.value, delivery, by=None, at=at, before=before, campaign_id=campaign.id, share=share,
        amount=award,
    )  # fmt: skip
    settle(db, delivery, at=at)
    complete_if_ended(db, campaign, at=at)


def settle(db: Session, delivery: Delivery, *, at: datetime) -> int:
    """Release the decided share of every part that is paid by now, and owe the rest back. Again, only what is new.

    Returns how many parts were released. A part paid later (a public body's, or after a charge-back) is settled when
    the worker asks again.
    """
    campaigns.lock(db, delivery.campaign_id)
    share = delivery.share_basis_points or 0
    released = escrow.released_parts(db, delivery.campaign_id, cause_of(delivery))
    done = 0
    parts = parts_of(db, delivery)
    dues, at_once = dues_of(delivery, parts), first_dues_of(delivery, parts)
    for part in parts:
        if not part.price_cents:
            continue
        if part.id not in released:
            rest = None
            if share:
                rest = escrow.release(db, part, cause=cause_of(delivery), due=at_once[part.id], at=at)
                done += bool(rest)
            call = calls.call_of_part(db, part)
            # What cannot be released yet (its backer is frozen) does not go back in the meantime.
            is_settled = rest or not any(at_once[part.id])
            if share < WHOLE and is_settled and call and call.cause == CallCause.TRANCHE:
                escrow.give_back_part(db, part, cause="award", at=at)
        elif delivery.retention_released_at:
            rest = escrow.release(db, part, cause=rest_cause_of(delivery), due=dues[part.id], at=at)
            done += bool(rest and rest.at == at)
        if delivery.retention_returned_at and part.id in escrow.released_parts(
            db, delivery.campaign_id, cause_of(delivery)
        ):
            escrow.give_back_part(db, part, cause="retention", at=at)
    return done


def release_retention(db: Session, campaign: Campaign, delivery: Delivery, *, at: datetime) -> None:
    """Nothing is kept back any more: the rest of every part is released."""
    if holds_retention(delivery):
        delivery.retention_released_at = at
        record(
            db, "release retention", delivery, by=None, at=at, before=delivery.state, campaign_id=campaign.id
        )
        settle(db, delivery, at=at)


def give_back_retention(db: Session, campaign: Campaign, delivery: Delivery, *, at: datetime) -> None:
    """What was kept back is owed back to each backer."""
    if holds_retention(delivery):
        delivery.retention_returned_at = at
        record(
            db, "return retention", delivery, by=None, at=at, before=delivery.state, campaign_id=campaign.id
        )
        settle(db, delivery, at=at)


def complete_if_ended(db: Session, campaign: Campaign, *, at: datetime) -> None:
    """When every milestone has ended and no accepted part waits for its money, the campaign is completed."""
    if campaign.state != CampaignState.SECURED:
        return
    milestones = campaigns.scoped_milestones(db, campaign)
    if not all(has_ended(db, campaign, milestone) for milestone in milestones):
        return
    if any(is_unfinished(delivery) for delivery in decided_of(db, campaign)):
        return
    if not accepted_parts_unpaid(db, campaign):
        campaigns.complete(db, campaign, at=at)


def wind_up(db: Session, campaign: Campaign, *, at: datetime) -> None:
    """End what an ended campaign holds: what was accepted and is paid by now is released first, the rest goes back."""
    campaign = campaigns.lock(db, campaign.id)
    decided = decided_of(db, campaign)
    for delivery in decided:
        settle(db, delivery, at=at)
        if campaign.state != CampaignState.SECURED and holds_retention(delivery):
            # The work was taken: what was kept back follows it, unless a backer still waits for a defect to be mended.
            waits = delivery.state == DeliveryState.ACCEPTED_WITH_RESERVES
            (give_back_retention if waits else release_retention)(db, campaign, delivery, at=at)
    winding_up.wind_up(db, campaign, accepted=[delivery.milestone_id for delivery in decided], at=at)


def require_going_on(campaign: Campaign) -> None:
    """Raise `Conflict` once the campaign has ended: what it still held is owed back, there is nothing to decide."""
    if campaign.state != CampaignState.SECURED:
        raise Conflict("This campaign has ended: what it still held goes back to its backers.")


def locked(db: Session, delivery: Delivery) -> tuple[Campaign, Delivery]:
    """The campaign, then the delivery as it is now: both held until the transaction ends."""
    campaign = campaigns.lock(db, delivery.campaign_id)
    db.refresh(delivery)
    return campaign, delivery
