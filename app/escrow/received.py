"""What was received for a call and still stands, what of it is gone, and what is claimed back."""

from sqlmodel import Session, col, func, select

from app.campaigns.model import Pledge
from app.escrow import accounts
from app.escrow.calls import lines_of
from app.escrow.model import Call, ChargeBack, Deposit, DepositState, Refund, Release
from app.kit.money import Cents
from app.ledger.book import balance
from app.rails.switched_on import capabilities_of


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


def account_behind(deposit: Deposit) -> str:
    """The account a payment came from. A rail that sends it back by the payment itself needs none: it names that."""
    return deposit.payer_account or deposit.outside_id[:40]


def source_of(db: Session, pledge_id: int | None, rail: str) -> Deposit | None:
    """The last receipt from the account that paid most of this pledge's calls.

    Not simply the last one: whoever knows a call's reference can send a cent with it, from an account of their own.
    """
    query = (
        select(Deposit)
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .where(
            Call.pledge_id == pledge_id,
            Deposit.rail == rail,
            Deposit.state == DepositState.RECEIVED,
        )
        .order_by(col(Deposit.id))
    )
    paid: dict[str, tuple[Cents, Cents]] = {}
    last: dict[str, Deposit] = {}
    for deposit in db.exec(query):
        account = account_behind(deposit)
        taken, whole = paid.get(account, (0, 0))
        paid[account] = taken + deposit.amount_cents - deposit.excess_cents, whole + deposit.amount_cents
        last[account] = deposit
    if not last:
        return None
    return last[max(last, key=lambda account: (paid[account], last[account].id))]


def is_from_another(db: Session, deposit: Deposit) -> bool:
    """Whether a payment for a call came from another account than its backer's: what is above goes back there.

    Its backer's refunds go to the account that paid most; a stranger's money must not travel with them.
    """
    if deposit.call_id is None or not deposit.payer_account or capabilities_of(deposit.rail).pays_by_deposit:
        return False
    source = source_of(db, db.get_one(Call, deposit.call_id).pledge_id, deposit.rail)
    return source is not None and source.payer_account != deposit.payer_account


def excess_refund(db: Session, pledge: Pledge, cause: str) -> Refund | None:
    """The refund that gave back what was paid above a call, if it was given back."""
    return db.exec(select(Refund).where(Refund.pledge_id == pledge.id, Refund.cause == cause)).first()
