"""Debits on their way into a file: in force, announced, first or recurring; none without a mandate."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.kit.clock import add_business_days, is_business_day
from app.kit.rules import Conflict, require
from app.kit.words import N_
from app.rails import inbox
from app.rails.bank import pain
from app.rails.bank.model import NAME, BankOrder, BatchKind, OrderState
from app.rails.bank.model_mandates import BankMandate, MandateState

GONE = N_("the mandate is not in force any more")
# Banks settle a debit one business day after they got its file, at the earliest.
LEAD_BUSINESS_DAYS = 1
FILE_ORDERS = (OrderState.IN_FILE, OrderState.DONE, OrderState.RETURNED)


def mandates_of(db: Session, orders: Iterable[BankOrder]) -> dict[int, BankMandate]:
    """The mandates of these debits, by order; locked, so that none is revoked while a file is made of it."""
    names = {order.mandate_id for order in orders if order.mandate_id}
    query = select(BankMandate).where(col(BankMandate.id).in_(names)).order_by(col(BankMandate.id))
    query = query.with_for_update().execution_options(populate_existing=True)
    found = {one.id: one for one in db.exec(query)}
    return {order.id: found[order.mandate_id] for order in orders if order.mandate_id}


def require_in_force(mandates: Iterable[BankMandate]) -> None:
    """Go on only if every mandate is in force. Raises `Conflict`."""
    for mandate in mandates:
        if mandate.state != MandateState.ACTIVE:
            raise Conflict(
                "Mandate %(reference)s is not in force any more: leave its debit out, or give the file up.",
                reference=mandate.reference,
            )


def require_ready(orders: Sequence[BankOrder], mandates: Mapping[int, BankMandate], execute_on: date) -> None:
    """Go on only if these debits may be pulled on that day, and are of one scheme. Transfers always pass."""
    debits = [order for order in orders if order.kind == BatchKind.DEBITS]
    if not debits:
        return
    require(
        all(order.id in mandates for order in debits),
        "A debit without a mandate goes into no file.",
        status=409,
    )
    require_in_force(mandates.values())
    require(len({one.scheme for one in mandates.values()}) == 1, "A file carries debits of one scheme.")
    require(
        is_business_day(execute_on), "Banks pull debits on business days only: please choose another day.",
        field="execute_on",
    )  # fmt: skip
    announced = max((order.due_on for order in debits if order.due_on), default=execute_on)
    require(
        announced <= execute_on,
        "One of these debits was announced to its payer for %(day)s: please choose that day or a later one, or make"
        " a file of the others first.",
        field="execute_on", day=announced,
    )  # fmt: skip


def first_day(orders: Iterable[BankOrder], today: date) -> date:
    """The first day a bank can pull these debits: as announced, and not before it has had the file for a day."""
    return business_day(max([add_business_days(today, LEAD_BUSINESS_DAYS), *(
        order.due_on for order in orders if order.due_on
    )]))  # fmt: skip


def business_day(wanted: date) -> date:
    """This day, or the next one banks work on."""
    return wanted if is_business_day(wanted) else add_business_days(wanted, 1)


def debits(orders: Sequence[BankOrder], mandates: Mapping[int, BankMandate]) -> list[pain.Debit]:
    """These orders as a file says them; the first debit of a mandate is marked so, once."""
    begun: set[int] = set()
    found = []
    for order in orders:
        mandate = mandates[order.id]
        is_first = mandate.used_at is None and mandate.id not in begun
        begun.add(mandate.id)
        found.append(pain.Debit(
            end_to_end_id=order.end_to_end_id, amount_cents=order.amount_cents, name=mandate.holder, iban=mandate.iban,
            reference=order.reference, mandate_id=mandate.reference, signed_on=mandate.signed_on, is_first=is_first,
        ))  # fmt: skip
    return found


def use(mandate: BankMandate, on: date, at: datetime) -> None:
    """A file carries a debit by this mandate: the next one is a recurring one, and its three years begin anew."""
    mandate.used_at = mandate.used_at or at
    mandate.last_used_on = max(mandate.last_used_on or on, on)


def without_mandate(db: Session, orders: Sequence[BankOrder]) -> list[BankOrder]:
    """Those whose mandate ended while they stood in a file; a mandate none of whose debits is left was never used."""
    mandates = mandates_of(db, orders)
    for mandate in mandates.values():
        carried = select(BankOrder.id).where(
            BankOrder.mandate_id == mandate.id, col(BankOrder.state).in_(FILE_ORDERS)
        )
        if not db.exec(carried).first():
            mandate.used_at = mandate.last_used_on = None
    return [one for one in orders if one.id in mandates and mandates[one.id].state != MandateState.ACTIVE]


def tell_on_their_way(db: Session, orders: Sequence[BankOrder], *, at: datetime) -> None:
    """From the moment a file is out, its debits are on their way: whoever asked for them hears of it."""
    for order in orders:
        if order.kind == BatchKind.DEBITS:
            inbox.receive(db, NAME, f"on its way:{order.public_id}:{order.batch_id}", order.public_id, at=at)
