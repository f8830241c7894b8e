"""Every way money moves, one function a reason. Nothing else writes in the book.

Each posts one entry with a key that says its reason: calling it twice moves money once.
"""

from datetime import datetime

from sqlmodel import Session

from app.campaigns.model import Part, Pledge
from app.escrow import accounts
from app.escrow.model import Call, ChargeBack, Deposit, Refund, Release, SuspenseReturn
from app.kit.links import campaign_chain
from app.kit.money import Cents
from app.ledger.book import AccountName, Leg, balance, post


def receive(
    db: Session, deposit: Deposit, pledge: Pledge | None, *, from_price: Cents = 0, at: datetime
) -> None:
    """Money came in: for a call it is held for its backer, what is above or unknown stands in suspense.

    `from_price` is what of its claimed cents is price; the others are VAT.
    """
    source = accounts.outside(deposit.rail, deposit.currency)
    legs = [Leg(source, accounts.suspense(deposit.rail, deposit.currency), deposit.excess_cents)]
    post(
        db, key=f"receive:{deposit.id}", memo=f"Received by {deposit.rail}", at=at,
        legs=legs + _legs_into_hold(source, deposit, pledge, from_price),
        chain=campaign_chain(pledge.campaign_id if pledge else None),
    )  # fmt: skip


def match(db: Session, deposit: Deposit, pledge: Pledge, *, from_price: Cents, at: datetime) -> None:
    """Money that stood in suspense turns out to be for this call."""
    source = accounts.suspense(deposit.rail, deposit.currency)
    post(
        db, key=f"match:{deposit.id}", memo="Matched to its call", at=at,
        legs=_legs_into_hold(source, deposit, pledge, from_price), chain=campaign_chain(pledge.campaign_id),
    )  # fmt: skip


def _legs_into_hold(
    source: AccountName, deposit: Deposit, pledge: Pledge | None, from_price: Cents
) -> list[Leg]:
    """To the backer's three held accounts; first of all what pays an earlier charge-back back."""
    if pledge is None:
        return []
    from_vat = deposit.claimed_cents - from_price
    return [
        Leg(source, accounts.claim(pledge), deposit.claimed_cents),
        Leg(source, accounts.held(pledge), deposit.price_cents - from_price),
        Leg(source, accounts.held_vat(pledge), deposit.vat_cents - from_vat),
        Leg(source, accounts.held_fee(pledge), deposit.fee_cents),
    ]


def cost(db: Session, rail: str, line_id: str, cents: Cents, currency: str, *, at: datetime) -> None:
    """The rail kept this much for itself, by a line of its own statement; below zero it gave it back."""
    away, costs = accounts.outside(rail, currency), accounts.costs(rail, currency)
    leg = Leg(costs, away, cents) if cents > 0 else Leg(away, costs, -cents)
    post(
        db,
        key=f"cost:{rail}:{line_id}",
        memo=f"Kept by {rail}",
        at=at,
        legs=[leg],
        chain=campaign_chain(None),
    )


def earn_fee(db: Session, call: Call, pledge: Pledge, deposit: Deposit, *, at: datetime) -> None:
    """The call is collected: its fee is earned."""
    source = accounts.held_fee(pledge)
    post(
        db, key=f"fee:{call.id}:{deposit.id}", memo=f"Fee of call {call.number}", at=at,
        chain=campaign_chain(call.campaign_id),
        legs=[
            Leg(source, accounts.fees(call.currency), call.fee_cents),
            Leg(source, accounts.vat_on_fees(call.currency), call.fee_vat_cents),
        ],
    )  # fmt: skip


def release(db: Session, proof: Release, part: Part, pledge: Pledge, *, at: datetime) -> None:
    """A part of an accepted milestone is owed to the maintainer, with its VAT."""
    owed = accounts.owed(part, proof.payee_id, pledge.rail, pledge.currency)
    post(
        db, key=f"release:{part.id}:{proof.cause}", memo=f"Released: {proof.cause}", at=at,
        chain=campaign_chain(part.campaign_id),
        legs=[
            Leg(accounts.held(pledge), owed, proof.price_cents),
            Leg(accounts.held_vat(pledge), owed, proof.vat_cents),
        ],
    )  # fmt: skip


def refund(db: Session, proof: Refund, pledge: Pledge, *, at: datetime) -> None:
    """What is still held for a pledge is owed back to it."""
    back = accounts.back(pledge)
    post(
        db, key=f"refund:{pledge.id}:{proof.cause}", memo=f"Owed back: {proof.cause}", at=at,
        chain=campaign_chain(pledge.campaign_id),
        legs=[
            Leg(accounts.held(pledge), back, proof.price_cents),
            Leg(accounts.held_vat(pledge), back, proof.vat_cents),
            Leg(accounts.held_fee(pledge), back, proof.fee_cents),
        ],
    )  # fmt: skip


def give_back_excess(db: Session, proof: Refund, deposit: Deposit, pledge: Pledge, *, at: datetime) -> None:
    """What was paid above a call is owed back to whoever paid it."""
    post(
        db, key=f"excess:{deposit.id}", memo="Paid above its call, owed back", at=at,
        chain=campaign_chain(pledge.campaign_id),
        legs=[Leg(accounts.suspense(deposit.rail, deposit.currency), accounts.back(pledge), proof.excess_cents)],
    )  # fmt: skip


def send_back(db: Session, back: SuspenseReturn, *, at: datetime) -> None:
    """Money that was for no call left for where it came from; a loss where its payer's bank had taken it already."""
    away = accounts.outside(back.rail, back.currency)
    post(
        db, key=f"return:{back.id}", memo="Sent back to who paid it", at=at,
        legs=[Leg(_behind(back), away, back.amount_cents)], chain=campaign_chain(None),
    )  # fmt: skip


def take_again(db: Session, back: SuspenseReturn, *, at: datetime) -> None:
    """Money sent back came again: it stands in suspense as before, or makes a loss good."""
    away = accounts.outside(back.rail, back.currency)
    post(
        db, key=f"return-bounce:{back.id}", memo="Came back", at=at,
        legs=[Leg(away, _behind(back), back.amount_cents)], chain=campaign_chain(None),
    )  # fmt: skip


def _behind(back: SuspenseReturn) -> AccountName:
    kind = accounts.losses if back.is_lost else accounts.suspense
    return kind(back.rail, back.currency)


def own_line(db: Session, rail: str, name: str, cents: Cents, currency: str, *, at: datetime) -> None:
    """A line of the outside that is nobody's payment: the operator paid in, or (below zero) took its own out."""
    away = accounts.outside(rail, currency)
    leg = (
        Leg(away, accounts.own(rail, currency), cents)
        if cents > 0
        else Leg(accounts.taken(rail, currency), away, -cents)
    )
    post(
        db, key=f"own:{rail}:{name}", memo="The operator's own", at=at, legs=[leg], chain=campaign_chain(None)
    )


def pay_elsewhere(
    db: Session, *, key: str, source: AccountName, rail: str, cents: Cents, campaign_id: int, at: datetime
) -> None:
    """What was owed back was paid by another means: as much on this rail is the operator's own from now on."""
    post(
        db, key=key, memo="Paid back by another means", at=at,
        legs=[Leg(source, accounts.own(rail, source.currency), cents)], chain=campaign_chain(campaign_id),
    )  # fmt: skip


def charge_back(
    db: Session, proof: ChargeBack, deposit: Deposit, call: Call | None, pledge: Pledge | None, *,
    price: Cents, vat: Cents, fee_was_earned: bool, at: datetime,
) -> None:  # fmt: skip
    """A backer's bank took a deposit back: out of what is held for it, the rest becomes a claim on that backer.

    `price` and `vat` are the cents still held for the deposit's call that leave.
    """
    away = accounts.outside(deposit.rail, deposit.currency)
    legs = [
        Leg(accounts.suspense(deposit.rail, deposit.currency), away, proof.excess_cents),
        Leg(accounts.losses(deposit.rail, deposit.currency), away, proof.lost_cents),
    ]
    if pledge and call:
        if fee_was_earned:
            legs += [
                Leg(accounts.fees(call.currency), accounts.held_fee(pledge), call.fee_cents),
                Leg(accounts.vat_on_fees(call.currency), accounts.held_fee(pledge), call.fee_vat_cents),
            ]
        legs += [
            Leg(accounts.held_fee(pledge), away, proof.fee_cents),
            Leg(accounts.held(pledge), away, price),
            Leg(accounts.held_vat(pledge), away, vat),
            Leg(accounts.claim(pledge), away, proof.claim_cents),
        ]
    post(
        db, key=f"charge-back:{deposit.id}", memo=f"Charged back by the payer's bank: {deposit.reason}"[:300], at=at,
        legs=legs, chain=campaign_chain(pledge.campaign_id if pledge else None),
    )  # fmt: skip


def set_off(db: Session, pledge: Pledge, *, cause: str, at: datetime) -> Cents:
    """What a backer owes us pays what we owe it, in cents: nobody is sent money they already took back."""
    cents = min(balance(db, accounts.claim(pledge).code), balance(db, accounts.back(pledge).code))
    if cents:
        post(
            db, key=f"set-off:{pledge.id}:{cause}", memo="Set off against what was charged back", at=at,
            chain=campaign_chain(pledge.campaign_id),
            legs=[Leg(accounts.back(pledge), accounts.claim(pledge), cents)],
        )  # fmt: skip
    return cents


def pay_out(
    db: Session,
    *,
    key: str,
    source: AccountName,
    rail: str,
    cents: Cents,
    campaign_id: int | None,
    at: datetime,
) -> None:
    """Money that was owed left by its rail."""
    away = accounts.outside(rail, source.currency)
    post(db, key=key, memo="Sent", at=at, legs=[Leg(source, away, cents)], chain=campaign_chain(campaign_id))


def bounce(
    db: Session,
    *,
    key: str,
    source: AccountName,
    rail: str,
    cents: Cents,
    campaign_id: int | None,
    at: datetime,
) -> None:
    """Money that was sent came back: it is owed as before."""
    away = accounts.outside(rail, source.currency)
    post(
        db,
        key=key,
        memo="Came back",
        at=at,
        legs=[Leg(away, source, cents)],
        chain=campaign_chain(campaign_id),
    )
