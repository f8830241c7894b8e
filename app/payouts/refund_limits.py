"""When a refund may be sent: not while the payer's bank can take the money back, nor after its rail stopped giving."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns.model import Pledge
from app.escrow.model import Call, Deposit
from app.escrow.model_outside import Collection, CollectionState
from app.escrow.sums import balances_of
from app.kit.clock import day_of
from app.kit.money import Cents
from app.kit.rules import Conflict
from app.kit.words import N_, _
from app.payouts import legs
from app.payouts.model import Payout, PayoutKind, PayoutState
from app.payouts.model_elsewhere import ElsewhereState, PaidElsewhere
from app.people.model import Organization
from app.people.operator import operator_of
from app.rails.capabilities import Means
from app.rails.switched_on import capabilities_of

TOO_EARLY = N_(
    "The payer's bank can still take this payment back until %(day)s: the refund waits until then, so that nobody is"
    " paid twice."
)
TOO_LATE = N_(
    "This rail gives a payment back within %(days)s days, and this one is of %(day)s: it has to go back by another"
    " means."
)


@dataclass(frozen=True)
class Waits:
    """Why a refund cannot be sent now; `until` is the day from which it can, None where it cannot any more."""

    sentence: str
    day: date
    days: int
    until: date | None

    def words(self) -> str:
        """The reason in the reader's language."""
        return _(self.sentence, day=self.day, days=self.days)


@dataclass(frozen=True)
class Waiting:
    """A refund that waits for its rail, to whom and why."""

    payout: Payout
    payee: Organization
    cents: Cents
    why: Waits


def means_of(db: Session, deposit: Deposit) -> Means:
    """By what means a payment came: as it was collected, or as its pledge says."""
    known = capabilities_of(deposit.rail)
    if deposit.call_id is None:
        return known.means[0]
    query = select(Collection.means).where(
        Collection.call_id == deposit.call_id, Collection.state == CollectionState.PAID
    )
    collected = db.exec(query.order_by(col(Collection.id).desc())).first()
    pledge = db.get_one(Pledge, db.get_one(Call, deposit.call_id).pledge_id)
    return known.by(collected or pledge.means)


def why_waits(db: Session, payout: Payout, *, at: datetime) -> Waits | None:
    """What keeps this refund from being sent now, if something does: the first of the payments it goes back by."""
    if payout.kind != PayoutKind.REFUND:
        return None
    zone = operator_of(db).zone
    today = day_of(at, zone)
    for deposit in legs.sources(db, payout):
        means, came_on = means_of(db, deposit), day_of(deposit.received_at, zone)
        free_on = came_on + timedelta(days=means.refund_from_day)
        if means.refund_days is not None and today > came_on + timedelta(days=means.refund_days):
            return Waits(TOO_LATE, came_on, means.refund_days, None)
        if today < free_on:
            return Waits(TOO_EARLY, free_on, means.refund_from_day, free_on)
    return None


def written_down(db: Session, payout: Payout) -> PaidElsewhere | None:
    """What somebody wrote down as paid by another means, and nobody has confirmed yet."""
    query = select(PaidElsewhere).where(
        PaidElsewhere.payout_id == payout.id, PaidElsewhere.state == ElsewhereState.WRITTEN
    )
    return db.exec(query).first()


def require_may_leave(db: Session, payout: Payout, *, at: datetime) -> None:
    """Raise `Conflict` with the reason while a refund cannot be sent by the payments its money came by."""
    if written_down(db, payout):
        raise Conflict("It is written down as paid by another means: confirm or drop that first.")
    waits = why_waits(db, payout, at=at)
    if waits is not None:
        raise Conflict(waits.sentence, day=waits.day, days=waits.days)


def waiting(db: Session, *, at: datetime) -> list[Waiting]:
    """Every refund that waits for its rail: those that cannot go back this way any more first."""
    query = (
        select(Payout, Organization)
        .join(Organization, col(Organization.id) == col(Payout.payee_id))
        .where(Payout.kind == PayoutKind.REFUND, Payout.state == PayoutState.DUE)
        .order_by(col(Payout.id))
    )
    rows = list(db.exec(query))
    owed = balances_of(db, [payout.account_code for payout, _payee in rows])
    found = [
        Waiting(payout, payee, owed.get(payout.account_code, 0), why)
        for payout, payee in rows
        if (why := why_waits(db, payout, at=at)) is not None
    ]
    return sorted(found, key=lambda one: (one.why.until is not None, one.why.day, one.payout.id))
