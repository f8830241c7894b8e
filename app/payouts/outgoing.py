"""Whatever leaves the house, payouts and money sent back from suspense alike: its order, and what became of it."""

from datetime import datetime

from sqlmodel import Session

from app.escrow import returns
from app.payouts import rules, sending
from app.rails.rail import Movement, PaymentOrder

TOPICS = (rules.TOPIC, returns.TOPIC)


def order_for(
    db: Session, topic: str, body: dict[str, object], key: str, *, at: datetime
) -> tuple[str, PaymentOrder] | None:
    """The rail and the order; None if it must not be sent (any more)."""
    if topic == returns.TOPIC:
        return returns.order_for(db, int(str(body["back"])), at=at)
    return sending.order_for(db, int(str(body["payout"])), key, at=at)


def mark_sent(
    db: Session, topic: str, body: dict[str, object], key: str, outside_id: str, *, at: datetime
) -> None:
    """The rail took the order: the money left. Once per key."""
    if topic == returns.TOPIC:
        returns.mark_sent(db, int(str(body["back"])), outside_id, at=at)
    else:
        sending.mark_sent(db, int(str(body["payout"])), key, outside_id, at=at)


def refuse(db: Session, topic: str, body: dict[str, object], key: str, reason: str, *, at: datetime) -> None:
    """The rail said no for good, and nothing left: due again, or in suspense as before."""
    if topic == returns.TOPIC:
        returns.refuse(db, int(str(body["back"])), reason, at=at)
    else:
        sending.refuse(db, int(str(body["payout"])), key, reason, at=at)


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool:
    """What the rail says of a payment sent: paid or come back. True if it was one of ours."""
    return sending.hear(db, rail, movement, at=at) or returns.hear(db, rail, movement, at=at)


def in_flight(db: Session, rail: str) -> bool:
    """Whether an order left, or may have left, whose answer is not written down yet."""
    return sending.in_flight(db, rail) or returns.in_flight(db, rail)


def has_to_wait(db: Session, rail: str, movement: Movement) -> bool:
    """Whether the news cannot be booked before something else on its way has arrived."""
    return sending.has_to_wait(db, rail, movement)
