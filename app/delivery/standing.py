"""How a milestone stands: its deliveries, whose word weighs what, what was answered."""

from datetime import date

from sqlmodel import Session, col, func, select

from app.campaigns import in_kind_sums
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge
from app.delivery.model import (
    Acceptance,
    Delivery,
    DeliveryState,
    Dispute,
    DisputeState,
    Extension,
    Opinion,
    ServiceCertificate,
    Shortcoming,
    Statement,
)
from app.escrow import rules as escrow
from app.escrow.freezing import frozen_pledges
from app.estimates.amending import amendments_of
from app.estimates.model import Estimate, Milestone
from app.kit.money import Cents, portion
from app.people.step import Step

# Something of it was accepted: parts are released, public bodies certify.
GRANTED = (DeliveryState.ACCEPTED, DeliveryState.ACCEPTED_WITH_RESERVES, DeliveryState.PART_ACCEPTED)
ENDED = (*GRANTED, DeliveryState.REJECTED)
OPEN_DISPUTES = (DisputeState.STATING, DisputeState.DECIDING, DisputeState.TIED)
RUNNING = (DeliveryState.HANDED_IN, DeliveryState.REFUSED, DeliveryState.DISPUTED)


def has_ended(db: Session, campaign: Campaign, milestone: Milestone) -> bool:
    """Whether a milestone was decided for good, or its long stop has passed."""
    last = latest_delivery(db, milestone)
    return bool(last and last.state in ENDED) or milestone.id in long_stopped(db, campaign)


def long_stopped(db: Session, campaign: Campaign) -> set[int]:
    """The milestones nobody delivered in time: their money went back by itself."""
    steps = db.exec(
        select(Step.thing_id).where(
            Step.campaign_id == campaign.id, Step.act == "long stop", Step.thing == "Milestone"
        )
    )
    return set(steps)


def weights_of(db: Session, delivery: Delivery) -> dict[int, Cents]:
    """What each backer's word weighs: its parts of this milestone, in cents, by organization.

    Who works on the milestone does not answer its own delivery.
    """
    query = (
        select(Pledge.organization_id, func.sum(Part.price_cents))
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(Part.milestone_id == delivery.milestone_id, Part.price_cents > 0, campaigns.is_live())
        .where(col(Pledge.follows_id).is_(None))
        .group_by(col(Pledge.organization_id))
    )
    weights = {organization_id: int(cents) for organization_id, cents in db.exec(query)}
    return in_kind_sums.without(weights, in_kind_sums.workers_on(db, delivery.milestone_id))


def parts_of(db: Session, delivery: Delivery) -> list[Part]:
    """Every backer's part of the milestone."""
    return list(
        db.exec(
            select(Part)
            .where(Part.milestone_id == delivery.milestone_id, campaigns.is_live())
            # A part cut anew with other VAT keeps its place: an award's odd cents fall where they fell.
            .order_by(col(Part.pledge_id), col(Part.id))
        )
    )


def answers_of(db: Session, delivery: Delivery) -> list[Acceptance]:
    """What the backers answered, in order."""
    return list(
        db.exec(select(Acceptance).where(Acceptance.delivery_id == delivery.id).order_by(col(Acceptance.id)))
    )


def shortcomings_of(db: Session, delivery: Delivery) -> dict[int, list[Shortcoming]]:
    """The criteria found not met, by the organization that says so."""
    query = (
        select(Acceptance.organization_id, Shortcoming)
        .join(Acceptance, col(Acceptance.id) == col(Shortcoming.acceptance_id))
        .where(Acceptance.delivery_id == delivery.id)
    )
    found: dict[int, list[Shortcoming]] = {}
    for organization_id, one in db.exec(query.order_by(col(Shortcoming.id))):
        found.setdefault(organization_id, []).append(one)
    return found


def latest_delivery(db: Session, milestone: Milestone) -> Delivery | None:
    """The last attempt at a milestone."""
    return latest_delivery_of(db, milestone.id)


def latest_delivery_of(db: Session, milestone_id: int) -> Delivery | None:
    """The last attempt at a milestone, by its number."""
    query = (
        select(Delivery).where(Delivery.milestone_id == milestone_id).order_by(col(Delivery.attempt).desc())
    )
    return db.exec(query).first()


def decided_of(db: Session, campaign: Campaign) -> list[Delivery]:
    """A campaign's deliveries of which something was accepted."""
    query = select(Delivery).where(
        Delivery.campaign_id == campaign.id,
        col(Delivery.state).in_(GRANTED),
    )
    return list(db.exec(query.order_by(col(Delivery.id))))


def holds_retention(delivery: Delivery) -> bool:
    """Whether something of an accepted delivery is kept back still."""
    is_open = not (delivery.retention_released_at or delivery.retention_returned_at)
    return bool(delivery.retention_basis_points) and is_open and delivery.share_basis_points is not None


def is_unfinished(delivery: Delivery) -> bool:
    """Whether an accepted delivery still waits for a reserve or its retention: its campaign goes on."""
    return delivery.state == DeliveryState.ACCEPTED_WITH_RESERVES or holds_retention(delivery)


def due_of(db: Session, milestone: Milestone) -> date:
    """The day a milestone is due: the one agreed last. An amendment sets a day of its own."""
    query = select(func.max(Extension.until_on)).where(Extension.milestone_id == milestone.id)
    if amended := amendments_of(db, milestone):
        query = query.where(Extension.at > amended[0].at)
    return db.exec(query).one() or milestone.due_on


def dispute_of(db: Session, delivery: Delivery) -> Dispute | None:
    """The dispute over a delivery."""
    return db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).first()


def latest_opinions(db: Session, of: Dispute) -> list[Opinion]:
    """Each arbitrator's last opinion."""
    query = select(Opinion).where(Opinion.dispute_id == of.id).order_by(col(Opinion.id))
    return list({opinion.person_id: opinion for opinion in db.exec(query)}.values())


def granted_by(opinion: Opinion, milestone: Milestone) -> Cents:
    """What an opinion grants of the milestone's price, in cents, however it was written."""
    if opinion.cents is not None:
        return opinion.cents
    return portion(milestone.price_cents, opinion.share_basis_points)


def statements_of(db: Session, of: Dispute) -> list[Statement]:
    """What both sides said, in order."""
    return list(db.exec(select(Statement).where(Statement.dispute_id == of.id).order_by(col(Statement.id))))


def maintainer_id(db: Session, campaign: Campaign) -> int:
    """The organization that delivers."""
    return db.get_one(Estimate, campaign.estimate_id).organization_id


def accepted_parts_unpaid(db: Session, campaign: Campaign) -> list[Part]:
    """Parts of accepted milestones that wait for their money: a public body's, one taken back, or one frozen.

    What was released before its payment was taken back is a claim on its backer, and waits for nothing here.
    """
    unpaid, frozen = [], frozen_pledges(db, campaign)
    for part in campaigns.parts_of(db, campaign):
        last = latest_delivery_of(db, part.milestone_id)
        if not part.price_cents or not last or not last.share_basis_points:
            continue
        if escrow.is_paid(db, part) and part.pledge_id not in frozen:
            continue
        if part.id not in escrow.released_parts(db, campaign.id, cause_of(last)):
            unpaid.append(part)
    return unpaid


def service_certificate_of(db: Session, delivery: Delivery, pledge: Pledge) -> ServiceCertificate | None:
    """A public body's certificate of the service for this pledge, once it was given."""
    query = select(ServiceCertificate).where(
        ServiceCertificate.delivery_id == delivery.id, ServiceCertificate.pledge_id == pledge.id
    )
    return db.exec(query).first()


def rest_cause_of(delivery: Delivery) -> str:
    """What the release of a retention names as its cause."""
    return f"retention {delivery.milestone_id}"


def cause_of(delivery: Delivery) -> str:
    """What a release names as its cause: it is made once for each part of a milestone."""
    return f"milestone {delivery.milestone_id}"
