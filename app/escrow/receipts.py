"""What the rails report, turned into deposits: matched to its call by reference, held, or kept in suspense."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Pledge
from app.escrow import accounts, moves
from app.escrow.calls import TAKES_MONEY
from app.escrow.charge_backs import charge_back
from app.escrow.model import Call, CallState, Deposit, DepositState, Refund
from app.escrow.received import claimed_for, excess_refund, gone_of, is_from_another, live
from app.escrow.returns import standing_return
from app.kit.money import Cents
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.ledger.book import balance
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record
from app.rails.bank.references import references_in
from app.rails.rail import Happened, Movement


def take_in(db: Session, rail: str, movement: Movement, *, at: datetime) -> Deposit | None:
    """Keep what the outside says about one movement of money. Hearing it twice changes nothing."""
    known = select(Deposit).where(Deposit.rail == rail, Deposit.outside_id == movement.outside_id)
    deposit = db.exec(known).first()
    if movement.happened == Happened.CHARGED_BACK:
        deposit = deposit or _deposit(db, rail, movement, at=at)
        charge_back(db, deposit, movement.reason, at=at)
        return deposit
    if deposit is not None:
        return deposit
    if movement.happened == Happened.MONEY_IN_FAILED:
        return _note_failure(db, rail, movement, at=at)
    return _deposit(db, rail, movement, at=at)


def _call_for(db: Session, rail: str, movement: Movement) -> Call | None:
    found = _call_named(db, movement.reference)
    if found is None or (found.rail, found.currency) != (rail, movement.currency):
        return None
    campaigns.lock(db, found.campaign_id)
    db.refresh(found)
    return found


def _call_named(db: Session, typed: str) -> Call | None:
    """The call whose reference this is, or stands in it among other words; none where several do."""
    reference = typed.replace(" ", "").upper()
    found = db.exec(select(Call).where(Call.reference == reference)).first() if reference else None
    if found is not None:
        return found
    written = references_in(typed)
    calls = list(db.exec(select(Call).where(col(Call.reference).in_(written)))) if written else []
    return calls[0] if len(calls) == 1 else None


def _row(rail: str, movement: Movement, call: Call | None, state: DepositState) -> Deposit:
    return Deposit(
        rail=rail, outside_id=movement.outside_id, call_id=call.id if call else None, state=state,
        currency=movement.currency, amount_cents=movement.amount_cents, payer_name=movement.other_name,
        payer_account=movement.other_account, typed=movement.reference[:300], reason=movement.reason,
        received_at=movement.at,
    )  # fmt: skip


def _note_failure(db: Session, rail: str, movement: Movement, *, at: datetime) -> Deposit:
    call = _call_for(db, rail, movement)
    deposit = _row(rail, movement, call, DepositState.FAILED)
    db.add(deposit)
    record(
        db, "fail", deposit, by=None, at=at, campaign_id=call.campaign_id if call else None,
        amount=deposit.amount_cents, reason=movement.reason,
    )  # fmt: skip
    return deposit


def _deposit(db: Session, rail: str, movement: Movement, *, at: datetime) -> Deposit:
    call = _call_for(db, rail, movement)
    deposit = _row(rail, movement, call, DepositState.RECEIVED)
    pledge = db.get_one(Pledge, call.pledge_id) if call else None
    taken, from_price = _split(db, deposit, call, pledge)
    db.add(deposit)
    db.flush()
    moves.receive(db, deposit, pledge, from_price=from_price, at=at)
    record(
        db, "receive", deposit, by=None, at=at, campaign_id=call.campaign_id if call else None,
        amount=deposit.amount_cents, above=deposit.excess_cents,
    )  # fmt: skip
    if call and pledge and taken:
        _count_in(db, call, pledge, deposit, taken, at=at)
    return deposit


def _split(db: Session, deposit: Deposit, call: Call | None, pledge: Pledge | None) -> tuple[Cents, Cents]:
    """Share a receipt over price, VAT and fee in this order, what is above the call in excess.

    Returns how much the call took, and how much of the price pays an earlier charge-back back instead of being held.
    """
    taken = 0
    if call and call.state in TAKES_MONEY:
        taken = min(deposit.amount_cents, call.total_cents - call.paid_cents)
    if not (call and pledge and taken):
        deposit.excess_cents = deposit.amount_cents - taken
        return 0, 0
    with db.no_autoflush:  # half-way through, the shares do not sum to the amount yet
        price, vat, _fee = live(db, call)
        deposit.excess_cents = deposit.amount_cents - taken
        deposit.price_cents = min(taken, call.price_cents - price)
        deposit.vat_cents = min(taken - deposit.price_cents, call.vat_cents - vat)
        deposit.fee_cents = taken - deposit.price_cents - deposit.vat_cents
        from_price, from_vat = _pays_back(db, deposit, call, pledge, price=price, vat=vat)
        deposit.claimed_cents = from_price + from_vat
    return taken, from_price


def _pays_back(
    db: Session, deposit: Deposit, call: Call, pledge: Pledge, *, price: Cents, vat: Cents
) -> tuple[Cents, Cents]:
    """What of a deposit's price and VAT pays a claim: what its call's parts were released without, the rest is held.

    `price` and `vat` are the cents other deposits of the call still cover. Price and VAT are told apart, so that the
    call's other milestones find both on their own account.
    """
    gone = gone_of(db, call)
    open_price, open_vat = max(0, gone[0] - price), max(0, gone[1] - vat)
    whole = max(0, claimed_for(db, call) - open_price - open_vat)  # given back without a milestone
    from_price = min(deposit.price_cents, open_price + whole)
    whole -= max(0, from_price - open_price)
    from_vat = min(deposit.vat_cents, open_vat + whole)
    stands = balance(db, accounts.claim(pledge).code)  # less where a refund was set off against it
    from_price = min(from_price, stands)
    return from_price, min(from_vat, stands - from_price)


def _count_in(
    db: Session, call: Call, pledge: Pledge, deposit: Deposit, taken: Cents, *, at: datetime
) -> None:
    before = call.state
    call.paid_cents += taken
    if call.paid_cents == call.total_cents:
        move(call, CallState.PAID)
        call.paid_at = at
        moves.earn_fee(db, call, pledge, deposit, at=at)
    elif call.state == CallState.ISSUED:
        move(call, CallState.PART_PAID)
    record(
        db, "collect", call, by=None, at=at, before=before, campaign_id=call.campaign_id,
        paid=call.paid_cents, missing=call.total_cents - call.paid_cents,
    )  # fmt: skip


def match(db: Session, deposit: Deposit, call: Call, *, by: Actor, at: datetime) -> Deposit:
    """The treasurer recognizes money from suspense as paying this call."""
    require_role(by, Role.TREASURER)
    campaign = campaigns.lock(db, call.campaign_id)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    db.refresh(call)
    db.refresh(deposit, with_for_update=True)  # it may be sent back at this very moment
    if deposit.call_id is not None or deposit.state != DepositState.RECEIVED:
        raise Conflict("This money was matched or taken back already.")
    if standing_return(db, deposit):
        raise Conflict("This money is on its way back to who paid it.")
    require(
        (deposit.rail, deposit.currency) == (call.rail, call.currency), "This money came by another rail."
    )
    require(call.state in TAKES_MONEY, "This call takes no money any more.")
    pledge = db.get_one(Pledge, call.pledge_id)
    taken, from_price = _split(db, deposit, call, pledge)
    deposit.call_id = call.id
    moves.match(db, deposit, pledge, from_price=from_price, at=at)
    record(db, "match", deposit, by=by, at=at, campaign_id=call.campaign_id, amount=taken)
    _count_in(db, call, pledge, deposit, taken, at=at)
    return deposit


def give_back_excess(db: Session, deposit: Deposit, *, by: Actor, at: datetime) -> Refund:
    """Owe a backer back what it paid above its call."""
    require_role(by, Role.TREASURER)
    call = db.get_one(Call, deposit.call_id) if deposit.call_id else None
    require(call is not None, "Nobody knows yet whose money this is: match it to a call first.")
    assert call is not None
    campaigns.lock(db, call.campaign_id)
    db.refresh(deposit, with_for_update=True)
    pledge = db.get_one(Pledge, call.pledge_id)
    cause = f"excess:{deposit.id}"
    if is_from_another(db, deposit):
        raise Conflict("It came from another account than the backer's: send it back there.")
    if excess_refund(db, pledge, cause) or deposit.state != DepositState.RECEIVED or not deposit.excess_cents:
        raise Conflict("There is nothing left to give back here.")
    proof = Refund(
        campaign_id=pledge.campaign_id, pledge_id=pledge.id, rail=deposit.rail, cause=cause,
        price_cents=0, vat_cents=0, fee_cents=0, excess_cents=deposit.excess_cents, at=at,
    )  # fmt: skip
    db.add(proof)
    record(db, "give back", proof, by=by, at=at, campaign_id=pledge.campaign_id, amount=proof.excess_cents)
    moves.give_back_excess(db, proof, deposit, pledge, at=at)
    return proof
