"""What becomes of held money: released to the maintainer, or owed back to who paid it. And whether it is there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Part, Pledge
from app.campaigns.reading import is_live
from app.escrow import accounts, freezing, moves
from app.escrow.calls import call_of_part
from app.escrow.lines import vat_owed
from app.escrow.model import (
    Call,
    CallLine,
    CallState,
    Deposit,
    DepositState,
    Refund,
    Release,
    ReturnState,
    SuspenseReturn,
)
from app.estimates.model import Estimate
from app.kit.money import Cents
from app.ledger.book import balance, total
from app.people.step import record


def release(db: Session, part: Part, *, cause: str, due: tuple[Cents, Cents], at: datetime) -> Release | None:
    """Owe the maintainer so much of one backer's part and of its VAT, once per cause; None while unpaid or frozen.

    Call it under the campaign's lock. Never more than the part still has.
    """
    query = select(Release).where(Release.part_id == part.id, Release.cause == cause)
    if done := db.exec(query).first():
        return done
    pledge = db.get_one(Pledge, part.pledge_id)
    if not is_paid(db, part) or _follows_one_taken_back(db, pledge, part) or freezing.is_frozen(db, pledge):
        return None
    left_price, left_vat = what_is_left(db, part)
    price, vat = min(due[0], left_price), min(due[1], left_vat)
    if not price and not vat:
        return None
    campaign = db.get_one(Campaign, part.campaign_id)
    proof = Release(
        campaign_id=part.campaign_id, part_id=part.id,
        payee_id=db.get_one(Estimate, campaign.estimate_id).organization_id, rail=pledge.rail,
        cause=cause, price_cents=price, vat_cents=vat, at=at,
    )  # fmt: skip
    db.add(proof)
    record(
        db, "release", proof, by=None, at=at, campaign_id=part.campaign_id, price=price, vat=vat, cause=cause
    )
    moves.release(db, proof, part, pledge, at=at)
    return proof


def give_back_part(db: Session, part: Part, *, cause: str, at: datetime) -> Refund | None:
    """Owe a backer back what one paid part still has: after an award, or a long stop. Once per cause."""
    if not is_paid(db, part):
        return None
    pledge = db.get_one(Pledge, part.pledge_id)
    price, vat = what_is_left(db, part)
    return _refund(db, pledge, part, cause=f"{cause}:{part.id}", price=price, vat=vat, fee=0, at=at)


def give_back_all(db: Session, pledge: Pledge, *, cause: str, at: datetime) -> Refund | None:
    """Owe a backer back exactly what its own accounts still hold. Once per cause.

    What was paid for the fee of a call that was charged back stays: the fee is earned when the rest is paid again.
    """
    return _refund(
        db, pledge, None, cause=cause, at=at,
        price=balance(db, accounts.held(pledge).code),
        vat=balance(db, accounts.held_vat(pledge).code),
        fee=0 if _is_charged_back(db, pledge) else balance(db, accounts.held_fee(pledge).code),
    )  # fmt: skip


def owe_back(
    db: Session,
    pledge: Pledge,
    part: Part | None,
    *,
    cause: str,
    cents: tuple[Cents, Cents, Cents],
    at: datetime,
) -> Refund | None:
    """Owe a backer back so much price, VAT and fee of a call nobody asks for any more. Once per cause."""
    price, vat, fee = cents
    return _refund(db, pledge, part, cause=cause, price=price, vat=vat, fee=fee, at=at)


def _is_charged_back(db: Session, pledge: Pledge) -> bool:
    query = select(Call.id).where(Call.pledge_id == pledge.id, Call.state == CallState.CHARGED_BACK)
    return db.exec(query).first() is not None


def _refund(
    db: Session,
    pledge: Pledge,
    part: Part | None,
    *,
    cause: str,
    price: Cents,
    vat: Cents,
    fee: Cents,
    at: datetime,
) -> Refund | None:
    query = select(Refund).where(Refund.pledge_id == pledge.id, Refund.cause == cause)
    if done := db.exec(query).first():
        return done
    if not (price or vat or fee):
        return None
    proof = Refund(
        campaign_id=pledge.campaign_id, pledge_id=pledge.id, part_id=part.id if part else None, rail=pledge.rail,
        cause=cause, price_cents=price, vat_cents=vat, fee_cents=fee, at=at,
    )  # fmt: skip
    db.add(proof)
    record(
        db,
        "give back",
        proof,
        by=None,
        at=at,
        campaign_id=pledge.campaign_id,
        amount=price + vat + fee,
        cause=cause,
    )
    moves.refund(db, proof, pledge, at=at)
    return proof


def released_parts(db: Session, campaign_id: int, cause: str) -> set[int]:
    """The parts released for this cause already."""
    query = select(Release.part_id).where(Release.campaign_id == campaign_id, Release.cause == cause)
    return set(db.exec(query))


def is_paid(db: Session, part: Part) -> bool:
    """Whether the call that asked for this part is paid now."""
    call = call_of_part(db, part)
    return call is not None and call.state == CallState.PAID


def _follows_one_taken_back(db: Session, pledge: Pledge, part: Part) -> bool:
    """Whether this is a match whose pledge was charged back or never paid: then it is not spent either."""
    if pledge.follows_id is None:
        return False
    query = select(Part).where(Part.pledge_id == pledge.follows_id, Part.milestone_id == part.milestone_id)
    taken_back = (CallState.CHARGED_BACK, CallState.VOID)
    return any(
        (call := call_of_part(db, followed)) is not None and call.state in taken_back
        for followed in db.exec(query.where(is_live()))
    )


def what_is_left(db: Session, part: Part) -> tuple[Cents, Cents]:
    """What of a part was called and neither released nor owed back: price and VAT, in cents."""
    called = db.exec(
        select(CallLine.price_cents, CallLine.vat_cents).where(CallLine.part_id == part.id)
    ).first() or (0, 0)
    price, vat = called
    for kind in (Release, Refund):
        gone = select(
            func.coalesce(func.sum(kind.price_cents), 0), func.coalesce(func.sum(kind.vat_cents), 0)
        ).where(kind.part_id == part.id)
        gone_price, gone_vat = db.exec(gone).one()
        price, vat = price - int(gone_price), vat - int(gone_vat)
    return price, vat


@dataclass(frozen=True)
class Coverage:
    """What the outside holds on one rail against what we owe there, in cents."""

    outside_cents: Cents
    owed_cents: Cents

    @property
    def margin_cents(self) -> Cents:
        """Below zero, payouts to maintainers on this rail stop; refunds go on."""
        return self.outside_cents - self.owed_cents


def coverage(db: Session, rail: str) -> Coverage:
    """Whether everything held, owed, to be refunded or in suspense on a rail is really there."""
    owed = total(db, "held:", "held-vat:", "held-fee:", "owed:", "back:", "suspense:", last=rail)
    return Coverage(balance(db, f"outside:{rail}"), owed + vat_owed(db, rail))


def deposits_of(db: Session, calls: Iterable[Call]) -> list[Deposit]:
    """The receipts for these calls, oldest first; the failed ones too."""
    query = select(Deposit).where(col(Deposit.call_id).in_([call.id for call in calls]))
    return list(db.exec(query.order_by(col(Deposit.id))))


def in_suspense(db: Session) -> list[Deposit]:
    """Receipts with something nobody has matched or given back."""
    query = select(Deposit).where(Deposit.state == DepositState.RECEIVED, Deposit.excess_cents > 0)
    given_back = {cause.split(":")[1] for cause in db.exec(
        select(Refund.cause).where(col(Refund.cause).startswith("excess:")))}  # fmt: skip
    away = set(db.exec(select(SuspenseReturn.deposit_id).where(
        col(SuspenseReturn.state).in_([ReturnState.SENT, ReturnState.PAID]))))  # fmt: skip
    return [
        deposit
        for deposit in db.exec(query.order_by(col(Deposit.id)))
        if str(deposit.id) not in given_back and deposit.id not in away
    ]
