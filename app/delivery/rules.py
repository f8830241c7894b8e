"""What may happen to a milestone: handed in, certified by a public body; its backers answer in `answering`."""

from datetime import datetime

from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.delivery import checking
from app.delivery.answering import Answer, answer, count_silence
from app.delivery.dues import dues_of
from app.delivery.evidence import read_addresses
from app.delivery.model import Delivery, ServiceCertificate
from app.delivery.outcome import complete_if_ended, locked, settle, wind_up
from app.delivery.standing import (
    GRANTED,
    RUNNING,
    has_ended,
    latest_delivery,
    maintainer_id,
    parts_of,
    service_certificate_of,
)
from app.escrow import calls
from app.escrow.model import Call
from app.estimates.model import Milestone
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.rules import Conflict, Missing, require
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.step import record

__all__ = [
    "Answer", "answer", "certify", "complete_if_ended", "count_silence", "hand_in", "settle", "wind_up",
]  # fmt: skip


def hand_in(
    db: Session, campaign: Campaign, milestone: Milestone, *, version: str, evidence: str, message: str = "",
    by: Actor, at: datetime,
) -> Delivery:  # fmt: skip
    """Hand a milestone in with its evidence (addresses, one a line). The backers' clock starts."""
    require_role(by, Role.MEMBER)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    campaign = campaigns.lock(db, campaign.id)
    if campaign.state != CampaignState.SECURED:
        raise Conflict("Milestones are handed in only while the campaign is secured.")
    require(
        milestone.id in {m.id for m in campaigns.scoped_milestones(db, campaign)},
        "This milestone is not financed.",
    )
    require(
        calls.may_start(db, campaign, milestone.id),
        "The money for this milestone is not complete yet: work starts, and is handed in, once every call is paid.",
        status=409,
    )
    latest = latest_delivery(db, milestone)
    if has_ended(db, campaign, milestone):
        raise Conflict("This milestone has ended.")
    if latest and latest.state in RUNNING:
        raise Conflict("This milestone is with its backers already.")
    require(
        version.strip(), "Please name the version delivered: a tag, a release or a commit.", field="version"
    )
    addresses = read_addresses(evidence)
    last_day = add_business_days(day_of(at, campaign.zone), campaign.review_days)
    delivery = Delivery(
        campaign_id=campaign.id, milestone_id=milestone.id, attempt=(latest.attempt if latest else 0) + 1,
        version=version.strip(), evidence=addresses, message=message.strip(),
        handed_in_by_id=by.person.id, handed_in_at=at, review_ends_at=end_of_day(last_day, campaign.zone),
    )  # fmt: skip
    db.add(delivery)
    record(
        db, "hand in", delivery, by=by, at=at, campaign_id=campaign.id,
        milestone=milestone.number, version=delivery.version, evidence=delivery.evidence,
    )  # fmt: skip
    checking.ask(db, delivery, at=at)
    return delivery


def certify(db: Session, delivery: Delivery, pledge: Pledge, *, by: Actor, at: datetime) -> Call:
    """A public body certifies the service (service fait): its part is called now."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.FINANCE)
    if pledge.organization_id != by.organization.id:
        raise Missing
    _campaign, delivery = locked(db, delivery)
    require(pledge.is_after_acceptance, "This pledge is paid in advance: there is nothing to certify.")
    if delivery.state not in GRANTED:
        raise Conflict("Only an accepted delivery can be certified.")
    part = db.exec(
        select(Part).where(
            Part.pledge_id == pledge.id, Part.milestone_id == delivery.milestone_id, campaigns.is_live()
        )
    ).one()
    if service_certificate_of(db, delivery, pledge):
        raise Conflict("This service is certified already: the call for its payment was issued then.")
    db.add(ServiceCertificate(
        delivery_id=delivery.id, pledge_id=pledge.id, pseudonym=by.person.pseudonym, at=at
    ))  # fmt: skip
    record(db, "certify", delivery, by=by, at=at, campaign_id=delivery.campaign_id, pledge=pledge.id)
    price, tax = dues_of(delivery, parts_of(db, delivery))[part.id]
    return calls.call_after_acceptance(db, pledge, part, price=price, tax=tax, at=at)
