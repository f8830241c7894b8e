"""What an estimate is made of, as its pages, its paper and those who compare read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.documents.vat import Regime
from app.estimates.model import Estimate, EstimateLine, LineKind, Milestone, TeamMember
from app.estimates.terms import LineTerms, MemberTerms, MilestoneTerms, Terms
from app.kit.money import Cents


@dataclass(frozen=True)
class Effort:
    """Days in hundredths (None where no line counts days) and what each kind of line comes to, excluding VAT."""

    day_hundredths: int | None
    upkeep_cents: Cents
    review_cents: Cents


def lines_of(db: Session, milestones: Iterable[Milestone]) -> dict[int, list[EstimateLine]]:
    """The lines of each of these milestones, in order; one query for all of them."""
    found: dict[int, list[EstimateLine]] = {milestone.id: [] for milestone in milestones}
    query = select(EstimateLine).where(col(EstimateLine.milestone_id).in_(found))
    for line in db.exec(query.order_by(col(EstimateLine.milestone_id), col(EstimateLine.number))):
        found[line.milestone_id].append(line)
    return found


def team_of(db: Session, estimate: Estimate) -> list[TeamMember]:
    """Who does the work, in order."""
    query = select(TeamMember).where(TeamMember.estimate_id == estimate.id)
    return list(db.exec(query.order_by(col(TeamMember.number))))


def effort(lines: Iterable[EstimateLine]) -> Effort:
    """What these lines add up to."""
    lines = list(lines)
    days = [line.day_hundredths for line in lines if line.day_hundredths is not None]
    return Effort(
        sum(days) if days else None,
        sum(line.price_cents for line in lines if line.kind == LineKind.UPKEEP),
        sum(line.price_cents for line in lines if line.kind == LineKind.REVIEW),
    )


def terms_of(db: Session, estimate: Estimate, milestones: Sequence[Milestone]) -> Terms:
    """What the estimate says, as plain facts: to begin a revision with, and to tell two revisions apart."""
    lines = lines_of(db, milestones)
    return Terms(
        milestones=[_milestone(milestone, lines[milestone.id]) for milestone in milestones],
        vat_regime=Regime(estimate.vat_regime),
        vat_rate_basis_points=estimate.vat_rate_basis_points,
        license=estimate.license,
        assumptions=estimate.assumptions,
        exclusions=estimate.exclusions,
        upkeep_months=estimate.upkeep_months,
        warranty_months=estimate.warranty_months,
        includes_review=estimate.includes_review,
        team=[
            MemberTerms(name=one.name, task=one.task, share_basis_points=one.share_basis_points)
            for one in team_of(db, estimate)
        ],
        valid_until=estimate.valid_until,
    )


def _milestone(milestone: Milestone, lines: Sequence[EstimateLine]) -> MilestoneTerms:
    return MilestoneTerms(
        title=milestone.title,
        price_cents=milestone.price_cents,
        due_on=milestone.due_on,
        is_required=milestone.is_required,
        criteria=milestone.criteria,
        lines=[
            LineTerms(
                label=line.label,
                kind=LineKind(line.kind),
                who=line.who,
                day_hundredths=line.day_hundredths,
                day_rate_cents=line.day_rate_cents,
                fixed_cents=None if line.day_hundredths is not None else line.price_cents,
            )
            for line in lines
        ],
    )
