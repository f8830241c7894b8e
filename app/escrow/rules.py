"""What becomes of held money: released to the maintainer, or owed back to who paid it. And whether it is there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns import pledges as promises
from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part, Pledge, PledgeState
from app.escrow import accounts, moves
from app.escrow.calls import TAKES_MONEY, UNPAID, call_of_part
from app.escrow.model import Call, CallCause, CallLine, CallState, Deposit, DepositState, Refund, Release
from app.estimates.model import Estimate
from app.kit.money import BasisPoints, Cents, portion
from app.kit.states import move
from app.ledger.book import balance, balances, total
from app.people.step import record


def release(db: Session, part: Part, *, cause: str, share: BasisPoints, at: datetime) -> Release | None:
    """Owe the maintainer this share of one backer's part and of its VAT, once per cause; None while it is unpaid.

    Call it under the campaign's lock. Never more than the part still has.
    """
    query = select(Release).where(Release.part_id == part.id, Release.cause == cause)
    if done := db.exec(query).first():
        return done
    if not is_paid(db, part):
        return None
    pledge = db.get_one(Pledge, part.pledge_id)
    left_price, left_vat = what_is_left(db, part)
    price = min(portion(part.price_cents, share), left_price)
    vat = min(portion(part.vat_cents, share), left_vat)
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


def to_wind_up(db: Session) -> list[int]:
    """Campaigns that ended and still hold money or have calls nobody should pay any more."""
    query = select(Campaign.id).where(
        col(Campaign.state).in_([CampaignState.STOPPED, CampaignState.COMPLETED]),
        col(Campaign.id).in_(
            select(col(Call.campaign_id)).where(
                col(Call.state).in_(TAKES_MONEY), Call.cause == CallCause.TRANCHE
            )
        )
        | col(Campaign.id).in_(
            select(col(Pledge.campaign_id)).where(col(Pledge.id).in_(_pledges_with_held(db)))
        ),
    )
    return list(db.exec(query.order_by(col(Campaign.id))))


def _pledges_with_held(db: Session) -> list[int]:
    held = [
        code
        for prefix in ("held:", "held-vat:", "held-fee:")
        for code, cents in balances(db, prefix).items()
        if cents
    ]
    return sorted({int(code.split(":")[2]) for code in held})


def wind_up(db: Session, campaign: Campaign, *, accepted: Collection[int] = (), at: datetime) -> None:
    """An ended campaign asks for nothing more, and owes each backer what its own accounts still hold.

    A public body's call for an accepted milestone stays, and so does one charged back of the milestones `accepted`
    (by number) or with a claim: the work was taken. Done again, it does nothing.
    """
    campaign = campaigns.lock(db, campaign.id)
    if campaign.state not in (CampaignState.STOPPED, CampaignState.COMPLETED):
        return
    in_default = _void_calls(db, campaign, accepted, at=at)
    query = select(Pledge).where(
        Pledge.campaign_id == campaign.id, col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.DEFAULTED])
    )
    for pledge in db.exec(query.order_by(col(Pledge.id))):
        if pledge.id in in_default and pledge.state == PledgeState.SIGNED:
            promises.default(db, pledge, at=at)
        if not _awaits_public_payment(db, pledge):
            give_back_all(db, pledge, cause=_wind_up_cause(db, campaign, pledge), at=at)


def _wind_up_cause(db: Session, campaign: Campaign, pledge: Pledge) -> str:
    """“completed” or “stopped”; numbered where money came and went once more after the end."""
    done = select(func.count()).where(
        Refund.pledge_id == pledge.id,
        col(Refund.cause).startswith(campaign.state),
        col(Refund.part_id).is_(None),
    )
    count = db.exec(done).one()
    return campaign.state if not count else f"{campaign.state}-{count + 1}"


def _awaits_public_payment(db: Session, pledge: Pledge) -> bool:
    query = select(Call.id).where(
        Call.pledge_id == pledge.id, Call.cause == CallCause.ACCEPTANCE, col(Call.state).in_(UNPAID)
    )
    return db.exec(query).first() is not None


def _void_calls(db: Session, campaign: Campaign, accepted: Collection[int], *, at: datetime) -> set[int]:
    query = select(Call).where(
        Call.campaign_id == campaign.id,
        Call.cause == CallCause.TRANCHE,
        col(Call.state).in_(TAKES_MONEY),
    )
    in_default = set()
    for call in db.exec(query.order_by(col(Call.id))):
        before = call.state
        if before == CallState.CHARGED_BACK and _is_for_work_taken(db, call, accepted):
            continue
        if before == CallState.DEFAULTED:
            in_default.add(call.pledge_id)
        move(call, CallState.VOID)
        record(db, "void", call, by=None, at=at, before=before, campaign_id=campaign.id)
    return in_default


def _is_for_work_taken(db: Session, call: Call, accepted: Collection[int]) -> bool:
    """Whether somebody still waits for this call: a claim is open, or one of its parts is of an accepted milestone."""
    if balance(db, accounts.claim(db.get_one(Pledge, call.pledge_id)).code):
        return True
    query = (
        select(CallLine.id)
        .join(Part, col(Part.id) == col(CallLine.part_id))
        .where(CallLine.call_id == call.id, col(Part.milestone_id).in_(accepted))
        .where(col(Part.id).not_in(select(col(Release.part_id))))
    )
    return db.exec(query).first() is not None


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
    prefixes = ("held:", "held-vat:", "held-fee:", "owed:", "back:", "suspense:")
    owed = sum(
        cents
        for prefix in prefixes
        for code, cents in balances(db, prefix).items()
        if code.endswith(f":{rail}")
    )
    return Coverage(balance(db, f"outside:{rail}"), owed + total(db, "vat"))


def deposits_of(db: Session, calls: Iterable[Call]) -> list[Deposit]:
    """The receipts for these calls, oldest first; the failed ones too."""
    query = select(Deposit).where(col(Deposit.call_id).in_([call.id for call in calls]))
    return list(db.exec(query.order_by(col(Deposit.id))))


def in_suspense(db: Session) -> list[Deposit]:
    """Receipts with something nobody has matched or given back."""
    query = select(Deposit).where(Deposit.state == DepositState.RECEIVED, Deposit.excess_cents > 0)
    given_back = {cause.split(":")[1] for cause in db.exec(
        select(Refund.cause).where(col(Refund.cause).startswith("excess:")))}  # fmt: skip
    return [
        deposit for deposit in db.exec(query.order_by(col(Deposit.id))) if str(deposit.id) not in given_back
    ]
