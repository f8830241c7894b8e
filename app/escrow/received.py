"""What was received for a call and still stands, what of it is gone, and what is claimed back."""

from sqlmodel import Session, col, func, select

from app.campaigns.model import Pledge
from app.escrow import accounts
from app.escrow.calls import lines_of
from app.escrow.model import Call, ChargeBack, Deposit, DepositState, Refund, Release
from app.kit.money import Cents
from app.ledger.book import balance


def live(db: Session, call: Call) -> tuple[Cents, Cents, Cents]:
    """Price, VAT and fee received for a call by deposits that still stand."""
    query = select(
        func.coalesce(func.sum(Deposit.price_cents), 0),
        func.coalesce(func.sum(Deposit.vat_cents), 0),
        func.coalesce(func.sum(Deposit.fee_cents), 0),
    ).where(Deposit.call_id == call.id, Deposit.state == DepositState.RECEIVED)
    price, vat, fee = db.exec(query).one()
    return int(price), int(vat), int(fee)


def gone_of(db: Session, call: Call) -> tuple[Cents, Cents]:
    """Price and VAT of a call's parts that were released or owed back, part by part."""
    part_ids = [line.part_id for line in lines_of(db, call)]
    (price, vat), (back, vat_back) = (_gone(db, kind, part_ids) for kind in (Release, Refund))
    return price + back, vat + vat_back


def _gone(db: Session, kind: type[Release] | type[Refund], part_ids: list[int]) -> tuple[Cents, Cents]:
    query = select(
        func.coalesce(func.sum(kind.price_cents), 0), func.coalesce(func.sum(kind.vat_cents), 0)
    ).where(col(kind.part_id).in_(part_ids))
    price, vat = db.exec(query).one()
    return int(price), int(vat)


def still_held(
    db: Session, deposit: Deposit, call: Call | None, pledge: Pledge | None
) -> tuple[Cents, Cents]:
    """What of a deposit's price and VAT is still held for its call, in cents."""
    if not (call and pledge):
        return 0, 0
    received, gone = live(db, call), gone_of(db, call)
    price, vat = received[0] - gone[0], received[1] - gone[1]
    return (
        max(0, min(deposit.price_cents, price, balance(db, accounts.held(pledge).code))),
        max(0, min(deposit.vat_cents, vat, balance(db, accounts.held_vat(pledge).code))),
    )


def claimed_for(db: Session, call: Call) -> Cents:
    """What charge-backs of this call turned into a claim and later deposits have not paid back."""
    taken_back = (
        select(func.coalesce(func.sum(Deposit.price_cents + Deposit.vat_cents - ChargeBack.held_cents), 0))
        .select_from(Deposit)
        .join(ChargeBack, col(ChargeBack.deposit_id) == col(Deposit.id))
        .where(Deposit.call_id == call.id)
    )
    paid_back = select(func.coalesce(func.sum(Deposit.claimed_cents), 0)).where(Deposit.call_id == call.id)
    return int(db.exec(taken_back).one()) - int(db.exec(paid_back).one())


def excess_refund(db: Session, pledge: Pledge, cause: str) -> Refund | None:
    """The refund that gave back what was paid above a call, if it was given back."""
    return db.exec(select(Refund).where(Refund.pledge_id == pledge.id, Refund.cause == cause)).first()
