"""Several maintainers quote the same item: set side by side, and awarded to one with reasons everybody reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.documents.vat import vat_on
from app.estimates import rules
from app.estimates.asking import bidders, scores_of
from app.estimates.completeness import require_valid
from app.estimates.model import Estimate, EstimateState, Milestone, Score, WorkAward
from app.estimates.reading import Effort, effort, lines_of, team_of
from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Organization, OrganizationState, Role
from app.people.operator import operator_of
from app.people.step import record
from app.roadmap import rules as roadmap
from app.roadmap.model import ItemState, RoadmapItem

COMPARED = (EstimateState.SUBMITTED, EstimateState.APPROVED)


@dataclass(frozen=True)
class Quoted:
    """One estimate as the comparison shows it; amounts exclude VAT unless they say otherwise."""

    estimate: Estimate
    maintainer: Organization
    minimum_cents: Cents
    total_cents: Cents
    with_vat_cents: Cents
    milestones: int
    made_of: Effort
    team: int
    last_due_on: date | None
    scores: Sequence[Score]

    @property
    def score_hundredths(self) -> int | None:
        """The mean of the scores in hundredths of a point, half a hundredth rounded up; None without any."""
        if not self.scores:
            return None
        count = len(self.scores)
        return (200 * sum(given.points for given in self.scores) + count) // (2 * count)


def compared(db: Session, item: RoadmapItem) -> list[Quoted]:
    """The estimates of an item that wait for the award or got it, the lowest total first."""
    query = (
        select(Estimate, Organization)
        .join(Organization, col(Organization.id) == col(Estimate.organization_id))
        .where(Estimate.item_id == item.id, col(Estimate.state).in_(COMPARED))
    )
    found = list(db.exec(query))
    scores = scores_of(db, [estimate.id for estimate, _maintainer in found])
    quoted = [
        _quoted(db, estimate, maintainer, list(scores[estimate.id].values()))
        for estimate, maintainer in found
    ]
    return sorted(quoted, key=lambda one: (one.total_cents, one.estimate.id))


def award_work(db: Session, estimate: Estimate, *, reasons: str, by: Actor, at: datetime) -> WorkAward:
    """Choose one of several estimates: it is approved, the others are rejected, and the reasons are published.

    Only an officer tied to none of those who quoted, who prepared none of their estimates; raises `Refused`.
    """
    require_role(by, Role.OFFICER)
    rules.require_visible(estimate, by)
    item = roadmap.lock(db, estimate.item_id)
    db.refresh(estimate)
    others = rules.rivals(db, estimate)
    quoted = bidders(db, item) | {estimate.organization_id}
    aside = stand_aside(db, by, quoted, at=at)
    stand_aside_from_own(by, estimate.prepared_by_id, *(other.prepared_by_id for other in others))
    require(
        reasons.strip(),
        "Please give the reasons: everybody who quoted and the public read them.",
        field="reasons",
    )
    if estimate.state != EstimateState.SUBMITTED:
        raise Conflict("This estimate does not wait for the award any more.")
    maintainer = db.get_one(Organization, estimate.organization_id)
    require(item.state == ItemState.PLANNED, "The maintainer dropped the item this estimate is for.")
    require(
        maintainer.state == OrganizationState.VERIFIED,
        "%(maintainer)s is not verified at the moment.", maintainer=maintainer.name,
    )  # fmt: skip
    require_valid(estimate, day_of(at, operator_of(db).zone))
    reason = reasons.strip()
    rules.decide(db, estimate, EstimateState.APPROVED, "approve", reason, by=by, at=at)
    for other in others:
        rules.decide(db, other, EstimateState.REJECTED, "reject", reason, by=by, at=at)
    award = WorkAward(
        item_id=item.id, estimate_id=estimate.id, pseudonym=by.person.pseudonym, reasons=reason,
        compared=",".join([estimate.number, *(other.number for other in others)]), stood_aside=len(aside), at=at,
    )  # fmt: skip
    db.add(award)
    record(
        db, "award work", award, by=by, at=at, number=estimate.number, compared=award.compared, reasons=reason,
        aside=aside,
    )  # fmt: skip
    return award


def award_of(db: Session, item: RoadmapItem) -> WorkAward | None:
    """The last award of an item."""
    query = select(WorkAward).where(WorkAward.item_id == item.id).order_by(col(WorkAward.id).desc())
    return db.exec(query).first()


def _quoted(db: Session, estimate: Estimate, maintainer: Organization, scores: list[Score]) -> Quoted:
    milestones: list[Milestone] = rules.milestones_of(db, estimate)
    lines = lines_of(db, milestones)
    total = rules.total_cents(milestones)
    return Quoted(
        estimate=estimate,
        maintainer=maintainer,
        minimum_cents=rules.minimum_cents(milestones),
        total_cents=total,
        with_vat_cents=total + vat_on(total, estimate.vat_rate_basis_points),
        milestones=len(milestones),
        made_of=effort(line for some in lines.values() for line in some),
        team=len(team_of(db, estimate)),
        last_due_on=max((one.due_on for one in milestones if one.is_required), default=None),
        scores=scores,
    )
