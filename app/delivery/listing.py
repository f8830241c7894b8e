"""The milestones being financed: every one of them, or those that wait for somebody."""

from typing import Any

from sqlmodel import Session, and_, col, func, or_, select

from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.delivery.model import (
    Acceptance,
    Delivery,
    DeliveryState,
    Dispute,
    Opinion,
    ServiceCertificate,
)
from app.delivery.standing import ENDED, GRANTED, OPEN_DISPUTES
from app.estimates.model import Estimate, Milestone
from app.kit.words import N_
from app.people.access import Actor
from app.people.model import Kind, Organization, Role

FILTERS = {
    "work": N_("In the works"),
    "review": N_("With the backers"),
    "refused": N_("Refused or in dispute"),
    "ended": N_("Decided"),
}
STATES = {
    "review": (DeliveryState.HANDED_IN,),
    "refused": (DeliveryState.REFUSED, DeliveryState.DISPUTED),
    "ended": ENDED,
}
FINANCED = (CampaignState.SECURED, CampaignState.COMPLETED, CampaignState.STOPPED)


def milestones(db: Session, *, chosen: str, mine: Actor | None, after: str, most: int) -> list[Any]:
    """Financed milestones, newest first, as (milestone, campaign, maintainer); at most one more than `most`."""
    query = _financed().order_by(col(Milestone.public_id).desc()).limit(most + 1)
    if after:
        query = query.where(Milestone.public_id < after)
    if chosen == "work":
        query = query.where(
            Campaign.state == CampaignState.SECURED,
            or_(col(Delivery.id).is_(None), Delivery.state == DeliveryState.RETURNED),
        )
    elif chosen in STATES:
        query = query.where(col(Delivery.state).in_(STATES[chosen]))
    if mine:
        query = query.where(_concerns(mine))
    return [(row[0], row[1], row[2]) for row in db.exec(query)]


def of_campaign(db: Session, campaign: Campaign) -> list[Milestone]:
    """A campaign's milestones, financed or not, in order."""
    query = select(Milestone).where(Milestone.estimate_id == campaign.estimate_id)
    return list(db.exec(query.order_by(col(Milestone.number))))


def waiting(db: Session, by: Actor, most: int = 30) -> list[Any]:
    """Milestones on which this person has a next step, the most pressing first, as `milestones` gives them."""
    concern = _step_of(by)
    if concern is None:
        return []
    ends = func.coalesce(col(Delivery.review_ends_at), col(Delivery.decided_at))
    query = _financed().where(concern).order_by(ends.is_(None), ends, col(Milestone.id)).limit(most)
    return [(row[0], row[1], row[2]) for row in db.exec(query)]


def _financed() -> Any:
    attempts = (
        select(col(Delivery.milestone_id).label("milestone_id"), func.max(Delivery.attempt).label("attempt"))
        .group_by(col(Delivery.milestone_id))
        .subquery()
    )
    return (
        select(Milestone, Campaign, Organization, Delivery)
        .join(Estimate, col(Estimate.id) == col(Milestone.estimate_id))
        .join(Campaign, col(Campaign.estimate_id) == col(Estimate.id))
        .join(Organization, col(Organization.id) == col(Estimate.organization_id))
        .outerjoin(attempts, attempts.c.milestone_id == Milestone.id)
        .outerjoin(
            Delivery,
            and_(
                col(Delivery.milestone_id) == attempts.c.milestone_id,
                col(Delivery.attempt) == attempts.c.attempt,
            ),
        )
        .where(
            col(Campaign.state).in_(FINANCED),
            select(Part.id).where(col(Part.milestone_id) == col(Milestone.id)).exists(),
        )
    )


def _concerns(by: Actor) -> Any:
    if by.organization.kind == Kind.MAINTAINER:
        return Estimate.organization_id == by.organization.id
    return _own_part(by).exists()


def _own_part(by: Actor) -> Any:
    return (
        select(Part.id)
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(
            col(Part.milestone_id) == col(Milestone.id),
            Pledge.organization_id == by.organization.id,
            Part.price_cents > 0,
        )
    )


def _step_of(by: Actor) -> Any:
    """The condition under which this person has something to do."""
    secured = Campaign.state == CampaignState.SECURED
    if by.organization.kind == Kind.MAINTAINER and by.has(Role.MEMBER):
        steps = or_(
            col(Delivery.id).is_(None),
            col(Delivery.state).in_([DeliveryState.RETURNED, DeliveryState.REFUSED]),
        )
        return and_(secured, Estimate.organization_id == by.organization.id, steps)
    if by.organization.kind == Kind.CORPORATE and by.has(
        Role.BUYER, Role.APPROVER, Role.MEMBER, Role.FINANCE
    ):
        return or_(_to_answer(by, secured), _to_certify(by))
    if by.is_fund and by.has(Role.ARBITRATOR):
        mine = (
            select(Opinion.id)
            .join(Dispute, col(Dispute.id) == col(Opinion.dispute_id))
            .where(col(Dispute.delivery_id) == col(Delivery.id), Opinion.person_id == by.person.id)
        )
        opened = select(Dispute.id).where(
            col(Dispute.delivery_id) == col(Delivery.id), col(Dispute.state).in_(OPEN_DISPUTES)
        )
        return and_(secured, opened.exists(), ~mine.exists())
    return None


def _to_answer(by: Actor, secured: Any) -> Any:
    answered = select(Acceptance.id).where(
        col(Acceptance.delivery_id) == col(Delivery.id), Acceptance.organization_id == by.organization.id
    )
    return and_(
        secured, Delivery.state == DeliveryState.HANDED_IN, _own_part(by).exists(), ~answered.exists()
    )


def _to_certify(by: Actor) -> Any:
    certified = select(ServiceCertificate.id).where(
        col(ServiceCertificate.delivery_id) == col(Delivery.id),
        col(ServiceCertificate.pledge_id) == col(Pledge.id),
    )
    open_part = _own_part(by).where(col(Pledge.is_after_acceptance), ~certified.exists())
    return and_(col(Delivery.state).in_(GRANTED), open_part.exists())
