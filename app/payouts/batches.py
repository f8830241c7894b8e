"""Files for the bank: what was approved goes into one, which is taken out once and kept as it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.escrow.model import Call, SuspenseReturn
from app.escrow.model_outside import Collection, CollectionState
from app.kit.rules import Conflict, require
from app.payouts.model import Payout
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.step import record
from app.rails.bank import accounts, debiting, orders
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model import BankBatch, BankOrder, BatchKind
from app.rails.bank.model_mandates import BankMandate, Scheme

FARTHEST_DAYS = 30


@dataclass(frozen=True)
class Waiting:
    """An order no file carries yet, and what of ours it carries out."""

    order: BankOrder
    payout: Payout | None
    back: SuspenseReturn | None
    call: Call | None = None
    mandate: BankMandate | None = None

    @property
    def is_first(self) -> bool:
        """Whether its mandate was never used: it travels as a first debit."""
        return self.mandate is not None and self.mandate.used_at is None


def waiting(db: Session, kind: BatchKind, scheme: str = "") -> list[Waiting]:
    """The orders that wait for a file, oldest first."""
    return about(db, orders.waiting(db, kind, scheme))


def about(db: Session, found: Sequence[BankOrder]) -> list[Waiting]:
    """These orders with what of ours they carry out."""
    names = [order.public_id for order in found]
    payouts = {
        one.outside_id: one for one in db.exec(select(Payout).where(col(Payout.outside_id).in_(names)))
    }
    backs = {
        one.outside_id: one
        for one in db.exec(select(SuspenseReturn).where(col(SuspenseReturn.outside_id).in_(names)))
    }
    references = {order.reference for order in found if order.kind == BatchKind.DEBITS}
    calls = {one.reference: one for one in db.exec(select(Call).where(col(Call.reference).in_(references)))}
    by = {order.mandate_id for order in found if order.mandate_id}
    mandates = {one.id: one for one in db.exec(select(BankMandate).where(col(BankMandate.id).in_(by)))}
    return [
        Waiting(
            one, payouts.get(one.public_id), backs.get(one.public_id), calls.get(one.reference),
            mandates.get(one.mandate_id or 0),
        )
        for one in found
    ]  # fmt: skip


def make(
    db: Session, chosen: Sequence[BankOrder], *, execute_on: date, today: date, by: Actor, at: datetime
) -> BankBatch:
    """One file for these orders, kept byte for byte. An order is in one file only."""
    _require_treasurer(by)
    account = accounts.in_use(db)
    if account is None:
        raise Conflict("The bank rail is off: no account is in use with its legal basis recorded.")
    require(
        today <= execute_on and (execute_on - today).days <= FARTHEST_DAYS,
        "Please choose a day from today on, at most 30 days ahead.", field="execute_on",
    )  # fmt: skip
    _require_wanted(db, chosen, execute_on, today)
    batch = orders.make_file(db, chosen, account, execute_on=execute_on, by_id=by.person.id, at=at)
    record(
        db, "make file", batch, by=by, at=at, count=batch.count, total=batch.total_cents, sha256=batch.sha256
    )
    return batch


def _require_wanted(db: Session, chosen: Sequence[BankOrder], execute_on: date, today: date) -> None:
    """A debit is pulled only while its call asks for it, and the bank has its file a business day before."""
    names = [order.public_id for order in chosen if order.kind == BatchKind.DEBITS]
    if not names:
        return
    alive = select(Collection.outside_id).where(
        Collection.rail == BANK,
        col(Collection.outside_id).in_(names),
        Collection.state == CollectionState.ASKED,
    )
    require(
        set(db.exec(alive)) == set(names),
        "One of these debits is not asked for any more, or being called off: please look at the list again.",
        status=409,
    )
    require(
        execute_on >= debiting.first_day([], today),
        "The bank needs the file one business day before: please choose a later day.",
        field="execute_on",
    )


def debits_due(db: Session, until: date) -> list[tuple[str, list[BankOrder]]]:
    """The debits announced for a day until then that no file carries, by scheme; none where there is none."""
    found = [
        (scheme.value, [
            one for one in orders.waiting(db, BatchKind.DEBITS, scheme) if one.due_on and one.due_on <= until
        ])
        for scheme in Scheme
    ]  # fmt: skip
    return [(scheme, due) for scheme, due in found if due]


def next_day(chosen: Sequence[BankOrder], today: date) -> date:
    """The first day a bank can act on a file of these made today."""
    return debiting.first_day(chosen, today)


def take_out(db: Session, batch: BankBatch, *, by: Actor, at: datetime) -> bytes:
    """The bytes for the bank, once. A second time could pay twice, so there is none."""
    _require_treasurer(by)
    alarms.require_no(db, alarms.BOOK)
    before = batch.state
    file = orders.hand_over(db, batch, by_id=by.person.id, at=at)
    record(db, "take out file", batch, by=by, at=at, before=before, sha256=batch.sha256)
    return file


def give_up(db: Session, batch: BankBatch, *, by: Actor, at: datetime) -> None:
    """A file nobody took out: its orders wait for another."""
    _require_treasurer(by)
    before = batch.state
    orders.give_up(db, batch, at=at)
    record(db, "give up file", batch, by=by, at=at, before=before)


def call_off(db: Session, order: BankOrder, *, reason: str, by: Actor, at: datetime) -> None:
    """An order in no file is not carried out: its payout is due again, as if the bank had returned it."""
    _require_treasurer(by)
    require(reason.strip(), "Please give the reason.", field="reason")
    before = order.state
    orders.call_off(db, order, reason.strip(), at=at)
    record(db, "call off", order, by=by, at=at, before=before, reason=reason.strip())


def _require_treasurer(by: Actor) -> None:
    require_role(by, Role.TREASURER)
    require(by.is_fund, "Your role does not allow this.", status=403)
