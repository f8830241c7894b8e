"""What may happen to a milestone: handed in, accepted or refused by its backers, taken back or disputed."""

from datetime import datetime

from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.delivery import checking
from app.delivery.evidence import read_addresses
from app.delivery.model import Acceptance, Delivery, DeliveryState, ServiceCertificate
from app.delivery.standing import (
    RUNNING,
    accepted_parts_unpaid,
    answers_of,
    cause_of,
    decided_of,
    has_ended,
    latest_delivery,
    maintainer_id,
    parts_of,
    service_certificate_of,
    weights_of,
)
from app.escrow import calls, winding_up
from app.escrow import rules as escrow
from app.escrow.model import Call, CallCause
from app.estimates.model import Milestone
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.money import WHOLE, BasisPoints, Cents, portion
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Role
from app.people.step import CLOCK, record


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


def answer(
    db: Session, delivery: Delivery, *, accepts: bool, reasons: str = "", by: Actor, at: datetime
) -> Delivery:
    """A backer accepts, or refuses with reasons. Its word weighs what its part of the milestone weighs."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.MEMBER)
    campaign, delivery = locked(db, delivery)
    weights = weights_of(db, delivery)
    if by.organization.id not in weights:
        raise Refused("Only the backers of this milestone answer it.", status=403)
    stand_aside_from_own(by, delivery.handed_in_by_id)
    stand_aside(db, by, {maintainer_id(db, campaign)}, at=at)
    if delivery.state != DeliveryState.HANDED_IN:
        raise Conflict("This delivery was decided already.")
    require_going_on(campaign)
    if at >= delivery.review_ends_at:
        raise Conflict("The time to answer is over: silence counted as acceptance.")
    if by.organization.id in {given.organization_id for given in answers_of(db, delivery)}:
        raise Conflict("Your organization has answered already.")
    require(accepts or reasons.strip(), "Please say which criteria are not met.", field="reasons")
    _write_answer(
        db, delivery, by.organization.id, weights, accepts=accepts, reasons=reasons.strip(),
        pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    record(
        db, "accept" if accepts else "refuse", delivery, by=by, at=at, before=delivery.state,
        campaign_id=campaign.id, reasons=reasons.strip(), weight=weights[by.organization.id],
    )  # fmt: skip
    _decide(db, campaign, delivery, weights, at=at)
    return delivery


def count_silence(db: Session, delivery: Delivery, *, at: datetime) -> Delivery:
    """The clock is over: each backer without an answer counts as accepting."""
    campaign, delivery = locked(db, delivery)
    if delivery.state != DeliveryState.HANDED_IN or at < delivery.review_ends_at:
        return delivery
    if campaign.state != CampaignState.SECURED:
        return delivery
    weights = weights_of(db, delivery)
    answered = {given.organization_id for given in answers_of(db, delivery)}
    for organization_id in sorted(set(weights) - answered):
        _write_answer(
            db, delivery, organization_id, weights, accepts=True, by_silence=True, pseudonym=CLOCK, at=at
        )
    record(
        db, "count silence", delivery, by=None, at=at, before=delivery.state, campaign_id=campaign.id,
        silent=len(set(weights) - answered),
    )  # fmt: skip
    _decide(db, campaign, delivery, weights, at=at)
    return delivery


def _write_answer(
    db: Session, delivery: Delivery, organization_id: int, weights: dict[int, Cents], *, accepts: bool,
    pseudonym: str, at: datetime, reasons: str = "", by_silence: bool = False,
) -> None:  # fmt: skip
    db.add(Acceptance(
        delivery_id=delivery.id, organization_id=organization_id, accepts=accepts, by_silence=by_silence,
        reasons=reasons, weight_cents=weights[organization_id], pseudonym=pseudonym, at=at,
    ))  # fmt: skip
    db.flush()


def _decide(
    db: Session, campaign: Campaign, delivery: Delivery, weights: dict[int, Cents], *, at: datetime
) -> None:
    """Accepted as soon as more than half of the money accepts, refused as soon as half of it or more refuses."""
    given = answers_of(db, delivery)
    whole = sum(weights.values())
    if 2 * sum(a.weight_cents for a in given if a.accepts) > whole:
        end(db, campaign, delivery, DeliveryState.ACCEPTED, WHOLE, at=at)
    elif 2 * sum(a.weight_cents for a in given if not a.accepts) >= whole:
        before = delivery.state
        move(delivery, DeliveryState.REFUSED)
        delivery.decided_at = at
        record(db, "refused", delivery, by=None, at=at, before=before, campaign_id=campaign.id)


def end(
    db: Session,
    campaign: Campaign,
    delivery: Delivery,
    state: DeliveryState,
    share: BasisPoints,
    *,
    at: datetime,
) -> None:
    """Decide a delivery for good: release this share of every paid part, and end the campaign if it was the last."""
    before = delivery.state
    move(delivery, state)
    delivery.decided_at, delivery.share_basis_points = at, share
    record(db, state.value, delivery, by=None, at=at, before=before, campaign_id=campaign.id, share=share)
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
    for part in parts_of(db, delivery):
        if not part.price_cents or part.id in released:
            continue
        if share and escrow.release(db, part, cause=cause_of(delivery), share=share, at=at):
            done += 1
        call = calls.call_of_part(db, part)
        if share < WHOLE and call and call.cause == CallCause.TRANCHE:
            escrow.give_back_part(db, part, cause="award", at=at)
    return done


def certify(db: Session, delivery: Delivery, pledge: Pledge, *, by: Actor, at: datetime) -> Call:
    """A public body certifies the service (service fait): its part is called now."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.FINANCE)
    if pledge.organization_id != by.organization.id:
        raise Missing
    _campaign, delivery = locked(db, delivery)
    require(pledge.is_after_acceptance, "This pledge is paid in advance: there is nothing to certify.")
    if delivery.state not in (DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED):
        raise Conflict("Only an accepted delivery can be certified.")
    part = db.exec(
        select(Part).where(Part.pledge_id == pledge.id, Part.milestone_id == delivery.milestone_id)
    ).one()
    if service_certificate_of(db, delivery, pledge):
        raise Conflict("This service is certified already: the call for its payment was issued then.")
    db.add(ServiceCertificate(
        delivery_id=delivery.id, pledge_id=pledge.id, pseudonym=by.person.pseudonym, at=at
    ))  # fmt: skip
    record(db, "certify", delivery, by=by, at=at, campaign_id=delivery.campaign_id, pledge=pledge.id)
    share = delivery.share_basis_points or 0
    return calls.call_after_acceptance(
        db, pledge, part, price=portion(part.price_cents, share), tax=portion(part.vat_cents, share), at=at
    )


def complete_if_ended(db: Session, campaign: Campaign, *, at: datetime) -> None:
    """When every milestone has ended and no accepted part waits for its money, the campaign is completed."""
    if campaign.state != CampaignState.SECURED:
        return
    milestones = campaigns.scoped_milestones(db, campaign)
    if not all(has_ended(db, campaign, milestone) for milestone in milestones):
        return
    if not accepted_parts_unpaid(db, campaign):
        campaigns.complete(db, campaign, at=at)


def wind_up(db: Session, campaign: Campaign, *, at: datetime) -> None:
    """End what an ended campaign holds: what was accepted and is paid by now is released first, the rest goes back."""
    campaign = campaigns.lock(db, campaign.id)
    decided = decided_of(db, campaign)
    for delivery in decided:
        settle(db, delivery, at=at)
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
