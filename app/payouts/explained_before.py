"""Lines explained as the operator's own before that was booked: booked once, by the first round of this version."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.escrow import moves
from app.escrow.entries import are_booked
from app.payouts.model import Explanation
from app.people.operator import operator_if_any


def unbooked(db: Session) -> list[Explanation]:
    """The explanations that no entry stands for, oldest first."""
    query = select(Explanation).where(Explanation.amount_cents != 0).order_by(col(Explanation.id))
    found = list(db.exec(query))
    keys = {said.id: f"own:{said.rail}:{said.outside_id}" for said in found}
    booked = are_booked(db, keys.values())
    return [said for said in found if keys[said.id] not in booked]


def book(db: Session, *, at: datetime) -> int:
    """Book them; how many there were. Done again, nothing.

    The money moved then, whether it was covered or not: what left too much shows as a shortfall of its rail, which
    stops payouts to maintainers until the operator has paid it in.
    """
    operator, found = operator_if_any(db), unbooked(db)
    if operator is None:
        return 0
    for said in found:
        moves.own_line(db, said.rail, said.outside_id, said.amount_cents, operator.currency, at=at)
    return len(found)
