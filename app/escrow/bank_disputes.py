"""A charge-back that can be contested: opened with its deadline, answered once, won or lost. Won, the money is new."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from app.escrow import receipts
from app.escrow.model import Deposit, DepositState
from app.escrow.model_outside import BankDispute, DisputeState
from app.kit import outbox
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record
from app.rails.rail import Happened, Movement

CONTEST = "contest"
# What was taken back and won is a receipt of its own; what stands before the mark is the payment it comes from.
WON = ":won"
# What of a payment its bank did not take back.
KEPT = ":kept"


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> None:
    """Keep what the rail says of a charge-back. Heard again, or late, it changes nothing."""
    deposit = receipts.take_in(db, rail, replace(movement, happened=Happened.CHARGED_BACK), at=at)
    if deposit is None or not movement.dispute_id:
        return
    taken = movement.disputed_cents or movement.amount_cents
    if taken < movement.amount_cents:
        # The book takes all of it out; what the bank left is there again, as a receipt of its own.
        _take_in_again(db, rail, movement, KEPT, movement.amount_cents - taken, at=at)
    dispute = _kept(db, rail, movement, deposit, at)
    dispute.answer_by = movement.answer_by or dispute.answer_by
    if movement.happened == Happened.LOST:
        _end(db, dispute, deposit, DisputeState.LOST, at=at)
    elif movement.happened == Happened.WON_BACK and dispute.state != DisputeState.WON:
        _end(db, dispute, deposit, DisputeState.WON, at=at)
        _take_in_again(db, rail, movement, WON, taken, at=at)


def _take_in_again(
    db: Session, rail: str, movement: Movement, mark: str, cents: Cents, *, at: datetime
) -> None:
    again = replace(
        movement, outside_id=f"{movement.outside_id}{mark}", happened=Happened.MONEY_IN, reason="", amount_cents=cents
    )  # fmt: skip
    receipts.take_in(db, rail, again, at=at)


def taken_back(db: Session, deposit: Deposit) -> Cents:
    """How much of a payment its payer's bank took back."""
    name = f"{deposit.outside_id}{KEPT}"
    query = select(Deposit.amount_cents).where(Deposit.rail == deposit.rail, Deposit.outside_id == name)
    return deposit.amount_cents - (db.exec(query).first() or 0)


def _kept(db: Session, rail: str, movement: Movement, deposit: Deposit, at: datetime) -> BankDispute:
    query = select(BankDispute).where(BankDispute.rail == rail, BankDispute.outside_id == movement.dispute_id)
    found = db.exec(query.with_for_update()).first()
    if found is None:
        found = BankDispute(
            rail=rail, outside_id=movement.dispute_id, deposit_id=deposit.id, reason=movement.reason[:300],
            opened_at=at, answer_by=movement.answer_by,
        )  # fmt: skip
        db.add(found)
        db.flush()
        amount = movement.disputed_cents or deposit.amount_cents
        record(db, "open", found, by=None, at=at, amount=amount, reason=movement.reason)
    return found


def _end(db: Session, dispute: BankDispute, deposit: Deposit, state: DisputeState, *, at: datetime) -> None:
    if dispute.state == state:
        return
    before = dispute.state
    move(dispute, state)
    dispute.ended_at = at
    record(db, state.value, dispute, by=None, at=at, before=before, amount=taken_back(db, deposit))


def may_answer(dispute: BankDispute, at: datetime) -> bool:
    """Whether it can still be contested: nobody did, and its day has not come."""
    return dispute.state == DisputeState.OPEN and not (dispute.answer_by and at >= dispute.answer_by)


def answer(
    db: Session, dispute: BankDispute, *, of: Collection[int] = (), by: Actor, at: datetime
) -> BankDispute:
    """Contest it: the worker hands the evidence in, once and for all, before the deadline.

    `of` are the organizations it is about: nobody acts against one they belong to.
    """
    require_role(by, Role.TREASURER, Role.OFFICER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    stand_aside(db, by, set(of), at=at)
    query = select(BankDispute).where(BankDispute.id == dispute.id).with_for_update()
    dispute = db.exec(query.execution_options(populate_existing=True)).one()
    if not may_answer(dispute, at):
        raise Conflict("This charge-back cannot be contested any more.")
    before = dispute.state
    move(dispute, DisputeState.ANSWERED)
    dispute.answered_at, dispute.answered_by_id = at, by.person.id
    record(db, "contest", dispute, by=by, at=at, before=before)
    outbox.put(db, CONTEST, f"contest:{dispute.public_id}", at, dispute=dispute.id)
    return dispute


def open_disputes(db: Session) -> list[tuple[BankDispute, Deposit]]:
    """Charge-backs that can still be contested, the most urgent first."""
    query = (
        select(BankDispute, Deposit)
        .join(Deposit, col(Deposit.id) == col(BankDispute.deposit_id))
        .where(BankDispute.state == DisputeState.OPEN, Deposit.state == DepositState.CHARGED_BACK)
        .order_by(col(BankDispute.answer_by))
    )
    return list(db.exec(query))
