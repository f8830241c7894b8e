"""A payer's bank takes money back: what is still held leaves, what was released becomes a claim."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Pledge
from app.escrow import accounts, freezing, moves
from app.escrow.model import (
    Call,
    CallState,
    ChargeBack,
    Deposit,
    DepositState,
    ReturnState,
    SuspenseReturn,
)
from app.escrow.received import excess_refund, still_held
from app.kit.money import Cents
from app.kit.states import move
from app.ledger.book import balance
from app.people.step import record

LEFT = (ReturnState.SENT, ReturnState.PAID)


def charge_back(db: Session, deposit: Deposit, reason: str, *, at: datetime) -> None:
    """Take a deposit back out of the book; the call it paid is unpaid again. Hearing it twice changes nothing."""
    call = db.get_one(Call, deposit.call_id) if deposit.call_id else None
    pledge = db.get_one(Pledge, call.pledge_id) if call else None
    if call:
        campaigns.lock(db, call.campaign_id)
        db.refresh(call)
    db.refresh(deposit, with_for_update=True)
    if deposit.state != DepositState.RECEIVED:
        return
    # A payment of which the call took nothing leaves it paid, and its fee earned.
    was_paid = (
        call is not None and call.state == CallState.PAID and deposit.excess_cents < deposit.amount_cents
    )
    price, vat = still_held(db, deposit, call, pledge)
    fee = deposit.fee_cents
    if pledge and not was_paid:  # of a campaign that ended, it may have gone back already
        fee = min(fee, balance(db, accounts.held_fee(pledge).code))
    excess = deposit.excess_cents
    if pledge and excess_refund(db, pledge, f"excess:{deposit.id}"):
        excess = 0
    lost = _sent_back_already(db, deposit)
    excess -= lost
    proof = ChargeBack(
        campaign_id=call.campaign_id if call else None, deposit_id=deposit.id, held_cents=price + vat, fee_cents=fee,
        excess_cents=excess, claim_cents=deposit.amount_cents - price - vat - fee - excess - lost, lost_cents=lost,
        at=at,
    )  # fmt: skip
    before = deposit.state
    deposit.reason = reason
    move(deposit, DepositState.CHARGED_BACK)
    db.add(proof)
    record(
        db, "charge back", deposit, by=None, at=at, before=before, campaign_id=proof.campaign_id,
        amount=deposit.amount_cents, claim=proof.claim_cents, reason=reason,
    )  # fmt: skip
    moves.charge_back(db, proof, deposit, call, pledge, price=price, vat=vat, fee_was_earned=was_paid, at=at)
    if call and pledge:
        _count_out(db, call, deposit, at=at)
        freezing.freeze(db, pledge, deposit, proof, at=at)


def _sent_back_already(db: Session, deposit: Deposit) -> Cents:
    """What of this money had left for its payer's account before its bank took it: the operator's loss, in cents."""
    query = select(SuspenseReturn).where(
        SuspenseReturn.deposit_id == deposit.id, col(SuspenseReturn.state).in_(LEFT)
    )
    gone = db.exec(query.with_for_update()).first()
    if gone is None:
        return 0
    gone.is_lost = True
    return gone.amount_cents


def _count_out(db: Session, call: Call, deposit: Deposit, *, at: datetime) -> None:
    taken = deposit.price_cents + deposit.vat_cents + deposit.fee_cents
    if not taken:
        return
    before = call.state
    call.paid_cents -= taken
    call.paid_at = None
    if call.state == CallState.PAID:
        move(call, CallState.CHARGED_BACK)
    elif call.state == CallState.PART_PAID and call.paid_cents == 0:
        move(call, CallState.ISSUED)
    record(
        db, "unpay", call, by=None, at=at, before=before, campaign_id=call.campaign_id, paid=call.paid_cents
    )
