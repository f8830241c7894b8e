"""By which means a call is asked for now: pulled from what its payer left while that may work, then transferred."""

from collections.abc import Collection as Several
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, or_, select

from app.campaigns.model import Campaign, Pledge
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call, CallState
from app.escrow.model_outside import Collection, CollectionState, MeansStanding, PaymentMeans
from app.kit.clock import add_business_days, day_of
from app.rails.bank import debiting, reasons
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model_mandates import BankMandate
from app.rails.capabilities import MeansName
from app.rails.switched_on import CAPABILITIES, capabilities_of

# After so long it is tried once more with the same means; then the payer is asked to send the money itself.
TRIES = {
    MeansName.CARD: (timedelta(days=3), timedelta(days=7)),
    MeansName.DEBIT: (timedelta(days=7),),
}
WENT_WRONG = (CollectionState.FAILED, CollectionState.TAKEN_BACK)
GONE = (MeansStanding.REVOKED, MeansStanding.ENDED, MeansStanding.BLOCKED)
# A debit is pulled so long before a call has to be paid that the money is there in time.
SETTLES_IN_BUSINESS_DAYS = 5


@dataclass(frozen=True)
class Way:
    """The means a call is asked for with, and what it is pulled from. `is_asked`: the rail has to be told."""

    means: str
    saved: PaymentMeans | None
    is_asked: bool


def is_pulled(db: Session, call: Call) -> bool:
    """Whether this call is pulled from what its payer left: then nobody is to send the money as well."""
    return call.state in TAKES_MONEY and call.rail in CAPABILITIES and way(db, call).saved is not None


def may_be_asked(rails: Several[str]) -> Any:
    """A condition on calls with their pledges: the rail has to be told of them, or the pledge is pulled."""
    only_pull = [name for name in rails if name in CAPABILITIES and CAPABILITIES[name].asks_only_to_pull]
    return or_(col(Call.rail).not_in(only_pull), col(Pledge.means) == MeansName.DEBIT)


def way(db: Session, call: Call) -> Way:
    """How this call is asked for now."""
    pledge = db.get_one(Pledge, call.pledge_id)
    payer = pledge.payer_id or pledge.organization_id
    told = capabilities_of(call.rail)
    last = last_of(db, call)
    saved = saved_means(db, payer, call.rail, told.by(pledge.means).name)
    means = _means_now(db, call, pledge, last)
    pulled = told.by(means).pulls and means == pledge.means
    if pulled and saved is None and _had_one(db, payer, call.rail, means):
        means, pulled = told.by(MeansName.TRANSFER).name, False
    if pulled and is_blocked(db, payer, call.rail, means):
        means, pulled = told.by(MeansName.TRANSFER).name, False
    token = saved if pulled and not (last and last.action_url) else None
    return Way(means, token, is_asked=not told.asks_only_to_pull or token is not None)


def _means_now(db: Session, call: Call, pledge: Pledge, last: Collection | None) -> str:
    told = capabilities_of(call.rail).by(pledge.means)
    transfer = capabilities_of(call.rail).by(MeansName.TRANSFER).name
    missing = call.total_cents - call.paid_cents
    too_much = told.largest_cents is not None and missing > told.largest_cents
    again = last is None or last.state not in WENT_WRONG or may_try_again(last)
    taken_back = call.state == CallState.CHARGED_BACK and not (
        last is not None and last.state in WENT_WRONG and last.rail == BANK
    )
    if not told.pulls or taken_back or too_much or not again:
        return transfer
    worn_out = _failures(db, call, told.name) > len(TRIES.get(MeansName(told.name), ()))
    return transfer if worn_out else told.name


def may_try_again(last: Collection) -> bool:
    """Whether what went wrong may go well another time: a bank's reasons say so, a provider's attempts are counted.

    What a provider's payer had its bank take back is never tried again.
    """
    if last.rail == BANK:
        return reasons.code_of(last.reason) in reasons.AGAIN
    return last.state != CollectionState.TAKEN_BACK


def last_of(db: Session, call: Call) -> Collection | None:
    """The newest attempt to collect a call."""
    query = select(Collection).where(Collection.call_id == call.id)
    return db.exec(query.order_by(col(Collection.attempt).desc())).first()


def _failures(db: Session, call: Call, means: str) -> int:
    query = select(func.count()).where(
        Collection.call_id == call.id, Collection.means == means, col(Collection.state).in_(WENT_WRONG)
    )
    return db.exec(query).one()


def waits(db: Session, call: Call, at: datetime) -> bool:
    """Whether a failed attempt is to be repeated, and not yet."""
    again = tried_again_at(db, call)
    return again is not None and at < again


def tried_again_at(db: Session, call: Call) -> datetime | None:
    """When a call whose last attempt went wrong is asked for with the same means once more; None where it is not."""
    last = last_of(db, call)
    if last is None or last.state not in WENT_WRONG or last.action_url or not may_try_again(last):
        return None
    pauses = TRIES.get(MeansName(last.means), ())
    failed = _failures(db, call, last.means)
    return last.ended_at + pauses[failed - 1] if failed <= len(pauses) and last.ended_at else None


def saved_means(db: Session, organization_id: int, rail: str, means: str) -> PaymentMeans | None:
    """What an organization left on a rail to be pulled from, newest first; None where it has to pay by itself."""
    query = select(PaymentMeans).where(
        PaymentMeans.organization_id == organization_id, PaymentMeans.rail == rail, PaymentMeans.means == means,
        PaymentMeans.state == MeansStanding.ACTIVE,
    )  # fmt: skip
    return db.exec(query.order_by(col(PaymentMeans.id).desc())).first()


def is_blocked(db: Session, organization_id: int, rail: str, means: str) -> bool:
    """Whether debits of this payer are over on a rail: its bank took one back, without appeal, and it was not won.

    It would do so again, even after the money was given back: from then on this payer transfers, or pays by card.
    """
    if rail == BANK or rail not in CAPABILITIES or not CAPABILITIES[rail].by(means).unauthorized_months:
        return False
    query = (
        select(Collection.id)
        .join(Call, col(Call.id) == col(Collection.call_id))
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(
            Collection.rail == rail, Collection.means == means, Collection.state == CollectionState.TAKEN_BACK,
            func.coalesce(Pledge.payer_id, Pledge.organization_id) == organization_id,
        )
    )  # fmt: skip
    return db.exec(query).first() is not None


def _had_one(db: Session, organization_id: int, rail: str, means: str) -> bool:
    """Whether what it left is gone: then it transfers, and is not sent to another page unasked."""
    query = select(PaymentMeans.id).where(
        PaymentMeans.organization_id == organization_id, PaymentMeans.rail == rail, PaymentMeans.means == means,
        col(PaymentMeans.state).in_(GONE),
    )  # fmt: skip
    return db.exec(query).first() is not None


def day_of_pull(db: Session, call: Call, way: Way, at: datetime) -> date | None:
    """The day a bank debit is announced for: told early enough, paid in time; None where a provider says it itself."""
    if call.rail != BANK or way.saved is None:
        return None
    mandate = db.exec(select(BankMandate).where(BankMandate.reference == way.saved.token)).one()
    today = day_of(at, db.get_one(Campaign, call.campaign_id).zone)
    earliest = debiting.business_day(today + timedelta(days=mandate.notice_days))
    in_time = call.due_on
    while add_business_days(in_time, SETTLES_IN_BUSINESS_DAYS) > call.due_on:
        in_time -= timedelta(days=1)
    return max(earliest, debiting.business_day(in_time))


def nothing_left(db: Session, call: Call) -> str:
    """The means a call is to be pulled with where its payer left nothing to pull from; otherwise empty."""
    pledge = db.get_one(Pledge, call.pledge_id)
    means = capabilities_of(call.rail).by(pledge.means) if call.rail in CAPABILITIES else None
    payer = pledge.payer_id or pledge.organization_id
    if means is None or not means.pulls or call.state not in TAKES_MONEY:
        return ""
    is_there = saved_means(db, payer, call.rail, means.name) or is_blocked(db, payer, call.rail, means.name)
    return "" if is_there else means.name
