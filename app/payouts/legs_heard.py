"""What a rail says of a payout's legs: paid when all are; what one brings back is owed again, and only that."""

from datetime import datetime

from sqlmodel import Session, select

from app.escrow import accounts, moves
from app.kit.states import move
from app.payouts.legs import of_attempt
from app.payouts.model import Payout, PayoutState
from app.payouts.model_legs import LegState, PayoutLeg
from app.payouts.rules import locked, make_due
from app.people.step import record
from app.rails.rail import Happened, Movement


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool | None:
    """True if it was one of our legs; None if it was, and its payout is not written down as sent yet."""
    query = select(PayoutLeg).where(PayoutLeg.rail == rail, PayoutLeg.outside_id == movement.outside_id)
    found = db.exec(query).first()
    if found is None:
        return False
    _campaign, payout = locked(db, db.get_one(Payout, found.payout_id))
    db.refresh(found)
    if payout.attempt == found.attempt and payout.state == PayoutState.APPROVED:
        return None
    if movement.happened == Happened.PAID_OUT and found.state == LegState.SENT:
        move(found, LegState.PAID)
    elif movement.happened == Happened.BOUNCED and found.state in (LegState.SENT, LegState.PAID):
        _bounce(db, payout, found, movement.reason, at=at)
    _conclude(db, payout, at=at)
    return True


def _bounce(db: Session, payout: Payout, leg: PayoutLeg, reason: str, *, at: datetime) -> None:
    move(leg, LegState.BOUNCED)
    leg.reason = reason[:300]
    moves.bounce(
        db, key=f"bounce:{leg.key}", source=accounts.to_empty(payout.account_code, payout.currency), rail=payout.rail,
        cents=leg.amount_cents, campaign_id=payout.campaign_id, at=at,
    )  # fmt: skip
    record(
        db, "bounce leg", payout, by=None, at=at, before=payout.state, campaign_id=payout.campaign_id,
        amount=leg.amount_cents, reason=reason,
    )  # fmt: skip


def _conclude(db: Session, payout: Payout, *, at: datetime) -> None:
    """Once every leg is known: paid, or due again for what came back."""
    states = {leg.state for leg in of_attempt(db, payout)}
    if payout.state not in (PayoutState.SENT, PayoutState.PAID) or LegState.SENT in states:
        return
    before = payout.state
    if LegState.BOUNCED not in states:
        if payout.state == PayoutState.SENT:
            move(payout, PayoutState.PAID)
            payout.paid_at = at
            record(
                db, "paid", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id,
                amount=payout.amount_cents,
            )  # fmt: skip
        return
    move(payout, PayoutState.BOUNCED)
    payout.reason = next((leg.reason for leg in of_attempt(db, payout) if leg.reason), "")
    record(
        db,
        "bounce",
        payout,
        by=None,
        at=at,
        before=before,
        campaign_id=payout.campaign_id,
        reason=payout.reason,
    )
    before = payout.state
    make_due(payout)
    payout.paid_at = None
    record(db, "due again", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id)
