"""Orders to the bank, each once per key, waiting for a file; and the files, kept as they were made."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from app.kit.public_id import public_id
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.rails import inbox
from app.rails.bank import debiting, pain
from app.rails.bank.model import (
    NAME,
    BankAccount,
    BankBatch,
    BankOrder,
    BatchKind,
    BatchState,
    OrderState,
)
from app.rails.bank.model_mandates import BankMandate

MOST_IN_A_FILE = 1000


def end_to_end_id(name: str) -> str:
    """The name an order travels under, to the bank and back: what is left of its own public one."""
    return f"JALON{name.upper()}"[-35:]


def waiting(db: Session, kind: BatchKind, scheme: str = "") -> list[BankOrder]:
    """The orders no file carries yet, oldest first."""
    query = select(BankOrder).where(BankOrder.state == OrderState.WAITING, BankOrder.kind == kind)
    if scheme:
        query = query.join(BankMandate, col(BankMandate.id) == col(BankOrder.mandate_id))
        query = query.where(BankMandate.scheme == scheme)
    return list(db.exec(query.order_by(col(BankOrder.id)).limit(MOST_IN_A_FILE)))


def make_file(
    db: Session, chosen: Sequence[BankOrder], account: BankAccount, *,
    execute_on: date, by_id: int, at: datetime,
) -> BankBatch:  # fmt: skip
    """One file for these orders, kept byte for byte with its hash. An order is in one file only. Raises `Conflict`."""
    require(chosen, "Please choose at least one order.")
    query = select(BankOrder).where(col(BankOrder.id).in_([order.id for order in chosen]))
    query = query.order_by(col(BankOrder.id)).with_for_update()
    orders = list(db.exec(query.execution_options(populate_existing=True)))
    if any(order.state != OrderState.WAITING for order in orders):
        raise Conflict("One of these orders is in another file already.")
    kinds = {order.kind for order in orders}
    require(len(kinds) == 1, "A file carries transfers or debits, not both.")
    mandates = debiting.mandates_of(db, orders)
    debiting.require_ready(orders, mandates, execute_on)
    schemes = {mandate.scheme for mandate in mandates.values()}
    name = public_id()
    message_id, payment_id = f"JALON-{name[-24:].upper()}", f"JALON-{name[-24:].upper()}-1"
    head = pain.Head(
        message_id=message_id, payment_id=payment_id, at=at, holder=account.holder, iban=account.iban, bic=account.bic,
        currency=account.currency, execute_on=execute_on, creditor_id=account.creditor_id,
        scheme=next(iter(schemes), ""),
    )  # fmt: skip
    file = pain.transfers(head, [_transfer(order) for order in orders]) if BatchKind.TRANSFERS in kinds else (
        pain.debits(head, debiting.debits(orders, mandates))
    )  # fmt: skip
    batch = BankBatch(
        public_id=name, kind=kinds.pop(), scheme=head.scheme, account_id=account.id, message_id=message_id,
        payment_id=payment_id, file=file, sha256=hashlib.sha256(file).hexdigest(), count=len(orders),
        total_cents=sum(order.amount_cents for order in orders), currency=account.currency, execute_on=execute_on,
        made_by_id=by_id, made_at=at,
    )  # fmt: skip
    db.add(batch)
    db.flush()
    for order in orders:
        move(order, OrderState.IN_FILE)
        order.batch_id = batch.id
        if mandate := mandates.get(order.id):
            debiting.use(mandate, execute_on, at)
    return batch


def _transfer(order: BankOrder) -> pain.Transfer:
    return pain.Transfer(
        end_to_end_id=order.end_to_end_id, amount_cents=order.amount_cents, name=order.other_name,
        iban=order.other_account, reference=order.reference,
    )  # fmt: skip


def locked(db: Session, batch: BankBatch) -> BankBatch:
    """The file as it is now, held until the transaction ends."""
    query = select(BankBatch).where(BankBatch.id == batch.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def hand_over(db: Session, batch: BankBatch, *, by_id: int, at: datetime) -> bytes:
    """The bytes for the bank, once: a second time could pay twice. Raises `Conflict`."""
    batch = locked(db, batch)
    if batch.state != BatchState.MADE:
        raise Conflict("This file was handed out already. A second time it could be paid twice.")
    require(
        hashlib.sha256(batch.file).hexdigest() == batch.sha256, "This file is not what was made.", status=409
    )
    orders = orders_of(db, batch)
    debiting.require_in_force(debiting.mandates_of(db, orders).values())
    move(batch, BatchState.HANDED_OVER)
    debiting.tell_on_their_way(db, orders, at=at)
    batch.handed_over_by_id, batch.handed_over_at = by_id, at
    return batch.file


def give_up(db: Session, batch: BankBatch, *, at: datetime) -> list[BankOrder]:
    """A file nobody took out: its orders wait for another. A debit without its mandate waits for none."""
    batch = locked(db, batch)
    if batch.state != BatchState.MADE:
        raise Conflict("This file was handed out already: the bank may have it.")
    move(batch, BatchState.VOID)
    orders = orders_of(db, batch)
    for order in orders:
        move(order, OrderState.WAITING)
        order.batch_id = None
    db.flush()
    for order in debiting.without_mandate(db, orders):
        call_off(db, order, debiting.GONE, at=at)
    return orders


def call_off(db: Session, order: BankOrder, reason: str, *, at: datetime) -> None:
    """An order in no file is not carried out: its payout comes back as if the bank had returned it."""
    query = select(BankOrder).where(BankOrder.id == order.id).with_for_update()
    order = db.exec(query.execution_options(populate_existing=True)).one()
    if order.state != OrderState.WAITING:
        raise Conflict("This order is in a file already.")
    move(order, OrderState.CALLED_OFF)
    order.reason, order.ended_at = reason[:300], at
    inbox.receive(db, NAME, f"called off:{order.public_id}", order.public_id, at=at)


def orders_of(db: Session, batch: BankBatch) -> list[BankOrder]:
    """What a file carries."""
    return list(db.exec(select(BankOrder).where(BankOrder.batch_id == batch.id).order_by(col(BankOrder.id))))


def not_debited_yet(db: Session) -> int:
    """Cents the book has sent and the bank has not paid yet: orders waiting, or in a file it has not carried out."""
    query = select(func.coalesce(func.sum(BankOrder.amount_cents), 0)).where(
        BankOrder.kind == BatchKind.TRANSFERS,
        col(BankOrder.state).in_([OrderState.WAITING, OrderState.IN_FILE]),
    )
    return int(db.exec(query).one())
