"""What an estimate says, as plain facts: the way in for forms, imports and stories alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlmodel import Session, col

from app.documents.vat import Regime
from app.estimates.model import Estimate, EstimateLine, LineKind, Milestone, TeamMember
from app.kit.money import WHOLE, BasisPoints, Cents
from app.kit.rules import require

MOST_MILESTONES = 20
MOST_LINES = 12
MOST_MEMBERS = 12
MOST_MONTHS = 120


@dataclass(frozen=True, kw_only=True)
class LineTerms:
    """One line of a milestone: days (in hundredths) at a rate, or a fixed price; all excluding VAT."""

    label: str
    kind: LineKind = LineKind.WORK
    who: str = ""
    day_hundredths: int | None = None
    day_rate_cents: Cents | None = None
    fixed_cents: Cents | None = None

    @property
    def price_cents(self) -> Cents:
        """What the line comes to: days times rate, half a cent rounded up, or the fixed price."""
        if self.day_hundredths is None or self.day_rate_cents is None:
            return self.fixed_cents or 0
        return (self.day_hundredths * self.day_rate_cents + 50) // 100


@dataclass(frozen=True, kw_only=True)
class MemberTerms:
    """Somebody of the team, and their share of the price."""

    name: str
    task: str = ""
    share_basis_points: BasisPoints


@dataclass(frozen=True, kw_only=True)
class MilestoneTerms:
    """One milestone; its price excludes VAT and is the sum of its lines, its acceptance criteria stand one a line."""

    title: str
    price_cents: Cents
    due_on: date
    is_required: bool = True
    criteria: str = ""
    lines: Sequence[LineTerms] = ()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Price, plan and conditions. A draft may leave license, validity and criteria open."""

    milestones: Sequence[MilestoneTerms]
    vat_regime: Regime
    vat_rate_basis_points: BasisPoints = 0
    license: str = ""
    assumptions: str = ""
    exclusions: str = ""
    upkeep_months: int | None = 0
    warranty_months: int = 0
    includes_review: bool = False
    team: Sequence[MemberTerms] = ()
    valid_until: date | None = None


def check(terms: Terms) -> None:
    """Raise `Refused` for what even a draft may not say."""
    require(
        len(terms.milestones) <= MOST_MILESTONES,
        "An estimate has at most %(most)s milestones.", most=MOST_MILESTONES,
    )  # fmt: skip
    rate = terms.vat_rate_basis_points
    require(0 <= rate <= WHOLE, "A VAT rate lies between 0 and 100%.", field="vat_rate")
    require(
        terms.vat_regime != Regime.DOMESTIC or rate > 0,
        "Say at which rate VAT is added, or choose “exempt”.",
        field="vat_rate",
    )
    for months in (terms.upkeep_months or 0, terms.warranty_months):
        require(0 <= months <= MOST_MONTHS, "Between 0 and %(most)s months, please.", most=MOST_MONTHS)
    _check_team(terms.team)
    names = {member.name for member in terms.team}
    for milestone in terms.milestones:
        require(milestone.title.strip(), "Each milestone needs a title.")
        _check_lines(milestone, names)
        require(milestone.price_cents > 0, "The amount must be more than zero.")


def _check_team(team: Sequence[MemberTerms]) -> None:
    require(len(team) <= MOST_MEMBERS, "At most %(most)s persons in the team.", most=MOST_MEMBERS)
    require(len({member.name for member in team}) == len(team), "Each name stands once in the team.")
    shared = sum(member.share_basis_points for member in team)
    require(not team or shared == WHOLE, "The shares of the team have to add up to 100%.")


def _check_lines(milestone: MilestoneTerms, names: set[str]) -> None:
    require(len(milestone.lines) <= MOST_LINES, "At most %(most)s lines in a milestone.", most=MOST_LINES)
    for line in milestone.lines:
        by_the_day = line.day_hundredths is not None or line.day_rate_cents is not None
        require(
            by_the_day != (line.fixed_cents is not None) and line.price_cents > 0,
            "“%(label)s” needs days and a rate, or a fixed price.", label=line.label,
        )  # fmt: skip
        require(
            not line.who or line.who in names,
            "“%(name)s” is not in the team: name them there, or leave the line to nobody.", name=line.who,
        )  # fmt: skip
    total = sum(line.price_cents for line in milestone.lines)
    require(
        not milestone.lines or total == milestone.price_cents,
        "The lines of “%(title)s” do not add up to its price.", title=milestone.title,
    )  # fmt: skip


def write(db: Session, estimate: Estimate, kept: Sequence[Milestone], terms: Terms) -> list[Milestone]:
    """Put these terms into a draft; its milestones are rewritten in place, the required ones first."""
    estimate.vat_regime = terms.vat_regime
    estimate.vat_rate_basis_points = 0 if terms.vat_regime == Regime.EXEMPT else terms.vat_rate_basis_points
    estimate.license = terms.license.strip()
    estimate.assumptions, estimate.exclusions = terms.assumptions, terms.exclusions
    estimate.upkeep_months, estimate.warranty_months = terms.upkeep_months, terms.warranty_months
    estimate.includes_review = terms.includes_review
    estimate.valid_until = terms.valid_until
    _rub_out(db, estimate, kept)
    ordered = sorted(terms.milestones, key=lambda milestone: not milestone.is_required)
    written = []
    for number, wanted in enumerate(ordered, start=1):
        milestone = Milestone(
            estimate_id=estimate.id,
            number=number,
            title=wanted.title,
            criteria="\n".join(line.strip() for line in wanted.criteria.splitlines() if line.strip()),
            due_on=wanted.due_on,
            is_required=wanted.is_required,
            price_cents=wanted.price_cents,
        )
        if number <= len(kept):
            milestone = kept[number - 1].sqlmodel_update(milestone.model_dump(exclude={"id", "public_id"}))
        db.add(milestone)
        written.append(milestone)
    for surplus in kept[len(ordered) :]:
        db.delete(surplus)
    db.flush()
    for milestone, wanted in zip(written, ordered, strict=True):
        _write_lines(db, milestone, wanted.lines)
    for number, member in enumerate(terms.team, start=1):
        db.add(TeamMember(
            estimate_id=estimate.id, number=number, name=member.name, task=member.task,
            share_basis_points=member.share_basis_points,
        ))  # fmt: skip
    db.flush()
    return written


def _rub_out(db: Session, estimate: Estimate, kept: Sequence[Milestone]) -> None:
    """Take away a draft's lines and team, to write them anew."""
    db.execute(delete(EstimateLine).where(col(EstimateLine.milestone_id).in_([m.id for m in kept])))
    db.execute(delete(TeamMember).where(col(TeamMember.estimate_id) == estimate.id))


def _write_lines(db: Session, milestone: Milestone, lines: Sequence[LineTerms]) -> None:
    for number, line in enumerate(lines, start=1):
        db.add(EstimateLine(
            milestone_id=milestone.id, number=number, kind=line.kind, label=line.label, who=line.who,
            day_hundredths=line.day_hundredths, day_rate_cents=line.day_rate_cents, price_cents=line.price_cents,
        ))  # fmt: skip
