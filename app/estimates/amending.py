"""Another wording for an approved milestone, or several in its place: what it said before is kept as a fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, delete, func, select

from app.estimates.model import Amendment, EstimateLine, Milestone
from app.estimates.reading import lines_of
from app.kit.money import Cents
from app.kit.rules import require

MOST_PIECES = 4


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One of the milestones that take the place of another; the price excludes VAT, the criteria stand one a line."""

    title: str
    criteria: str
    due_on: date
    price_cents: Cents


def check(milestone: Milestone, pieces: Sequence[Piece]) -> None:
    """Raise `Refused` unless these pieces may take the milestone's place: together they cost what it costs."""
    require(1 <= len(pieces) <= MOST_PIECES, "Between one and %(most)s milestones, please.", most=MOST_PIECES)
    for piece in pieces:
        require(piece.title.strip() and piece.criteria.strip(), "Each milestone needs a title and criteria.")
        require(piece.price_cents > 0, "The amount must be more than zero.")
    require(
        sum(piece.price_cents for piece in pieces) == milestone.price_cents,
        "Together they have to cost what the milestone costs now, to the cent: an amendment changes no price.",
    )


def replace(
    db: Session, milestone: Milestone, pieces: Sequence[Piece], *, cause: str, at: datetime
) -> list[Milestone]:
    """The milestone becomes the first piece; the others are milestones of their own, after the last one."""
    check(milestone, pieces)
    former = Amendment(
        milestone_id=milestone.id, from_id=milestone.id, cause=cause, number=1, title=milestone.title,
        criteria=milestone.criteria, due_on=milestone.due_on, price_cents=milestone.price_cents,
        lines=_rub_lines_out(db, milestone) if len(pieces) > 1 else "", at=at,
    )  # fmt: skip
    db.add(former)
    last = select(func.max(Milestone.number)).where(Milestone.estimate_id == milestone.estimate_id)
    number = db.exec(last).one()
    first, *others = pieces
    milestone.title, milestone.criteria = first.title, first.criteria
    milestone.due_on, milestone.price_cents = first.due_on, first.price_cents
    made = [milestone]
    for place, piece in enumerate(others, start=1):
        one = Milestone(
            estimate_id=milestone.estimate_id, number=number + place, title=piece.title, criteria=piece.criteria,
            due_on=piece.due_on, is_required=milestone.is_required, price_cents=piece.price_cents,
        )  # fmt: skip
        db.add(one)
        db.flush()
        db.add(Amendment(
            milestone_id=one.id, number=place + 1,
            **former.model_dump(exclude={"id", "milestone_id", "number"}),
        ))  # fmt: skip
        made.append(one)
    db.flush()
    return made


def _rub_lines_out(db: Session, milestone: Milestone) -> str:
    """The lines no longer add up to the price: they are kept as words."""
    lines = lines_of(db, [milestone])[milestone.id]
    db.execute(delete(EstimateLine).where(col(EstimateLine.milestone_id) == milestone.id))
    return "\n".join(f"{line.label}: {line.price_cents}" for line in lines)


def amendments_of(db: Session, milestone: Milestone) -> list[Amendment]:
    """What a milestone said before, or was split off, the last time first."""
    query = select(Amendment).where(Amendment.milestone_id == milestone.id)
    return list(db.exec(query.order_by(col(Amendment.id).desc())))


def amendments_in(db: Session, estimate_id: int) -> list[Amendment]:
    """What each amended milestone of an estimate said before, in the order it was agreed."""
    query = (
        select(Amendment)
        .join(Milestone, col(Milestone.id) == col(Amendment.milestone_id))
        .where(Milestone.estimate_id == estimate_id, Amendment.number == 1)
    )
    return list(db.exec(query.order_by(col(Amendment.id))))
