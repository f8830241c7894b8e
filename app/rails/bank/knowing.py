"""Which of our own orders and files a line of the bank speaks of, and what became of them by it."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.kit.states import move
from app.rails.bank.camt import Line
from app.rails.bank.model import BankBatch, BankLine, BankOrder, BatchKind, BatchState, OrderState
from app.rails.bank.reasons import reason_of
from app.rails.rail import Happened

Read = tuple[Happened, str, list[str]]
# So much a bank may keep for a return, in the same line: more is no return of that order.
MOST_CHARGED = 10_000


class Known:
    """What we ordered and what may still be heard of, ready to be looked up line by line."""

    def __init__(self, db: Session) -> None:
        self._db = db
        heard = (OrderState.IN_FILE, OrderState.DONE, OrderState.RETURNED)
        orders = list(db.exec(select(BankOrder).where(col(BankOrder.state).in_(heard))))
        self._orders = {order.end_to_end_id: order for order in orders}
        self._of_batch: dict[int, list[BankOrder]] = {}
        for order in orders:
            self._of_batch.setdefault(order.batch_id or 0, []).append(order)
        self._batches: dict[str, BankBatch] = {}
        for batch in db.exec(select(BankBatch).where(BankBatch.state == BatchState.HANDED_OVER)):
            self._batches |= {batch.message_id: batch, batch.payment_id: batch}

    def read(self, line: Line, name: str, *, at: datetime) -> Read:
        """What the line says happened, the row of ours it is about, and the names the worker has to look up.

        A line without such a row is about itself: money from a payer, or something only people can explain.
        """
        order = self._orders.get(line.end_to_end_id)
        if order is not None and _is_of(line, order):
            return self._of_order(line, order, at), order.public_id, [order.public_id]
        batch = self._batches.get(line.payment_id) or self._batches.get(line.message_id)
        if order is None and batch is not None and batch.total_cents == line.amount_cents:
            return self._of_whole_batch(line, batch, at)
        if line.is_credit and order is None:
            return Happened.MONEY_IN, name, [name]
        if line.is_return and (taken := self._payment_taken_back(line)):
            return Happened.CHARGED_BACK, taken, [taken]
        return Happened.OTHER, "", []

    def _payment_taken_back(self, line: Line) -> str | None:
        """The payment a return takes back: of the same name and amount, if there is one only that still stands."""
        if not line.end_to_end_id:
            return None
        query = select(BankLine).where(
            BankLine.end_to_end_id == line.end_to_end_id, BankLine.amount_cents == line.amount_cents
        )
        lines = list(self._db.exec(query))
        gone = {one.about for one in lines if one.happened == Happened.CHARGED_BACK}
        stand = [one for one in lines if one.happened == Happened.MONEY_IN and one.public_id not in gone]
        return stand[0].public_id if len(stand) == 1 else None

    def _of_whole_batch(self, line: Line, batch: BankBatch, at: datetime) -> Read:
        orders = self._of_batch.get(batch.id, [])
        happened = {self._of_order(line, order, at) for order in orders} or {Happened.OTHER}
        return happened.pop(), batch.public_id, [order.public_id for order in orders]

    def _of_order(self, line: Line, order: BankOrder, at: datetime) -> Happened:
        """The order goes on, never back: a return that is told before its debit stays a return."""
        is_done = line.is_credit == (order.kind == BatchKind.DEBITS)
        was_done = order.state == OrderState.DONE
        if is_done and order.state == OrderState.IN_FILE:
            move(order, OrderState.DONE)
            order.ended_at = at
        elif not is_done and order.state in (OrderState.IN_FILE, OrderState.DONE):
            move(order, OrderState.RETURNED)
            order.ended_at, order.reason = at, reason_of(line.reason_code, line.reason)[:300]
        if order.kind == BatchKind.TRANSFERS:
            return Happened.PAID_OUT if is_done else Happened.BOUNCED
        if is_done:
            return Happened.MONEY_IN
        return Happened.CHARGED_BACK if was_done else Happened.MONEY_IN_FAILED


def _is_of(line: Line, order: BankOrder) -> bool:
    """Whether a line is about this order: of its amount, or a return of which the bank kept its charge.

    What it kept stays a difference of that order, until somebody explains it as the operator's own.
    """
    if line.amount_cents == order.amount_cents:
        return True
    is_transfer = order.kind == BatchKind.TRANSFERS
    charged = order.amount_cents - line.amount_cents
    if not is_transfer:
        charged = -charged
    return line.is_return and line.is_credit == is_transfer and 0 < charged <= MOST_CHARGED
