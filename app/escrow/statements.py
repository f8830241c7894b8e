"""A provider's own account of our money beside the book: every line kept once, its costs booked, differences named."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.escrow import moves
from app.escrow.model import Deposit, DepositState
from app.escrow.model_outside import RailLine
from app.kit.money import Cents
from app.ledger.book import balance
from app.people.model import Operator
from app.rails.rail import Happened, StatementLine

# What is told and not booked yet, or booked and not told yet, is on its way for so long.
GRACE = timedelta(hours=2)
OVERLAP = timedelta(days=3)
# The lines that tell of receipts out of a charge-back, by the mark behind the payment's name.
AGAIN = {"won": Happened.WON_BACK, "kept": Happened.CHARGED_BACK}


@dataclass(frozen=True)
class Difference:
    """One thing the provider and the book do not say alike."""

    line_id: str
    outside_id: str
    says: str
    cents: Cents


def since(db: Session, rail: str, at: datetime) -> datetime:
    """From when on lines are read again: some days before the last that is known, as they may come late."""
    last = db.exec(select(func.max(RailLine.at)).where(RailLine.rail == rail)).one()
    return (last or at - timedelta(days=400)) - OVERLAP


def keep(db: Session, rail: str, lines: Iterable[StatementLine], *, at: datetime) -> int:
    """Keep the lines that are new, and book what the rail kept of them; how many were new."""
    known = set(db.exec(select(RailLine.line_id).where(RailLine.rail == rail)))
    new = [line for line in lines if line.line_id not in known]
    operator = db.exec(select(Operator)).first()
    for line in new:
        db.add(RailLine(
            rail=rail, line_id=line.line_id, outside_id=line.outside_id, happened=line.happened,
            amount_cents=line.amount_cents, cost_cents=line.cost_cents, currency=line.currency, at=line.at, kept_at=at,
        ))  # fmt: skip
        if operator and line.cost_cents and line.currency == operator.currency:
            moves.cost(db, rail, line.line_id, line.cost_cents, line.currency, at=at)
    db.flush()
    return len(new)


def differences(
    db: Session,
    rail: str,
    outside_cents: Cents,
    sent: dict[str, Cents],
    came_back: dict[str, Cents],
    explained: Container[str],
    *,
    at: datetime,
) -> list[Difference]:
    """Lines the book does not know, entries the provider does not know, and the balance where nothing explains it.

    `sent` and `came_back` are the cents of what was sent, by the outside's name; `explained` names lines that are
    nobody's payment.
    """
    lines = list(db.exec(select(RailLine).where(RailLine.rail == rail).order_by(col(RailLine.id))))
    found = [
        fault
        for line in lines
        if name_of(line) not in explained and (fault := _unknown(db, line, sent, came_back, at)) is not None
    ]
    told = {(line.outside_id, line.happened) for line in lines}
    for deposit in db.exec(select(Deposit).where(Deposit.rail == rail, Deposit.received_at < at - GRACE)):
        name = deposit.outside_id.partition(":")[0]
        kind = AGAIN.get(deposit.outside_id.partition(":")[2], Happened.MONEY_IN)
        if deposit.state in (DepositState.RECEIVED, DepositState.CHARGED_BACK) and (name, kind) not in told:
            found.append(
                Difference("", name, "booked, but not in the provider's lines", deposit.amount_cents)
            )
    stands = balance(db, f"outside:{rail}")
    if not found and stands != outside_cents:
        found.append(Difference("", "", "the balance", outside_cents - stands))
    return found


def name_of(line: RailLine) -> str:
    """What a line is called when somebody speaks of it: its movement, or itself where it belongs to none."""
    return line.outside_id or line.line_id


def _unknown(
    db: Session, line: RailLine, sent: dict[str, Cents], came_back: dict[str, Cents], at: datetime
) -> Difference | None:
    if line.at > at - GRACE or line.happened == Happened.COST:
        return None
    booked: Cents | None
    match line.happened:
        case Happened.MONEY_IN:
            booked = _deposited(db, line, line.outside_id)
        case Happened.CHARGED_BACK:
            booked = _deposited(db, line, line.outside_id)
            booked = booked and booked - (_deposited(db, line, f"{line.outside_id}:kept", whole=False) or 0)
        case Happened.WON_BACK:
            booked = _deposited(db, line, f"{line.outside_id}:won")
        case Happened.PAID_OUT:
            booked = sent.get(line.outside_id)
        case Happened.BOUNCED:
            booked = came_back.get(line.outside_id)
        case _:
            booked = None
    if booked == abs(line.amount_cents):
        return None
    return Difference(line.line_id, line.outside_id, f"{line.happened}, not in the book", line.amount_cents)


def _deposited(db: Session, line: RailLine, outside_id: str, *, whole: bool = True) -> Cents | None:
    query = select(Deposit).where(Deposit.rail == line.rail, Deposit.outside_id == outside_id)
    found = db.exec(query).first()
    if found is None or (
        whole
        and line.happened == Happened.CHARGED_BACK
        and found.state not in (DepositState.CHARGED_BACK, DepositState.LOST)
    ):
        return None
    return found.amount_cents
