"""What may happen after a refusal: taken back, or disputed and decided by two arbitrators who write alike."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.model import Delivery, DeliveryState, Dispute, DisputeState, Opinion
from app.delivery.rules import end, locked, require_going_on
from app.delivery.standing import dispute_of, latest_opinions, maintainer_id
from app.kit.money import WHOLE, BasisPoints
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record


def take_back(db: Session, delivery: Delivery, *, by: Actor, at: datetime) -> Delivery:
    """The maintainer takes a refused (or disputed) delivery back, to hand in again."""
    campaign, delivery = _own_delivery(db, delivery, by)
    before = delivery.state
    move(delivery, DeliveryState.RETURNED)
    dispute = dispute_of(db, delivery)
    if dispute and dispute.state == DisputeState.OPEN:
        move(dispute, DisputeState.DROPPED)
        dispute.ended_at = at
        record(db, "drop", dispute, by=by, at=at, before=DisputeState.OPEN, campaign_id=campaign.id)
    record(db, "take back", delivery, by=by, at=at, before=before, campaign_id=campaign.id)
    return delivery


def dispute(db: Session, delivery: Delivery, *, reasons: str, by: Actor, at: datetime) -> Dispute:
    """The maintainer does not accept the refusal: two arbitrators of the fund decide."""
    campaign, delivery = _own_delivery(db, delivery, by)
    require(reasons.strip(), "Please say why the criteria are met.", field="reasons")
    before = delivery.state
    move(delivery, DeliveryState.DISPUTED)
    opened = Dispute(delivery_id=delivery.id, reasons=reasons.strip(), opened_at=at)
    db.add(opened)
    record(
        db, "dispute", delivery, by=by, at=at, before=before, campaign_id=campaign.id, reasons=reasons.strip()
    )
    return opened


def write_opinion(
    db: Session, of: Dispute, *, share: BasisPoints, reason: str, by: Actor, at: datetime
) -> Dispute:
    """An arbitrator writes what they would grant. When two write the same share, that is the award."""
    require_role(by, Role.ARBITRATOR)
    campaign, delivery = locked(db, db.get_one(Delivery, of.delivery_id))
    db.refresh(of)
    aside = stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if of.state != DisputeState.OPEN:
        raise Conflict("This dispute has ended.")
    require_going_on(campaign)
    require(
        0 <= share <= WHOLE and share % 100 == 0, "A whole percentage from 0 to 100, please.", field="percent"
    )
    require(reason.strip(), "Please give the reason: both sides and the public read it.", field="reason")
    db.add(
        Opinion(
            dispute_id=of.id, person_id=by.person.id, share_basis_points=share, reason=reason.strip(), at=at
        )
    )
    record(
        db, "write opinion", of, by=by, at=at, campaign_id=campaign.id, share=share, reason=reason.strip(),
        aside=aside,
    )  # fmt: skip
    latest = latest_opinions(db, of)
    if sum(opinion.share_basis_points == share for opinion in latest) >= 2:
        _award(db, campaign, delivery, of, share, at=at)
    return of


def _award(
    db: Session, campaign: Campaign, delivery: Delivery, of: Dispute, share: BasisPoints, *, at: datetime
) -> None:
    move(of, DisputeState.AWARDED)
    of.ended_at, of.share_basis_points = at, share
    record(db, "award", of, by=None, at=at, before=DisputeState.OPEN, campaign_id=campaign.id, share=share)
    state = {WHOLE: DeliveryState.ACCEPTED, 0: DeliveryState.REJECTED}.get(share, DeliveryState.PART_ACCEPTED)
    end(db, campaign, delivery, state, share, at=at)


def _own_delivery(db: Session, delivery: Delivery, by: Actor) -> tuple[Campaign, Delivery]:
    require_role(by, Role.MEMBER)
    campaign, delivery = locked(db, delivery)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    require_going_on(campaign)
    return campaign, delivery
