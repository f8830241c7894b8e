"""What may happen to an estimate: drafted and rewritten, submitted and then frozen, decided by the fund, or expired."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from app.estimates.completeness import require_complete, require_valid
from app.estimates.model import Estimate, EstimateState, Milestone
from app.estimates.terms import Terms, check, write
from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.series import next_number
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, standing_aside
from app.people.model import Organization, OrganizationState, Role
from app.people.operator import operator_of
from app.people.step import record
from app.roadmap import rules as roadmap
from app.roadmap.model import ItemState, RoadmapItem

PRIVATE = (EstimateState.DRAFT, EstimateState.WITHDRAWN)


def milestones_of(db: Session, estimate: Estimate) -> list[Milestone]:
    """The milestones of an estimate in their order: the required ones first."""
    query = select(Milestone).where(Milestone.estimate_id == estimate.id).order_by(col(Milestone.number))
    return list(db.exec(query))


def minimum_cents(milestones: Iterable[Milestone]) -> Cents:
    """What has to be pledged or nobody pays: the required milestones, excluding VAT."""
    return sum(milestone.price_cents for milestone in milestones if milestone.is_required)


def total_cents(milestones: Iterable[Milestone]) -> Cents:
    """The price of everything, optional milestones too, excluding VAT."""
    return sum(milestone.price_cents for milestone in milestones)


def require_visible(estimate: Estimate, by: Actor | None) -> None:
    """Raise `Missing` unless the reader may see it: a draft is for its own organization alone."""
    is_own = by is not None and by.organization.id == estimate.organization_id
    if estimate.state in PRIVATE and not is_own:
        raise Missing


def draft(
    db: Session, item: RoadmapItem, terms: Terms, *, succeeds: Estimate | None = None, by: Actor, at: datetime
) -> Estimate:
    """Begin an estimate for a planned item. It is kept, may be incomplete, and only its own organization sees it.

    `succeeds` is the earlier estimate it revises.
    """
    roadmap.require_maintainer(by)
    require(item.state == ItemState.PLANNED, "Only a planned item can be quoted.")
    check(terms)
    operator = operator_of(db)
    estimate = Estimate(
        item_id=item.id,
        organization_id=by.organization.id,
        # Given at drafting, so that a draft can be spoken of. Drafts are never deleted, hence no gap in a year.
        number=f"D-{next_number(db, 'estimate', day_of(at, operator.zone).year)}",
        currency=operator.currency,
        vat_regime=terms.vat_regime,
        succeeds_id=succeeds.id if succeeds else None,
        prepared_by_id=by.person.id,
        drafted_at=at,
    )
    db.add(estimate)
    db.flush()
    write(db, estimate, milestones_of(db, estimate), terms)
    record(db, "draft", estimate, by=by, at=at, number=estimate.number, item=item.public_id)
    return estimate


def revise(db: Session, estimate: Estimate, terms: Terms, *, by: Actor, at: datetime) -> Estimate:
    """Write a draft anew. Raises `Conflict` once it was submitted: its terms are frozen."""
    estimate = _own_draft(db, estimate, by)
    check(terms)
    milestones = write(db, estimate, milestones_of(db, estimate), terms)
    record(db, "revise", estimate, by=by, at=at, before=estimate.state, total=total_cents(milestones))
    return estimate


def withdraw(db: Session, estimate: Estimate, *, by: Actor, at: datetime) -> Estimate:
    """Give a draft up. It keeps its number, so that the numbers of a year have no gap."""
    estimate = _own_draft(db, estimate, by)
    before = estimate.state
    move(estimate, EstimateState.WITHDRAWN)
    record(db, "withdraw", estimate, by=by, at=at, before=before, number=estimate.number)
    return estimate


def submit(db: Session, estimate: Estimate, *, by: Actor, at: datetime) -> Estimate:
    """Hand the estimate to the fund: from now on it is public and frozen.

    It takes the place of what the same maintainer submitted earlier for the same item. Raises `Refused` while
    something is missing, past or too large.
    """
    item = roadmap.lock(db, estimate.item_id)
    estimate = _own_draft(db, estimate, by)
    require(item.state == ItemState.PLANNED, "Only a planned item can be quoted.")
    milestones = milestones_of(db, estimate)
    require_complete(estimate, milestones, day_of(at, operator_of(db).zone))
    before_it = _submitted_before(db, estimate)
    if before_it and estimate.succeeds_id is None:
        estimate.succeeds_id = before_it[-1].id
    for earlier in before_it:
        move(earlier, EstimateState.SUPERSEDED)
        record(
            db, "supersede", earlier, by=by, at=at, before=EstimateState.SUBMITTED,
            number=earlier.number, successor=estimate.number,
        )  # fmt: skip
    before = estimate.state
    move(estimate, EstimateState.SUBMITTED)
    estimate.submitted_at = at
    record(
        db, "submit", estimate, by=by, at=at, before=before, number=estimate.number,
        minimum=minimum_cents(milestones), total=total_cents(milestones), currency=estimate.currency,
    )  # fmt: skip
    return estimate


def approve(db: Session, estimate: Estimate, *, reason: str = "", by: Actor, at: datetime) -> Estimate:
    """The fund lets the estimate be co-financed. Raises `Refused` for those with a tie, and once it expired."""
    item = roadmap.lock(db, estimate.item_id)
    estimate = _to_decide(db, estimate, by, at)
    maintainer = db.get_one(Organization, estimate.organization_id)
    require(item.state == ItemState.PLANNED, "The maintainer dropped the item this estimate is for.")
    require(
        maintainer.state == OrganizationState.VERIFIED,
        "%(maintainer)s is not verified at the moment.", maintainer=maintainer.name,
    )  # fmt: skip
    require_valid(estimate, day_of(at, operator_of(db).zone))
    if rivals(db, estimate):
        raise Conflict(
            "Several maintainers quote this item: compare their estimates, and award the work to one."
        )
    return decide(db, estimate, EstimateState.APPROVED, "approve", reason, by=by, at=at)


def reject(db: Session, estimate: Estimate, *, reason: str, by: Actor, at: datetime) -> Estimate:
    """The fund says no, with a reason that everyone can read."""
    estimate = _to_decide(db, estimate, by, at)
    require(reason.strip(), "Please say why: the maintainer and the public read it.", field="reason")
    return decide(db, estimate, EstimateState.REJECTED, "reject", reason, by=by, at=at)


def rivals(db: Session, estimate: Estimate) -> list[Estimate]:
    """The estimates other maintainers submitted for the same item, and that wait like this one."""
    query = select(Estimate).where(
        Estimate.item_id == estimate.item_id,
        Estimate.organization_id != estimate.organization_id,
        Estimate.state == EstimateState.SUBMITTED,
    )
    return list(db.exec(query.order_by(col(Estimate.id))))


def expire_overdue(db: Session, at: datetime) -> int:
    """Close submitted estimates whose validity has passed; returns how many. Called by the clock."""
    today = day_of(at, operator_of(db).zone)
    overdue = (
        select(Estimate)
        .where(Estimate.state == EstimateState.SUBMITTED, col(Estimate.valid_until) < today)
        .order_by(col(Estimate.id))
        .with_for_update(skip_locked=True)
    )
    expired = list(db.exec(overdue))
    for estimate in expired:
        move(estimate, EstimateState.EXPIRED)
        record(db, "expire", estimate, by=None, at=at, before=EstimateState.SUBMITTED, number=estimate.number)
    return len(expired)


def _lock(db: Session, estimate: Estimate) -> Estimate:
    query = select(Estimate).where(Estimate.id == estimate.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def _own_draft(db: Session, estimate: Estimate, by: Actor) -> Estimate:
    roadmap.require_maintainer(by)
    require_visible(estimate, by)
    if estimate.organization_id != by.organization.id:
        raise Refused("This estimate belongs to another maintainer.", status=403)
    estimate = _lock(db, estimate)
    if estimate.state != EstimateState.DRAFT:
        raise Conflict("This estimate is no draft any more: it cannot be changed.")
    return estimate


def _to_decide(db: Session, estimate: Estimate, by: Actor, at: datetime) -> Estimate:
    require_role(by, Role.OFFICER)
    require_visible(estimate, by)
    stand_aside(db, by, {estimate.organization_id}, at=at)
    if estimate.prepared_by_id == by.person.id:
        raise Refused("You prepared this estimate: somebody else has to decide it.", status=403)
    return _lock(db, estimate)


def decide(
    db: Session,
    estimate: Estimate,
    decision: EstimateState,
    act: str,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> Estimate:
    """Keep the fund's decision and its reason. The caller has checked who decides, and holds the item."""
    before = estimate.state
    move(estimate, decision)
    estimate.decided_at, estimate.decided_by_id, estimate.decision_reason = at, by.person.id, reason
    aside = standing_aside(db, by.organization, {estimate.organization_id}, at=at)
    record(db, act, estimate, by=by, at=at, before=before, number=estimate.number, reason=reason, aside=aside)
    return estimate


def _submitted_before(db: Session, estimate: Estimate) -> list[Estimate]:
    query = select(Estimate).where(
        Estimate.item_id == estimate.item_id,
        Estimate.organization_id == estimate.organization_id,
        Estimate.state == EstimateState.SUBMITTED,
    )
    return list(db.exec(query.order_by(col(Estimate.id)).with_for_update()))
