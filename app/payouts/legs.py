"""A payout in legs: one for each deposit it came in by, each with a key of its own. It is sent when all are."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Part
from app.escrow import accounts
from app.escrow.model import Call, Deposit, DepositState, Refund, Release
from app.kit.db import Database
from app.kit.money import Cents
from app.kit.rules import Conflict
from app.kit.states import move
from app.payouts.model import Payout, PayoutKind, PayoutLine, PayoutState
from app.payouts.model_legs import LegState, PayoutLeg
from app.rails.rail import OrderKind, PaymentOrder, Rail, RailRefused, RailSilent
from app.rails.switched_on import capabilities_of

SPENT = (LegState.PLANNED, LegState.SENT, LegState.PAID)


def has_legs(payout: Payout) -> bool:
    """Whether this payout's rail pays out of deposits."""
    return capabilities_of(payout.rail).pays_by_deposit


def cut(db: Session, payout: Payout, key: str) -> list[PayoutLeg]:
    """Plan the legs of what was prepared; raises `Conflict` where its deposits do not hold that much any more."""
    for stale in _legs(db, payout, LegState.PLANNED):
        move(stale, LegState.DROPPED)
    db.flush()
    legs: list[PayoutLeg] = []
    for deposit, cents, is_excess in _taken(db, payout):
        place = len(legs) + 1
        legs.append(PayoutLeg(
            payout_id=payout.id, attempt=payout.attempt, place=place, deposit_id=deposit.id, rail=payout.rail,
            key=f"{key}:{place}", amount_cents=cents, is_excess=is_excess,
        ))  # fmt: skip
    if sum(leg.amount_cents for leg in legs) != payout.amount_cents:
        raise Conflict(
            "The payments this money came by do not hold it any more: one was taken back or given back."
        )
    db.add_all(legs)
    db.flush()
    return legs


def _taken(db: Session, payout: Payout) -> list[tuple[Deposit, Cents, bool]]:
    """Out of which payment how much, and whether it was paid above its call: that goes out of its own payment first."""
    taken: list[tuple[Deposit, Cents, bool]] = []
    for pledge_id, wanted in sorted(_wanted(db, payout).items()):
        still = wanted
        for deposit in _above(db, payout):
            cents = min(still, deposit.excess_cents)  # less where some of it was set off against a claim
            if cents > 0:
                taken.append((deposit, cents, True))
                still -= cents
        for deposit in _deposits(db, pledge_id, payout.rail):
            cents = min(still, _left_of(db, deposit, payout))
            if cents > 0:
                taken.append((deposit, cents, False))
                still -= cents
    return taken


def _above(db: Session, payout: Payout) -> list[Deposit]:
    """The payments of which this refund gives back what was above their call, and has not yet."""
    causes = (
        select(Refund.cause)
        .join(PayoutLine, col(PayoutLine.refund_id) == col(Refund.id))
        .where(PayoutLine.payout_id == payout.id, col(Refund.cause).startswith("excess:"))
    )
    names = [int(cause.partition(":")[2]) for cause in db.exec(causes)]
    gone = select(PayoutLeg.deposit_id).where(
        col(PayoutLeg.is_excess).is_(True), col(PayoutLeg.state).in_(SPENT)
    )
    query = select(Deposit).where(
        col(Deposit.id).in_(names), col(Deposit.id).not_in(gone), Deposit.state == DepositState.RECEIVED
    )
    return list(db.exec(query.order_by(col(Deposit.id))))


def _wanted(db: Session, payout: Payout) -> dict[int, Cents]:
    """What is to be sent of each pledge's money: what its lines say, less what earlier attempts delivered."""
    if payout.kind == PayoutKind.REFUND and payout.pledge_id:
        return {payout.pledge_id: payout.amount_cents}
    query = (
        select(Part.pledge_id, func.sum(Release.price_cents + Release.vat_cents))
        .select_from(PayoutLine)
        .join(Release, col(Release.id) == col(PayoutLine.release_id))
        .join(Part, col(Part.id) == col(Release.part_id))
        .where(PayoutLine.payout_id == payout.id)
        .group_by(col(Part.pledge_id))
    )
    wanted: dict[int, Cents] = defaultdict(int)
    for pledge_id, cents in db.exec(query):
        wanted[pledge_id] += int(cents)
    delivered = (
        select(Call.pledge_id, func.sum(PayoutLeg.amount_cents))
        .select_from(PayoutLeg)
        .join(Deposit, col(Deposit.id) == col(PayoutLeg.deposit_id))
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .where(PayoutLeg.payout_id == payout.id, col(PayoutLeg.state).in_(SPENT))
        .group_by(col(Call.pledge_id))
    )
    for pledge_id, cents in db.exec(delivered):
        wanted[pledge_id] -= int(cents)
    return dict(wanted)


def _deposits(db: Session, pledge_id: int, rail: str) -> list[Deposit]:
    query = (
        select(Deposit)
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .where(Call.pledge_id == pledge_id, Deposit.rail == rail, Deposit.state == DepositState.RECEIVED)
    )
    return list(db.exec(query.order_by(col(Deposit.id))))


def sources(db: Session, payout: Payout) -> list[Deposit]:
    """The payments a refund goes back by: those its legs name, or would; all of its pledge on a rail without legs."""
    planned = {leg.deposit_id for leg in of_attempt(db, payout)} if payout.state != PayoutState.DUE else set()
    if payout.pledge_id is None:
        return []
    found = _deposits(db, payout.pledge_id, payout.rail)
    if not has_legs(payout):
        return found
    if planned:
        return [deposit for deposit in found if deposit.id in planned]
    wanted = accounts.standing(db, payout.account_code)
    chosen = _above(db, payout)
    wanted -= sum(deposit.excess_cents for deposit in chosen)
    for deposit in found:
        left = _left_of(db, deposit, payout)
        if left > 0 and wanted > 0:
            chosen.append(deposit)
            wanted -= left
    return list({deposit.id: deposit for deposit in chosen}.values())


def _left_of(db: Session, deposit: Deposit, payout: Payout) -> Cents:
    """What a deposit can still send of its call: to a maintainer its price and VAT only, back to its payer all of it.

    Not what was above the call, which goes back by itself, nor what paid an earlier charge-back back: that had left.
    """
    query = select(func.coalesce(func.sum(PayoutLeg.amount_cents), 0)).where(
        PayoutLeg.deposit_id == deposit.id, col(PayoutLeg.state).in_(SPENT),
        col(PayoutLeg.is_excess).is_(False),
    )  # fmt: skip
    whole = deposit.amount_cents - deposit.excess_cents
    if payout.kind == PayoutKind.MAINTAINER:
        whole = deposit.price_cents + deposit.vat_cents
    return whole - deposit.claimed_cents - int(db.exec(query).one())


def _legs(db: Session, payout: Payout, *states: LegState) -> list[PayoutLeg]:
    query = select(PayoutLeg).where(PayoutLeg.payout_id == payout.id, col(PayoutLeg.state).in_(states))
    return list(db.exec(query.order_by(col(PayoutLeg.id))))


def of_attempt(db: Session, payout: Payout) -> list[PayoutLeg]:
    """The legs of the present attempt, in their order."""
    query = select(PayoutLeg).where(PayoutLeg.payout_id == payout.id, PayoutLeg.attempt == payout.attempt)
    return list(db.exec(query.order_by(col(PayoutLeg.place))))


def facts(db: Session, payout: Payout) -> list[list[int]]:
    """What is approved of the legs: out of which deposit how much."""
    return [[leg.deposit_id, leg.amount_cents] for leg in of_attempt(db, payout)]


def send(database: Database, rail: Rail, order: PaymentOrder, at: datetime) -> str:
    """Send an order, in its legs where it has some; the outside's name for it. Raises `RailSilent` until all are out.

    `RailRefused` where nothing left and nothing will; after one leg has left, a refusal waits for somebody to look.
    """
    legs = database.run(lambda db: _orders(db, order))
    if not legs:
        return rail.send(order, at)
    is_out = False
    for leg_id, leg in legs:
        try:
            outside_id = rail.send(leg, at)
        except RailRefused as refused:
            if is_out or database.run(lambda db: _any_out(db, order.key)):
                raise RailSilent(f"a leg was refused after others left: {refused.reason}") from None
            raise
        is_out = True
        database.run(lambda db, n=leg_id, name=outside_id: _mark(db, n, name))  # type: ignore[misc]
    return f"legs:{order.key}"[:80]


def _orders(db: Session, order: PaymentOrder) -> list[tuple[int, PaymentOrder]]:
    query = select(PayoutLeg).where(
        col(PayoutLeg.key).startswith(f"{order.key}:"), PayoutLeg.state != LegState.DROPPED
    )
    found = []
    for leg in db.exec(query.order_by(col(PayoutLeg.place))):
        payout = db.get_one(Payout, leg.payout_id)
        campaign = db.get_one(Campaign, payout.campaign_id)
        source = db.get_one(Deposit, leg.deposit_id).outside_id.partition(":")[0]
        kind = OrderKind.REFUND if payout.kind == PayoutKind.REFUND else OrderKind.PAYOUT
        found.append((leg.id, replace(
            order, key=leg.key, amount_cents=leg.amount_cents, source=source, kind=kind,
            group=f"campaign-{campaign.public_id}",
        )))  # fmt: skip
    return found


def sent_and_back(db: Session, rail: str) -> tuple[dict[str, Cents], dict[str, Cents]]:
    """What was sent in legs on a rail, and what of it came back, in cents by the outside's name."""
    rows = list(db.exec(select(PayoutLeg).where(PayoutLeg.rail == rail, PayoutLeg.outside_id != "")))
    back = {leg.outside_id: leg.amount_cents for leg in rows if leg.state == LegState.BOUNCED}
    return {leg.outside_id: leg.amount_cents for leg in rows}, back


def _any_out(db: Session, key: str) -> bool:
    query = select(PayoutLeg.id).where(
        col(PayoutLeg.key).startswith(f"{key}:"), col(PayoutLeg.state).in_([LegState.SENT, LegState.PAID])
    )
    return db.exec(query).first() is not None


def _mark(db: Session, leg_id: int, outside_id: str) -> None:
    leg = db.get_one(PayoutLeg, leg_id)
    if leg.state == LegState.PLANNED:
        move(leg, LegState.SENT)
        leg.outside_id = outside_id
