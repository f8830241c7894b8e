"""What may happen after a refusal: taken back, or disputed. Both sides then state their case, or settle."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import motions
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.binding import stakes_of
from app.campaigns.model import Campaign
from app.delivery.dues import share_of
from app.delivery.evidence import read_addresses
from app.delivery.model import Delivery, DeliveryState, Dispute, DisputeState, Statement
from app.delivery.outcome import end, locked, require_going_on
from app.delivery.standing import OPEN_DISPUTES, answers_of, dispute_of, maintainer_id, statements_of
from app.estimates.model import Milestone
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.money import WHOLE, Cents
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record

STATEMENT_DAYS = 10
DECISION_DAYS = 15


def take_back(db: Session, delivery: Delivery, *, by: Actor, at: datetime) -> Delivery:
    """The maintainer takes a refused (or disputed) delivery back, to hand in again."""
    campaign, delivery = _own_delivery(db, delivery, by)
    before = delivery.state
    move(delivery, DeliveryState.RETURNED)
    dispute = dispute_of(db, delivery)
    if dispute and dispute.state in OPEN_DISPUTES:
        close(db, campaign, dispute, DisputeState.DROPPED, "drop", by=by, at=at)
    record(db, "take back", delivery, by=by, at=at, before=before, campaign_id=campaign.id)
    return delivery


def dispute(db: Session, delivery: Delivery, *, reasons: str, by: Actor, at: datetime) -> Dispute:
    """The maintainer does not accept the refusal: both sides have ten business days to state their case."""
    campaign, delivery = _own_delivery(db, delivery, by)
    require(reasons.strip(), "Please say why the criteria are met.", field="reasons")
    before = delivery.state
    move(delivery, DeliveryState.DISPUTED)
    opened = Dispute(
        delivery_id=delivery.id, reasons=reasons.strip(), opened_at=at,
        statements_end_at=business_days_after(campaign, at, STATEMENT_DAYS),
    )  # fmt: skip
    db.add(opened)
    record(
        db, "dispute", delivery, by=by, at=at, before=before, campaign_id=campaign.id, reasons=reasons.strip()
    )
    return opened


def state_case(
    db: Session, of: Dispute, *, text: str, evidence: str = "", is_last: bool = False, by: Actor, at: datetime
) -> Statement:
    """One side says what happened, with its evidence, until the day for statements has passed.

    The arbitrators begin at once when the maintainer and every backer who refused have said that nothing is to come.
    """
    require_role(by, Role.MEMBER, Role.BUYER, Role.APPROVER)
    campaign, delivery, of = locked_dispute(db, of)
    if not is_side(db, campaign, delivery, by):
        raise Missing
    stand_aside(db, by, {maintainer_id(db, campaign)} - {by.organization.id}, at=at)
    require_going_on(campaign)
    if of.state != DisputeState.STATING or at >= of.statements_end_at:
        raise Conflict("The time for statements is over: the arbitrators decide.")
    require(text.strip(), "Please write what the arbitrators should know.", field="text")
    said = Statement(
        dispute_id=of.id, organization_id=by.organization.id, text=text.strip(), is_last=is_last,
        evidence=read_addresses(evidence) if evidence.strip() else "", pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    db.add(said)
    record(db, "state case", of, by=by, at=at, before=of.state, campaign_id=campaign.id, last=is_last)
    if _all_is_said(db, campaign, delivery, of):
        _hand_over(db, campaign, of, at=at)
    return said


def _all_is_said(db: Session, campaign: Campaign, delivery: Delivery, of: Dispute) -> bool:
    refusing = {answer.organization_id for answer in answers_of(db, delivery) if not answer.accepts}
    done = {said.organization_id for said in statements_of(db, of) if said.is_last}
    return {maintainer_id(db, campaign), *refusing} <= done


def _hand_over(db: Session, campaign: Campaign, of: Dispute, *, at: datetime) -> None:
    before = of.state
    move(of, DisputeState.DECIDING)
    of.decide_by = business_days_after(campaign, at, DECISION_DAYS)
    record(
        db,
        "hand over",
        of,
        by=None,
        at=at,
        before=before,
        campaign_id=campaign.id,
        until=of.decide_by.isoformat(),
    )


def end_statements(db: Session, of: Dispute, *, at: datetime) -> None:
    """The day for statements has passed: the arbitrators decide. Of an ended campaign nothing is decided any more."""
    campaign, _delivery, of = locked_dispute(db, of)
    if of.state not in OPEN_DISPUTES:
        return
    if campaign.ended_at:
        close(db, campaign, of, DisputeState.DROPPED, "drop", by=None, at=at)
    elif of.state == DisputeState.STATING and at >= of.statements_end_at:
        _hand_over(db, campaign, of, at=at)
    elif of.decide_by and at >= of.decide_by and not of.is_late:
        of.is_late = True
        record(db, "be late", of, by=None, at=at, before=of.state, campaign_id=campaign.id)


def propose(db: Session, of: Dispute, *, cents: Cents, words: str, by: Actor, at: datetime) -> Motion:
    """Propose to settle for so much of the milestone's price. Backers vote by the campaign's rule; silence is no yes.

    What a backer proposes needs the maintainer's yes besides.
    """
    require_role(by, Role.MEMBER, Role.BUYER, Role.APPROVER)
    campaign, delivery, of = locked_dispute(db, of)
    if not is_side(db, campaign, delivery, by):
        raise Missing
    require_going_on(campaign)
    if of.state not in OPEN_DISPUTES:
        raise Conflict("This dispute has ended.")
    milestone = db.get_one(Milestone, delivery.milestone_id)
    require(
        0 <= cents <= milestone.price_cents, "Not more than the milestone's price, please.", field="amount"
    )
    require(words.strip(), "Please say why this would be fair.", field="words")
    is_maintainer = by.organization.id == maintainer_id(db, campaign)
    motion = motions.put(
        db, campaign, MotionKind.SETTLEMENT, words=words, milestone_id=milestone.id, thing_id=of.id, cents=cents,
        needs_maintainer=not is_maintainer, by=by, at=at,
    )  # fmt: skip
    if not is_maintainer:
        motions.speak(db, motion, is_yes=True, by=by, at=at)
    return motion


def settle_as_agreed(db: Session, motion: Motion, *, at: datetime) -> None:
    """Both sides said yes: the agreed amount is released, the rest is owed back."""
    of = db.get_one(Dispute, motion.thing_id)
    campaign, delivery, of = locked_dispute(db, of)
    db.refresh(motion)
    is_possible = of.state in OPEN_DISPUTES and campaign.ended_at is None
    motions.carry_out(db, motion, is_possible=is_possible, at=at)
    if not is_possible:
        return
    cents = motion.cents or 0
    of.award_cents = cents
    of.share_basis_points = share_of(cents, db.get_one(Milestone, delivery.milestone_id).price_cents)
    close(db, campaign, of, DisputeState.SETTLED, "settle", by=None, at=at, amount=cents)
    end(
        db, campaign, delivery, outcome_state(of.share_basis_points), of.share_basis_points,
        award=None if of.share_basis_points in (0, WHOLE) else cents, at=at,
    )  # fmt: skip


def close(
    db: Session, campaign: Campaign, of: Dispute, state: DisputeState, act: str, *, by: Actor | None,
    at: datetime, **facts: object,
) -> None:  # fmt: skip
    """End a dispute; whatever was proposed to settle it is overtaken."""
    before = of.state
    move(of, state)
    of.ended_at = at
    record(
        db,
        act,
        of,
        by=by,
        at=at,
        before=before,
        campaign_id=campaign.id,
        share=of.share_basis_points,
        **facts,
    )
    motions.overtake(db, campaign, MotionKind.SETTLEMENT, of.id, at=at)


def outcome_state(share: int) -> DeliveryState:
    """What becomes of a delivery of which this share is granted."""
    return {WHOLE: DeliveryState.ACCEPTED, 0: DeliveryState.REJECTED}.get(share, DeliveryState.PART_ACCEPTED)


def is_side(db: Session, campaign: Campaign, delivery: Delivery, by: Actor) -> bool:
    """Whether an actor's organization is the maintainer or a backer of the milestone."""
    name = by.organization.id
    return name == maintainer_id(db, campaign) or name in stakes_of(db, campaign, delivery.milestone_id)


def business_days_after(campaign: Campaign, at: datetime, count: int) -> datetime:
    """The end of the day on which so many business days are over, where the operator lives."""
    return end_of_day(add_business_days(day_of(at, campaign.zone), count), campaign.zone)


def locked_dispute(db: Session, of: Dispute) -> tuple[Campaign, Delivery, Dispute]:
    """The campaign, the delivery and the dispute as they are now, held until the transaction ends."""
    campaign, delivery = locked(db, db.get_one(Delivery, of.delivery_id))
    db.refresh(of)
    return campaign, delivery, of


def _own_delivery(db: Session, delivery: Delivery, by: Actor) -> tuple[Campaign, Delivery]:
    require_role(by, Role.MEMBER)
    campaign, delivery = locked(db, delivery)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    require_going_on(campaign)
    return campaign, delivery
