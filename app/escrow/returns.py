"""Money that is for no call goes back to the account it came from: prepared by one person, approved by another."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Pledge
from app.escrow import moves
from app.escrow.model import Call, Deposit, DepositState, ReturnState, SuspenseReturn
from app.escrow.received import excess_refund, is_from_another
from app.kit import outbox
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.kit.words import N_
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.step import record
from app.rails.bank.accounts import iban_of
from app.rails.bank.model import NAME as BANK
from app.rails.rail import Happened, Movement, OrderKind, PaymentOrder
from app.rails.switched_on import capabilities_of

TOPIC = "return"
GONE = (ReturnState.BOUNCED, ReturnState.DROPPED)


def standing_return(db: Session, deposit: Deposit) -> SuspenseReturn | None:
    """The return of this money that is not over in vain, if there is one."""
    query = select(SuspenseReturn).where(
        SuspenseReturn.deposit_id == deposit.id, col(SuspenseReturn.state).not_in(GONE)
    )
    return db.exec(query).first()


def prepare(db: Session, deposit: Deposit, *, reason: str, by: Actor, at: datetime) -> SuspenseReturn:
    """Write down that this money goes back to the account it came from. Another person has to approve it."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    query = select(Deposit).where(Deposit.id == deposit.id).with_for_update()
    deposit = db.exec(query.execution_options(populate_existing=True)).one()
    if not _stands(db, deposit) or standing_return(db, deposit):
        raise Conflict("This money was matched or taken back already.")
    if deposit.call_id is not None and not is_from_another(db, deposit):
        raise Conflict("It came from the backer's own account: give it back with its refunds.")
    require(reason.strip(), "Please give the reason.", field="reason")
    goes_by_itself = capabilities_of(
        deposit.rail
    ).pays_by_deposit  # by the payment, whatever account it came from
    require(
        deposit.payer_account or goes_by_itself,
        "The payment names no account it could go back to.",
        status=409,
    )
    if deposit.rail == BANK:
        iban_of(deposit.payer_account, field="reason")
    back = SuspenseReturn(
        deposit_id=deposit.id, rail=deposit.rail, currency=deposit.currency, amount_cents=deposit.excess_cents,
        to_name=deposit.payer_name, to_account=deposit.payer_account, reason=reason.strip()[:300],
        prepared_by_id=by.person.id, prepared_at=at,
    )  # fmt: skip
    db.add(back)
    record(db, "prepare", back, by=by, at=at, amount=back.amount_cents, reason=back.reason)
    return back


def approve(db: Session, back: SuspenseReturn, *, by: Actor, at: datetime) -> SuspenseReturn:
    """Approve what another person prepared. The worker sends it."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    back = _locked(db, back)
    if back.state != ReturnState.PREPARED:
        raise Conflict("This does not wait for an approval any more.")
    require(back.prepared_by_id != by.person.id, "Nobody approves what they prepared.", status=403)
    alarms.require_no(db, alarms.BOOK)
    if not _is_there(db, back):
        raise Conflict("This money was matched or taken back already.")
    before = back.state
    move(back, ReturnState.APPROVED)
    back.approved_by_id, back.approved_at = by.person.id, at
    record(db, "approve", back, by=by, at=at, before=before, amount=back.amount_cents)
    outbox.put(db, TOPIC, key_of(back), at, back=back.id)
    return back


def drop(db: Session, back: SuspenseReturn, *, by: Actor, at: datetime) -> None:
    """The money does not go back after all: it can be matched again."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    back = _locked(db, back)
    if back.state not in (ReturnState.PREPARED, ReturnState.APPROVED) or back.sent_at:
        raise Conflict("This was sent already.")
    before = back.state
    move(back, ReturnState.DROPPED)
    record(db, "drop", back, by=by, at=at, before=before)


def _is_there(db: Session, back: SuspenseReturn) -> bool:
    """Whether the money still stands in suspense, held there until the transaction ends."""
    deposit = _deposit(db, back)
    return _stands(db, deposit) and deposit.excess_cents == back.amount_cents


def _stands(db: Session, deposit: Deposit) -> bool:
    """Whether something of this money is for no call, and has not been owed back to its backer."""
    if deposit.state != DepositState.RECEIVED or not deposit.excess_cents:
        return False
    call = db.get_one(Call, deposit.call_id) if deposit.call_id else None
    pledge = db.get_one(Pledge, call.pledge_id) if call else None
    return pledge is None or excess_refund(db, pledge, f"excess:{deposit.id}") is None


def _deposit(db: Session, back: SuspenseReturn) -> Deposit:
    """The payment, held until the transaction ends: its bank may take it back at this very moment."""
    query = select(Deposit).where(Deposit.id == back.deposit_id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def key_of(back: SuspenseReturn) -> str:
    """The key its order travels with."""
    return f"return:{back.public_id}"


def order_for(db: Session, back_id: int, *, at: datetime) -> tuple[str, PaymentOrder] | None:
    """The rail and the order an approved return travels with; None if it must not be sent (any more)."""
    back = _locked(db, db.get_one(SuspenseReturn, back_id))
    if back.state != ReturnState.APPROVED:
        return None
    if back.sent_at is None and not _is_there(db, back):
        before = back.state
        move(back, ReturnState.DROPPED)
        back.trouble = N_("The payer's bank took this money back before it was sent.")
        record(db, "drop", back, by=None, at=at, before=before, reason=back.trouble)
        return None
    back.sent_at = back.sent_at or at
    source = db.get_one(Deposit, back.deposit_id).outside_id
    return back.rail, PaymentOrder(
        key=key_of(back), amount_cents=back.amount_cents, currency=back.currency, to_name=back.to_name,
        to_account=back.to_account, reference=f"JALON {back.public_id[-8:].upper()}", kind=OrderKind.REFUND,
        source=source,
    )  # fmt: skip


def mark_sent(db: Session, back_id: int, outside_id: str, *, at: datetime) -> None:
    """The rail took the order: the money left suspense. Once.

    Taken back by its payer's bank meanwhile, it left twice: the operator has to make it good.
    """
    back = _locked(db, db.get_one(SuspenseReturn, back_id))
    if back.state != ReturnState.APPROVED:
        return
    before = back.state
    back.is_lost = not _is_there(db, back)
    move(back, ReturnState.SENT)
    back.outside_id, back.sent_at = outside_id, at
    record(db, "send", back, by=None, at=at, before=before, amount=back.amount_cents, lost=back.is_lost)
    moves.send_back(db, back, at=at)


def refuse(db: Session, back_id: int, reason: str, *, at: datetime) -> None:
    """The rail said no for good and nothing left: what still stands in suspense can be matched or sent again."""
    back = _locked(db, db.get_one(SuspenseReturn, back_id))
    if back.state != ReturnState.APPROVED:
        return
    before = back.state
    move(back, ReturnState.DROPPED)
    back.trouble = reason[:300]
    record(db, "refuse", back, by=None, at=at, before=before, reason=back.trouble)


def lost(db: Session) -> list[SuspenseReturn]:
    """What was sent back and taken back by its payer's bank as well, newest first."""
    query = select(SuspenseReturn).where(
        col(SuspenseReturn.is_lost).is_(True),
        col(SuspenseReturn.state).in_([ReturnState.SENT, ReturnState.PAID]),
    )
    return list(db.exec(query.order_by(col(SuspenseReturn.id).desc())))


def in_vain(db: Session, deposits: Sequence[Deposit]) -> dict[int, SuspenseReturn]:
    """The last return of each of these payments that its rail refused, dropped or brought back, with its reason."""
    query = select(SuspenseReturn).where(
        col(SuspenseReturn.deposit_id).in_([one.id for one in deposits]),
        col(SuspenseReturn.state).in_(GONE), SuspenseReturn.trouble != "",
    )  # fmt: skip
    return {back.deposit_id: back for back in db.exec(query.order_by(col(SuspenseReturn.id)))}


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool:
    """What the rail says of a return: paid, or come back. True if it was one of ours."""
    query = select(SuspenseReturn).where(
        SuspenseReturn.rail == rail, SuspenseReturn.outside_id == movement.outside_id
    )
    found = db.exec(query).first()
    if found is None:
        return False
    back = _locked(db, found)
    before = back.state
    if movement.happened == Happened.PAID_OUT and back.state == ReturnState.SENT:
        move(back, ReturnState.PAID)
        record(db, "paid", back, by=None, at=at, before=before, amount=back.amount_cents)
    elif movement.happened == Happened.BOUNCED and back.state in (ReturnState.SENT, ReturnState.PAID):
        move(back, ReturnState.BOUNCED)
        back.trouble = movement.reason[:300]
        record(db, "bounce", back, by=None, at=at, before=before, reason=movement.reason)
        moves.take_again(db, back, at=at)
    return True


def in_flight(db: Session, rail: str) -> bool:
    """Whether an order left, or may have left, whose answer is not written down yet."""
    query = select(SuspenseReturn.id).where(
        SuspenseReturn.rail == rail, SuspenseReturn.state == ReturnState.APPROVED,
        col(SuspenseReturn.sent_at).is_not(None),
    )  # fmt: skip
    return db.exec(query).first() is not None


def _locked(db: Session, back: SuspenseReturn) -> SuspenseReturn:
    _deposit(db, back)  # first of the two, as a charge-back does
    query = select(SuspenseReturn).where(SuspenseReturn.id == back.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()
