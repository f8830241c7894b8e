"""What an estimate says, as plain facts: the way in for forms, imports and stories alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from app.documents.vat import Regime
from app.estimates.model import Estimate, Milestone
from app.kit.money import WHOLE, BasisPoints, Cents
from app.kit.rules import require

MOST_MILESTONES = 20


@dataclass(frozen=True, kw_only=True)
class MilestoneTerms:
    """One milestone; its price excludes VAT, its acceptance criteria stand one a line."""

    title: str
    price_cents: Cents
    due_on: date
    is_required: bool = True
    criteria: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Price, plan and conditions. A draft may leave license, validity and criteria open."""

    milestones: Sequence[MilestoneTerms]
    vat_regime: Regime
    vat_rate_basis_points: BasisPoints = 0
    license: str = ""
    assumptions: str = ""
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
    for milestone in terms.milestones:
        require(milestone.title.strip(), "Each milestone needs a title.")
        require(milestone.price_cents > 0, "The amount must be more than zero.")


def write(db: Session, estimate: Estimate, kept: Sequence[Milestone], terms: Terms) -> list[Milestone]:
    """Put these terms into a draft; its milestones are rewritten in place, the required ones first."""
    estimate.vat_regime = terms.vat_regime
    estimate.vat_rate_basis_points = 0 if terms.vat_regime == Regime.EXEMPT else terms.vat_rate_basis_points
    estimate.license = terms.license.strip()
    estimate.assumptions = terms.assumptions
    estimate.valid_until = terms.valid_until
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
    return written
