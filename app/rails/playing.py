"""Playing the practice bank by hand: somebody pays, the bank takes back, settles or bounces."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.rails import inbox, sandbox
from app.rails.rail import Happened
from app.rails.sandbox import SandboxLine


class How(StrEnum):
    """The ways a payer can pay."""

    PAY = "pay"
    HALF = "half"
    TWICE = "twice"
    FAIL = "fail"


def pay(
    db: Session, how: How, *, amount_cents: Cents, currency: str, reference: str, name: str, account: str,
    reason: str = "", at: datetime,
) -> list[SandboxLine]:  # fmt: skip
    """Money arrives at the bank, or fails to: all of the amount, half of it, or all of it two times."""
    require(how != How.FAIL or reason, "Please give the reason.", field="reason")
    cents = amount_cents // 2 if how == How.HALF else amount_cents
    require(cents > 0, "The amount must be more than zero.", field="amount")
    return [
        sandbox.pay_in(
            db, amount_cents=cents, currency=currency, reference=reference, name=name, account=account, at=at,
            fails=reason if how == How.FAIL else "",
        )
        for _time in range(2 if how == How.TWICE else 1)
    ]  # fmt: skip


def turn(db: Session, line: SandboxLine, happened: Happened, *, reason: str, at: datetime) -> SandboxLine:
    """Take a payment back, settle or bounce one on its way; raises `Conflict` where the bank did so already."""
    query = select(SandboxLine).where(SandboxLine.id == line.id).with_for_update()
    line = db.exec(query.execution_options(populate_existing=True)).one()
    require(happened == Happened.PAID_OUT or reason, "Please give the reason.", field="reason")
    if not sandbox.can_turn(line, happened):
        raise Conflict("The bank has booked something else about this payment already.")
    return sandbox.turn(db, line, happened, reason=reason, at=at)


def journal(db: Session, *, after: str, most: int) -> list[SandboxLine]:
    """The bank's journal, newest first; at most one more than `most`."""
    query = select(SandboxLine).order_by(col(SandboxLine.public_id).desc()).limit(most + 1)
    if after:
        query = query.where(SandboxLine.public_id < after)
    return list(db.exec(query))


def is_telling(db: Session) -> bool:
    """Whether the bank has told something that is not booked yet."""
    return inbox.is_waiting(db, sandbox.NAME)
