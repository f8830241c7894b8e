"""What may happen to a milestone: handed in, accepted or refused by its backers, taken back or disputed."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge
from app.delivery.model import (
    Acceptance, Delivery, DeliveryState, Dispute, DisputeState, Opinion, ServiceCertificate,
)  # fmt: skip
from app.escrow import calls
from app.escrow import rules as escrow
from app.escrow.model import Call, CallCause, Release
from app.estimates.model import Estimate, Milestone
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.money import WHOLE, BasisPoints, Cents, portion
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import CLOCK, record

LONG_STOP = timedelta(days=60)
ENDED = (DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED, DeliveryState.REJECTED)
RUNNING = (DeliveryState.HANDED_IN, DeliveryState.REFUSED, DeliveryState.DISPUTED)


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
    require(milestone.id in {m.id for m in campaigns.scoped_milestones(db, campaign)}, "This milestone is not financed.")
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
    require(version.strip(), "Please name the version delivered: a tag, a release or a commit.", field="version")
    require(evidence.strip(), "Please give at least one address where the work can be seen.", field="evidence")
    last_day = add_business_days(day_of(at, campaign.zone), campaign.review_days)
    delivery = Delivery(
        campaign_id=campaign.id, milestone_id=milestone.id, attempt=(latest.attempt if latest else 0) + 1,
        version=version.strip(), evidence=evidence.strip(), message=message.strip(),
        handed_in_by_id=by.person.id, handed_in_at=at, review_ends_at=end_of_day(last_day, campaign.zone),
    )  # fmt: skip
    db.add(delivery)
    record(
        db, "hand in", delivery, by=by, at=at, campaign_id=campaign.id,
        milestone=milestone.number, version=delivery.version, evidence=delivery.evidence,
    )  # fmt: skip
    return delivery


def answer(
    db: Session, delivery: Delivery, *, accepts: bool, reasons: str = "", by: Actor, at: datetime
) -> Delivery:
    """A backer accepts, or refuses with reasons. Its word weighs what its part of the milestone weighs."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.MEMBER)
    campaign, delivery = _locked(db, delivery)
    weights = weights_of(db, delivery)
    if by.organization.id not in weights:
        raise Refused("Only the backers of this milestone answer it.", status=403)
    if delivery.state != DeliveryState.HANDED_IN:
        raise Conflict("This delivery was decided already.")
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
    campaign, delivery = _locked(db, delivery)
    if delivery.state != DeliveryState.HANDED_IN or at < delivery.review_ends_at:
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
        _end(db, campaign, delivery, DeliveryState.ACCEPTED, WHOLE, at=at)
    elif 2 * sum(a.weight_cents for a in given if not a.accepts) >= whole:
        before = delivery.state
        move(delivery, DeliveryState.REFUSED)
        delivery.decided_at = at
        record(db, "refused", delivery, by=None, at=at, before=before, campaign_id=campaign.id)


def _end(
    db: Session, campaign: Campaign, delivery: Delivery, state: DeliveryState, share: BasisPoints, *, at: datetime
) -> None:
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
    campaign = campaigns.lock(db, delivery.campaign_id)
    share = delivery.share_basis_points or 0
    done = 0
    for part in parts_of(db, delivery):
        if not part.price_cents:
            continue
        if share and escrow.release(db, part, cause=cause_of(delivery), share=share, at=at):
            done += 1
        call = calls.call_of_part(db, part)
        if share < WHOLE and call and call.cause == CallCause.TRANCHE:
            escrow.give_back_part(db, part, cause="award", at=at)
    db.flush()
    assert campaign.id == delivery.campaign_id
    return done


def cause_of(delivery: Delivery) -> str:
    """What a release names as its cause: it is made once for each part of a milestone."""
    return f"milestone {delivery.milestone_id}"


def certify(db: Session, delivery: Delivery, pledge: Pledge, *, by: Actor, at: datetime) -> Call:
    """A public body certifies the service (service fait): its part is called now."""
    require_role(by, Role.BUYER, Role.APPROVER, Role.FINANCE)
    if pledge.organization_id != by.organization.id:
        raise Missing
    _campaign, delivery = _locked(db, delivery)
    require(pledge.is_after_acceptance, "This pledge is paid in advance: there is nothing to certify.")
    if delivery.state not in (DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED):
        raise Conflict("Only an accepted delivery can be certified.")
    part = db.exec(
        select(Part).where(Part.pledge_id == pledge.id, Part.milestone_id == delivery.milestone_id)
    ).one()
    if not db.exec(
        select(ServiceCertificate.id).where(
            ServiceCertificate.delivery_id == delivery.id, ServiceCertificate.pledge_id == pledge.id
        )
    ).first():
        db.add(ServiceCertificate(
            delivery_id=delivery.id, pledge_id=pledge.id, pseudonym=by.person.pseudonym, at=at
        ))  # fmt: skip
        record(db, "certify", delivery, by=by, at=at, campaign_id=delivery.campaign_id, pledge=pledge.id)
    share = delivery.share_basis_points or 0
    return calls.call_after_acceptance(
        db, pledge, part, price=portion(part.price_cents, share), tax=portion(part.vat_cents, share), at=at
    )


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
    campaign, delivery = _locked(db, db.get_one(Delivery, of.delivery_id))
    db.refresh(of)
    stand_aside(db, by, campaigns.parties(db, campaign))
    if of.state != DisputeState.OPEN:
        raise Conflict("This dispute has ended.")
    require(0 <= share <= WHOLE and share % 100 == 0, "A whole percentage from 0 to 100, please.", field="percent")
    require(reason.strip(), "Please give the reason: both sides and the public read it.", field="reason")
    db.add(Opinion(dispute_id=of.id, person_id=by.person.id, share_basis_points=share, reason=reason.strip(), at=at))
    record(
        db, "write opinion", of, by=by, at=at, campaign_id=campaign.id, share=share, reason=reason.strip()
    )
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
    _end(db, campaign, delivery, state, share, at=at)


def complete_if_ended(db: Session, campaign: Campaign, *, at: datetime) -> None:
    """When every milestone of the scope has ended and no public body still owes, the campaign is completed."""
    if campaign.state != CampaignState.SECURED:
        return
    milestones = campaigns.scoped_milestones(db, campaign)
    if not all(has_ended(db, campaign, milestone) for milestone in milestones):
        return
    if not public_parts_unpaid(db, campaign):
        campaigns.complete(db, campaign, at=at)


def public_parts_unpaid(db: Session, campaign: Campaign) -> list[Part]:
    """Parts of public bodies in accepted milestones that are not paid yet."""
    unpaid = []
    for part in campaigns.parts_of(db, campaign):
        pledge = db.get_one(Pledge, part.pledge_id)
        if not pledge.is_after_acceptance or not part.price_cents:
            continue
        last = latest_delivery_of(db, part.milestone_id)
        if last and last.share_basis_points and not escrow.is_paid(db, part):
            unpaid.append(part)
    return unpaid


def has_ended(db: Session, campaign: Campaign, milestone: Milestone) -> bool:
    """Whether a milestone was decided for good, or its long stop has passed."""
    last = latest_delivery(db, milestone)
    return bool(last and last.state in ENDED) or milestone.id in long_stopped(db, campaign)


def long_stopped(db: Session, campaign: Campaign) -> set[int]:
    """The milestones nobody delivered in time: their money went back by itself."""
    from app.people.step import Step

    steps = db.exec(
        select(Step.thing_id).where(Step.campaign_id == campaign.id, Step.act == "long stop", Step.thing == "Milestone")
    )
    return set(steps)


def past_long_stop(db: Session, at: datetime) -> list[tuple[int, int]]:
    """Campaign and milestone numbers whose due date passed 60 days ago with nothing under review."""
    query = (
        select(Part.campaign_id, Part.milestone_id)
        .join(Campaign, col(Campaign.id) == col(Part.campaign_id))
        .join(Milestone, col(Milestone.id) == col(Part.milestone_id))
        .where(Campaign.state == CampaignState.SECURED, Milestone.due_on < (at - LONG_STOP).date())
        .distinct()
    )
    return [(campaign_id, milestone_id) for campaign_id, milestone_id in db.exec(query)]


def long_stop(db: Session, campaign: Campaign, milestone: Milestone, *, at: datetime) -> None:
    """Nobody delivered within 60 days of the due date: what is held for the milestone is owed back by itself."""
    campaign = campaigns.lock(db, campaign.id)
    last = latest_delivery(db, milestone)
    if campaign.state != CampaignState.SECURED or (last and last.state in RUNNING):
        return
    if not has_ended(db, campaign, milestone):
        record(db, "long stop", milestone, by=None, at=at, campaign_id=campaign.id, milestone=milestone.number)
        db.flush()
    if milestone.id in long_stopped(db, campaign):
        for part in db.exec(select(Part).where(Part.milestone_id == milestone.id).order_by(col(Part.id))):
            escrow.give_back_part(db, part, cause="long stop", at=at)
        complete_if_ended(db, campaign, at=at)


def to_settle(db: Session) -> list[int]:
    """Decided deliveries with a part that is paid by now but not released."""
    released = select(col(Release.part_id))
    query = (
        select(Delivery.id)
        .join(Part, col(Part.milestone_id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .where(
            col(Delivery.state).in_([DeliveryState.ACCEPTED, DeliveryState.PART_ACCEPTED]),
            Part.price_cents > 0,
            col(Part.id).not_in(released),
        )
        .distinct()
    )
    return list(db.exec(query))


def past_review(db: Session, at: datetime) -> list[int]:
    """Deliveries whose backers' clock is over."""
    query = select(Delivery.id).where(Delivery.state == DeliveryState.HANDED_IN, Delivery.review_ends_at <= at)
    return list(db.exec(query.order_by(col(Delivery.id))))


def weights_of(db: Session, delivery: Delivery) -> dict[int, Cents]:
    """What each backer's word weighs: its parts of this milestone, in cents, by organization."""
    query = (
        select(Pledge.organization_id, func.sum(Part.price_cents))
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(Part.milestone_id == delivery.milestone_id, Part.price_cents > 0)
        .group_by(col(Pledge.organization_id))
    )
    return {organization_id: int(cents) for organization_id, cents in db.exec(query)}


def parts_of(db: Session, delivery: Delivery) -> list[Part]:
    """Every backer's part of the milestone."""
    return list(db.exec(select(Part).where(Part.milestone_id == delivery.milestone_id).order_by(col(Part.id))))


def answers_of(db: Session, delivery: Delivery) -> list[Acceptance]:
    """What the backers answered, in order."""
    return list(db.exec(select(Acceptance).where(Acceptance.delivery_id == delivery.id).order_by(col(Acceptance.id))))


def latest_delivery(db: Session, milestone: Milestone) -> Delivery | None:
    """The last attempt at a milestone."""
    return latest_delivery_of(db, milestone.id)


def latest_delivery_of(db: Session, milestone_id: int) -> Delivery | None:
    """The last attempt at a milestone, by its number."""
    query = select(Delivery).where(Delivery.milestone_id == milestone_id).order_by(col(Delivery.attempt).desc())
    return db.exec(query).first()


def dispute_of(db: Session, delivery: Delivery) -> Dispute | None:
    """The dispute over a delivery."""
    return db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).first()


def latest_opinions(db: Session, of: Dispute) -> list[Opinion]:
    """Each arbitrator's last opinion."""
    query = select(Opinion).where(Opinion.dispute_id == of.id).order_by(col(Opinion.id))
    return list({opinion.person_id: opinion for opinion in db.exec(query)}.values())


def maintainer_id(db: Session, campaign: Campaign) -> int:
    """The organization that delivers."""
    return db.get_one(Estimate, campaign.estimate_id).organization_id


def _locked(db: Session, delivery: Delivery) -> tuple[Campaign, Delivery]:
    campaign = campaigns.lock(db, delivery.campaign_id)
    db.refresh(delivery)
    return campaign, delivery


def _own_delivery(db: Session, delivery: Delivery, by: Actor) -> tuple[Campaign, Delivery]:
    require_role(by, Role.MEMBER)
    campaign, delivery = _locked(db, delivery)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    return campaign, delivery
