"""What payers' banks can still take back of what came in: without a question, then only where nobody permitted it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.escrow.model import Deposit, DepositState
from app.escrow.model_outside import Collection, CollectionState
from app.kit.clock import day_of
from app.kit.money import Cents
from app.people.operator import operator_of
from app.rails.bank.model import BankOrder
from app.rails.bank.model_mandates import BankMandate, Scheme
from app.rails.capabilities import Means
from app.rails.switched_on import capabilities_of

LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Exposure:
    """So many cents can be taken back without a question, so many more only as not permitted; each until when."""

    free_cents: Cents = 0
    free_until: date | None = None
    disputed_cents: Cents = 0
    disputed_until: date | None = None

    def share(self, of_cents: Cents) -> int:
        """How much of what is held on the rail can go without a question, in basis points of whole percents."""
        return min(100, self.free_cents * 100 // of_cents) * 100 if of_cents > 0 else 0


def exposure(db: Session, rail: str, *, at: datetime) -> Exposure:
    """What stands open on a rail on this day, in cents."""
    known = capabilities_of(rail)
    if not any(one.dispute_days or one.unauthorized_months for one in known.means):
        return Exposure()
    today, zone = day_of(at, operator_of(db).zone), operator_of(db).zone
    free, disputed = [(0, today)], [(0, today)]
    for received_at, cents, means, scheme in _pulled(db, rail, at - LONGEST):
        free_until, disputed_until = _windows(known.by(means), scheme, day_of(received_at, zone))
        if today <= free_until:
            free.append((cents, free_until))
        elif today <= disputed_until:
            disputed.append((cents, disputed_until))
    return Exposure(
        sum(cents for cents, _day in free), max(day for _cents, day in free) if len(free) > 1 else None,
        sum(cents for cents, _day in disputed),
        max(day for _cents, day in disputed) if len(disputed) > 1 else None,
    )  # fmt: skip


def _windows(means: Means, scheme: str, came_on: date) -> tuple[date, date]:
    """Until when this payment can be taken back freely, and until when as one nobody permitted."""
    days = 0 if scheme == Scheme.B2B else means.dispute_days
    before = came_on - timedelta(days=1)  # where there is no window, it was over before it began
    free = came_on + timedelta(days=days) if days else before
    return free, _months_later(came_on, means.unauthorized_months) if means.unauthorized_months else before


def _months_later(day: date, months: int) -> date:
    from calendar import monthrange

    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _pulled(db: Session, rail: str, since: datetime) -> list[tuple[datetime, Cents, str, str]]:
    """Payments on this rail that still stand: when, how much, by what means, and a mandate's scheme."""
    query = select(Deposit).where(
        Deposit.rail == rail, Deposit.state == DepositState.RECEIVED, Deposit.received_at >= since,
        col(Deposit.call_id).is_not(None),
    )  # fmt: skip
    deposits = list(db.exec(query))
    collected = select(Collection.call_id, Collection.means).where(
        Collection.rail == rail, Collection.state == CollectionState.PAID
    )
    means = dict(db.exec(collected.order_by(col(Collection.id))).all())
    mandates = (
        select(BankOrder.public_id, BankMandate.scheme)
        .join(BankMandate, col(BankMandate.id) == col(BankOrder.mandate_id))
        .where(BankOrder.ordered_at >= since)
    )
    schemes = dict(db.exec(mandates).all())
    return [
        (one.received_at, one.amount_cents, means[one.call_id], schemes.get(one.outside_id, ""))
        for one in deposits
        if one.call_id in means
    ]
