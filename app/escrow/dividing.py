"""What a call asks for a part that others took the place of: the same, line by line of what took its place."""

from collections.abc import Sequence

from sqlmodel import Session, select

from app.campaigns.model import Campaign, Part
from app.campaigns.reading import planned_tranches
from app.escrow.model import CallLine, Tranche
from app.estimates.model import Milestone


def is_called(db: Session, campaign: Campaign, milestone: Milestone) -> bool:
    """Whether the tranche of a milestone was called."""
    number = planned_tranches(db, campaign)[milestone.id]
    query = select(Tranche.id).where(Tranche.campaign_id == campaign.id, Tranche.number == number)
    return db.exec(query).first() is not None


def divide_line(db: Session, part: Part, pieces: Sequence[Part]) -> None:
    """The call that asked for a part asks for its pieces; its sums, its paper's total and what was paid stay."""
    line = db.exec(select(CallLine).where(CallLine.part_id == part.id)).first()
    if line is None:
        return
    call_id = line.call_id
    db.delete(line)
    db.flush()
    for piece in pieces:
        db.add(CallLine(
            call_id=call_id, part_id=piece.id, price_cents=piece.price_cents, vat_cents=piece.vat_cents
        ))  # fmt: skip
    db.flush()
