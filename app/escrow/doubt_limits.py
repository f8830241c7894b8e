"""Money for no call that its provider will not keep much longer: told to the fund thirty days before it decides.

Left alone, a provider would send it back by itself, or put it among the operator's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow.guards import hold_days
from app.escrow.hold_limits import ALARM_DAYS
from app.escrow.left_over import ENDED
from app.escrow.model import Deposit
from app.escrow.model_left import LeftOver
from app.escrow.rules import in_suspense
from app.kit.clock import day_of
from app.kit.money import Cents
from app.people.operator import operator_of
from app.people.step import record
from app.rails.switched_on import CAPABILITIES


@dataclass(frozen=True)
class Doubtful:
    """Money in suspense on our balance, or left with its provider, and the day until which it stays there."""

    thing: Deposit | LeftOver
    cents: Cents
    until: date


def until_of(db: Session, thing: Deposit | LeftOver) -> date | None:
    """The day until which its rail keeps this money; None where it sets no limit."""
    days, since = hold_days(thing.rail), thing.received_at if isinstance(thing, Deposit) else thing.seen_at
    return day_of(since, operator_of(db).zone) + timedelta(days=days) if days is not None else None


def near(db: Session, rails: Sequence[str], *, at: datetime) -> list[Doubtful]:
    """What has to leave one of these rails within thirty days, the most urgent first."""
    things: list[tuple[Deposit | LeftOver, Cents]] = [(one, one.excess_cents) for one in in_suspense(db)]
    query = select(LeftOver).where(col(LeftOver.state).not_in(ENDED)).order_by(col(LeftOver.id))
    things += [(one, one.amount_cents) for one in db.exec(query)]
    found = []
    for thing, cents in things:
        until = until_of(db, thing) if thing.rail in rails else None
        if until and day_of(at, operator_of(db).zone) >= until - timedelta(days=ALARM_DAYS):
            found.append(Doubtful(thing, cents, until))
    return sorted(found, key=lambda one: one.until)


def payments_to_tell(db: Session, at: datetime) -> list[int]:
    """Payments in suspense that have to leave within thirty days, and of which the fund was not told."""
    return _untold(db, Deposit, at)


def left_to_tell(db: Session, at: datetime) -> list[int]:
    """The same of what lies with a provider for a payer."""
    return _untold(db, LeftOver, at)


def _untold(db: Session, kind: type[Deposit] | type[LeftOver], at: datetime) -> list[int]:
    found = (one.thing for one in near(db, list(CAPABILITIES), at=at))
    return [thing.id for thing in found if isinstance(thing, kind) and thing.hold_told_at is None]


def tell(db: Session, thing: Deposit | LeftOver, *, at: datetime) -> None:
    """Tell the fund, once, until when it has to match this money or give it back."""
    db.refresh(thing, with_for_update=True)
    until = until_of(db, thing)
    if thing.hold_told_at is not None or until is None:
        return
    thing.hold_told_at = at
    record(
        db, "hold ends", thing, by=None, at=at, before=thing.state, until=until.isoformat(),
        held=thing.excess_cents if isinstance(thing, Deposit) else thing.amount_cents,
    )  # fmt: skip
