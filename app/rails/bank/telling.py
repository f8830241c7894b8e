"""What the bank says, as every rail tells it: of one payment, line by line, and in sum.

An order of ours counts as gone from the moment it is given, as it does in the book; the bank's line that carries it
out is the same movement and is not told twice.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.kit.money import Cents
from app.rails.bank.model import BankAccount, BankLine, BankOrder, BankStatement, BatchKind, OrderState
from app.rails.bank.reasons import reason_of
from app.rails.bank.references import is_reference
from app.rails.rail import Happened, Movement, RailSilent, StatementLine


def movement(db: Session, outside_id: str) -> Movement:
    """What became of this order or payment. Raises `RailSilent` while nobody knows."""
    order = db.exec(select(BankOrder).where(BankOrder.public_id == outside_id)).first()
    if order is not None:
        return _of_order(order)
    line = db.exec(select(BankLine).where(BankLine.public_id == outside_id)).first()
    if line is None or line.happened != Happened.MONEY_IN:
        raise RailSilent(f"the bank has said nothing about {outside_id}")
    query = select(BankLine).where(BankLine.about == outside_id, BankLine.happened == Happened.CHARGED_BACK)
    return _of_line(line, db.exec(query).first())


def movements(db: Session, outside_ids: Collection[str]) -> dict[str, Movement]:
    """The same of many, in three questions; what the bank says nothing about is left out."""
    orders = db.exec(select(BankOrder).where(col(BankOrder.public_id).in_(outside_ids)))
    found = {order.public_id: said for order in orders if (said := _said_of(order)) is not None}
    back = {
        line.about: line
        for line in db.exec(select(BankLine).where(
            col(BankLine.about).in_(outside_ids), BankLine.happened == Happened.CHARGED_BACK
        ))
    }  # fmt: skip
    lines = select(BankLine).where(
        col(BankLine.public_id).in_(outside_ids), BankLine.happened == Happened.MONEY_IN
    )
    for line in db.exec(lines):
        found.setdefault(line.public_id, _of_line(line, back.get(line.public_id)))
    return found


def _of_order(order: BankOrder) -> Movement:
    said = _said_of(order)
    if said is None:
        raise RailSilent(f"the bank has said nothing about {order.public_id} yet")
    return said


def _said_of(order: BankOrder) -> Movement | None:
    is_transfer = order.kind == BatchKind.TRANSFERS
    said = {
        OrderState.DONE: Happened.PAID_OUT if is_transfer else Happened.MONEY_IN,
        OrderState.RETURNED: Happened.BOUNCED if is_transfer else Happened.CHARGED_BACK,
        OrderState.CALLED_OFF: Happened.BOUNCED if is_transfer else Happened.MONEY_IN_FAILED,
        OrderState.IN_FILE: None if is_transfer else Happened.ON_ITS_WAY_IN,
    }.get(OrderState(order.state))
    if said is None:
        return None
    return Movement(
        outside_id=order.public_id, happened=said, amount_cents=order.amount_cents, currency=order.currency,
        reference=order.reference, other_name=order.other_name, other_account=order.other_account,
        at=order.ended_at or order.ordered_at, reason=order.reason,
    )  # fmt: skip


def _of_line(line: BankLine, taken_back: BankLine | None) -> Movement:
    reason = reason_of(taken_back.reason_code, taken_back.reason) if taken_back else ""
    return Movement(
        outside_id=line.public_id, happened=Happened.CHARGED_BACK if taken_back else Happened.MONEY_IN,
        amount_cents=line.amount_cents, currency=line.currency, reference=what_was_typed(line),
        other_name=line.other_name, other_account=line.other_account, at=line.at,
        reason=reason or ("taken back by the bank" if taken_back else ""),
    )  # fmt: skip


def what_was_typed(line: BankLine) -> str:
    """The reference where it stands alone and is right; otherwise all that the payer wrote."""
    if is_reference(line.reference.replace(" ", "").upper()):
        return line.reference
    return " ".join(text for text in (line.reference, line.text) if text)[:300]


def lines(db: Session, since: datetime) -> list[StatementLine]:
    """Every change of what we have at the bank since then, oldest first."""
    found = [*_openings(db), *_ordered(db), *_told(db, since)]
    return sorted((line for line in found if line.at >= since), key=lambda line: (line.at, line.line_id))


def _openings(db: Session) -> Iterator[StatementLine]:
    """What stood on each account before its first line."""
    for statement in _ends(db, newest=False).values():
        if statement.opening_cents:
            account = db.get_one(BankAccount, statement.account_id)
            name = f"opening:{account.public_id}"
            yield StatementLine(
                line_id=name, outside_id=name, happened=Happened.OTHER, amount_cents=statement.opening_cents,
                cost_cents=0, currency=account.currency, at=statement.at, text="opening balance",
            )  # fmt: skip


def _ordered(db: Session) -> Iterator[StatementLine]:
    query = select(BankOrder).where(BankOrder.kind == BatchKind.TRANSFERS).order_by(col(BankOrder.id))
    for order in db.exec(query):
        sent = StatementLine(
            line_id=f"order:{order.public_id}", outside_id=order.public_id, happened=Happened.PAID_OUT,
            amount_cents=-order.amount_cents, cost_cents=0, currency=order.currency, at=order.ordered_at,
            text=order.reference,
        )  # fmt: skip
        yield sent
        if order.state == OrderState.CALLED_OFF:
            yield StatementLine(
                line_id=f"off:{order.public_id}", outside_id=order.public_id, happened=Happened.BOUNCED,
                amount_cents=order.amount_cents, cost_cents=0, currency=order.currency,
                at=order.ended_at or order.ordered_at, text=order.reason,
            )  # fmt: skip


def _told(db: Session, since: datetime) -> Iterator[StatementLine]:
    query = select(BankLine).where(BankLine.at >= since, BankLine.happened != Happened.PAID_OUT)
    for line in db.exec(query.order_by(col(BankLine.id))):
        yield StatementLine(
            line_id=line.line_key, outside_id=line.about or line.public_id, happened=Happened(line.happened),
            amount_cents=line.amount_cents if line.is_credit else -line.amount_cents, cost_cents=0,
            currency=line.currency, at=line.at,
            text=reason_of(line.reason_code, line.reason) or line.reference or line.text,
        )  # fmt: skip


def held(db: Session) -> Cents:
    """What the bank says stands on our accounts: the newest closing balances, and what was told after them."""
    newest = _ends(db, newest=True)
    total = 0
    for account_id in db.exec(select(BankAccount.id)):
        statement = newest.get(account_id)
        query = select(BankLine.is_credit, func.sum(BankLine.amount_cents)).where(
            BankLine.account_id == account_id
        )
        if statement is not None:
            total += statement.held_cents or 0
            query = query.where(col(BankLine.booked_on) > statement.closing_on)
        told = db.exec(query.group_by(col(BankLine.is_credit)))
        total += sum(int(cents) if is_credit else -int(cents) for is_credit, cents in told)
    return total


def _ends(db: Session, *, newest: bool) -> dict[int, BankStatement]:
    """The first or last statement with balances of each account."""
    query = select(BankStatement).where(
        col(BankStatement.held_cents).is_not(None), col(BankStatement.closing_on).is_not(None)
    )
    order = (col(BankStatement.closing_on), col(BankStatement.id))
    found: dict[int, BankStatement] = {}
    for statement in db.exec(query.order_by(*order)):
        if newest or statement.account_id not in found:
            found[statement.account_id] = statement
    return found
