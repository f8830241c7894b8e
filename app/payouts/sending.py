"""Money on its way out: the order a rail gets, and what the rail says became of it."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.escrow import accounts, moves
from app.kit.states import move
from app.kit.words import N_
from app.payouts import legs_heard
from app.payouts.model import Payout, PayoutLine, PayoutState
from app.payouts.refund_limits import why_waits
from app.payouts.rules import (
    claimed_against,
    differs,
    fingerprint,
    key_of,
    locked,
    make_due,
    missing_on_rail,
    take_back,
)
from app.people.step import record
from app.rails.rail import Happened, Movement, PaymentOrder


def order_for(db: Session, payout_id: int, key: str, *, at: datetime) -> tuple[str, PaymentOrder] | None:
    """The rail and the order an approved payout travels with; None if it must not be sent (any more).

    From here on it may have left, whatever the rail answers: it is not taken back any more, and the same order with
    the same key is all that is ever sent again.
    """
    _campaign, payout = locked(db, db.get_one(Payout, payout_id))
    if payout.state != PayoutState.APPROVED or key_of(payout) != key:
        return None
    if payout.sent_at is None and (trouble := _what_forbids(db, payout, at)):
        take_back(db, payout, reason=trouble, by=None, at=at)
        return None
    payout.sent_at = payout.sent_at or at
    return payout.rail, PaymentOrder(
        key=key, amount_cents=payout.amount_cents, currency=payout.currency, to_name=payout.to_name,
        to_account=payout.to_account, reference=f"JALON {payout.public_id[-8:].upper()}",
    )  # fmt: skip


def _what_forbids(db: Session, payout: Payout, at: datetime) -> str:
    if claimed_against(db, payout):
        return N_("The payee's bank took money back: prepared again, the refund pays that first.")
    if fingerprint(db, payout) != payout.pinned:
        return N_("It changed after it was approved.")
    if differs(db, payout):
        return N_("The book and the rail do not say the same: payouts to maintainers are stopped.")
    if missing_on_rail(db, payout):
        return N_("The rail does not hold enough: payouts to maintainers are stopped.")
    if why_waits(db, payout, at=at):
        return N_("Its rail does not give this payment back today: look at it again.")
    return ""


def refuse(db: Session, payout_id: int, key: str, reason: str, *, at: datetime) -> None:
    """The rail refused the order and nothing left: it is due again, with the reason."""
    _campaign, payout = locked(db, db.get_one(Payout, payout_id))
    if payout.state != PayoutState.APPROVED or key_of(payout) != key:
        return
    before = payout.state
    make_due(payout)
    payout.reason = reason[:300]
    record(
        db,
        "refuse",
        payout,
        by=None,
        at=at,
        before=before,
        campaign_id=payout.campaign_id,
        reason=payout.reason,
    )


def mark_sent(db: Session, payout_id: int, key: str, outside_id: str, *, at: datetime) -> None:
    """The rail took the order: the money left. Once per key."""
    _campaign, payout = locked(db, db.get_one(Payout, payout_id))
    if payout.state != PayoutState.APPROVED or key_of(payout) != key:
        return
    before = payout.state
    move(payout, PayoutState.SENT)
    payout.outside_id, payout.sent_at = outside_id, at
    record(
        db,
        "send",
        payout,
        by=None,
        at=at,
        before=before,
        campaign_id=payout.campaign_id,
        amount=payout.amount_cents,
    )
    moves.pay_out(
        db, key=f"pay:{key}", source=accounts.to_empty(payout.account_code, payout.currency), rail=payout.rail,
        cents=payout.amount_cents, campaign_id=payout.campaign_id, at=at,
    )  # fmt: skip


def in_flight(db: Session, rail: str) -> bool:
    """Whether an order left, or may have left, whose answer is not written down yet."""
    query = select(Payout.id).where(
        Payout.rail == rail, Payout.state == PayoutState.APPROVED, col(Payout.sent_at).is_not(None)
    )
    return db.exec(query).first() is not None


def has_to_wait(db: Session, rail: str, movement: Movement) -> bool:
    """Whether a payment comes back after it arrived, while the next one of the same account is on its way.

    Its lines go out with that account's next payout: which one that is, is known when this one is over.
    """
    query = select(Payout).where(Payout.rail == rail, Payout.outside_id == movement.outside_id)
    found = db.exec(query).first()
    if found is None or found.state != PayoutState.PAID or movement.happened != Happened.BOUNCED:
        return False
    other = _other_live(db, found)
    return other is not None and other.state not in (PayoutState.DUE, PayoutState.ON_HOLD)


def _other_live(db: Session, payout: Payout) -> Payout | None:
    query = select(Payout).where(
        Payout.account_code == payout.account_code, Payout.id != payout.id,
        col(Payout.state).not_in([PayoutState.PAID, PayoutState.SETTLED]),
    )  # fmt: skip
    return db.exec(query.with_for_update()).first()


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool:
    """What the rail says of a payment sent: paid or bounced. True if it was one of ours."""
    if (leg := legs_heard.hear(db, rail, movement, at=at)) is not False:
        return bool(leg)
    found = db.exec(
        select(Payout).where(Payout.rail == rail, Payout.outside_id == movement.outside_id)
    ).first()
    if found is None:
        return False
    _campaign, payout = locked(db, found)
    if payout.state == PayoutState.PAID and movement.happened == Happened.BOUNCED:
        _bounce(db, payout, movement.reason, at=at)
        return True
    if payout.state != PayoutState.SENT or payout.outside_id != movement.outside_id:
        return True
    before = payout.state
    if movement.happened == Happened.PAID_OUT:
        move(payout, PayoutState.PAID)
        payout.paid_at = at
        record(
            db, "paid", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id,
            amount=payout.amount_cents,
        )  # fmt: skip
    elif movement.happened == Happened.BOUNCED:
        _bounce(db, payout, movement.reason, at=at)
    return True


def _bounce(db: Session, payout: Payout, reason: str, *, at: datetime) -> None:
    moves.bounce(
        db, key=f"bounce:{key_of(payout)}", source=accounts.to_empty(payout.account_code, payout.currency),
        rail=payout.rail, cents=payout.amount_cents, campaign_id=payout.campaign_id, at=at,
    )  # fmt: skip
    before = payout.state
    if before == PayoutState.PAID and (other := _other_live(db, payout)):
        _go_with(db, payout, other, reason, at=at)
        return
    payout.paid_at = None
    move(payout, PayoutState.BOUNCED)
    payout.reason = reason[:300]
    record(
        db, "bounce", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id,
        amount=payout.amount_cents, reason=reason,
    )  # fmt: skip
    before = payout.state
    make_due(payout)
    record(db, "due again", payout, by=None, at=at, before=before, campaign_id=payout.campaign_id)


def _go_with(db: Session, payout: Payout, other: Payout, reason: str, *, at: datetime) -> None:
    """What came back after it arrived goes out with the account's next payout, which is due already."""
    for line in db.exec(select(PayoutLine).where(PayoutLine.payout_id == payout.id)):
        line.payout_id = other.id
    move(payout, PayoutState.SETTLED)
    payout.reason = reason[:300]
    record(
        db, "bounce", payout, by=None, at=at, before=PayoutState.PAID, campaign_id=payout.campaign_id,
        amount=payout.amount_cents, reason=reason,
    )  # fmt: skip
