"""Refunds paid by another means: their rail gives the payment back no more, or the money came back from it.

One person writes down what was paid, another confirms having seen it; only then it is booked, once.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Pledge
from app.campaigns.rules import parties
from app.escrow import accounts, moves
from app.kit.clock import day_of
from app.kit.rules import Conflict, require
from app.kit.states import move
from app.payouts.model import Payout, PayoutKind, PayoutState
from app.payouts.model_elsewhere import ElsewhereState, PaidElsewhere
from app.payouts.refund_limits import why_waits, written_down
from app.payouts.rules import amount_due, claimed_against, locked
from app.people import alarms
from app.people.access import Actor, require_role
from app.people.interests import stand_aside, stand_aside_from_own
from app.people.model import Role
from app.people.operator import operator_of
from app.people.step import Step, record

ELSEWHERE = "paid by another means"
CAME_BACK = ("bounce", "refuse")


@dataclass(frozen=True)
class Said:
    """What somebody paid by another means than the refund's rail."""

    means: str
    reference: str
    paid_on: date
    reason: str


def may_be(db: Session, payout: Payout, *, at: datetime) -> bool:
    """Whether this refund cannot go back the way it came: too late for its rail, or it came back from there."""
    if payout.kind != PayoutKind.REFUND or payout.state != PayoutState.DUE:
        return False
    waits = why_waits(db, payout, at=at)
    if waits is not None:
        return waits.until is None
    came_back = select(Step.id).where(
        Step.thing == "Payout", Step.thing_id == payout.id, col(Step.act).in_(CAME_BACK)
    )
    return db.exec(came_back).first() is not None


def latest(db: Session, payout: Payout) -> PaidElsewhere | None:
    """What stands written down or confirmed of this refund."""
    query = select(PaidElsewhere).where(
        PaidElsewhere.payout_id == payout.id, PaidElsewhere.state != ElsewhereState.DROPPED
    )
    return db.exec(query).first()


def write_down(db: Session, payout: Payout, said: Said, *, by: Actor, at: datetime) -> PaidElsewhere:
    """Say by which means a refund was paid. What its payee took back is deducted first; another person confirms."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, payout)
    stand_aside(db, by, parties(db, campaign), at=at)
    if not may_be(db, payout, at=at):
        raise Conflict("This refund can go back by its own rail, or is not due any more.")
    if written_down(db, payout):
        raise Conflict("It is written down as paid by another means already.")
    for field, text in (("means", said.means), ("reference", said.reference), ("why", said.reason)):
        require(text.strip(), "Please fill this in.", field=field)
    require(
        said.paid_on <= day_of(at, operator_of(db).zone),
        "It is written down once it was paid: today at the latest.",
        field="paid_on",
    )
    if payout.pledge_id:
        pledge = db.get_one(Pledge, payout.pledge_id)
        moves.set_off(db, pledge, cause=f"elsewhere-{payout.id}-{at:%Y%m%d%H%M%S}", at=at)
    cents = amount_due(db, payout)
    require(cents, "There is nothing left to give back here.", status=409)
    row = PaidElsewhere(
        payout_id=payout.id, rail=payout.rail, currency=payout.currency, amount_cents=cents,
        means=said.means.strip()[:160], reference=said.reference.strip()[:140], paid_on=said.paid_on,
        reason=said.reason.strip()[:300], written_by_id=by.person.id, written_at=at,
    )  # fmt: skip
    db.add(row)
    record(
        db, "write down", row, by=by, at=at, campaign_id=campaign.id, amount=cents, reference=row.reference,
        reason=row.reason,
    )  # fmt: skip
    return row


def confirm(db: Session, row: PaidElsewhere, *, by: Actor, at: datetime) -> Payout:
    """Having seen the other payment, say so: the refund is done, and as much on its rail is the operator's own."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, payout = locked(db, db.get_one(Payout, row.payout_id))
    stand_aside(db, by, parties(db, campaign), at=at)
    row = _again(db, row)
    if row.state != ElsewhereState.WRITTEN or payout.state != PayoutState.DUE:
        raise Conflict("This does not wait for a second person any more.")
    stand_aside_from_own(by, row.written_by_id)
    alarms.require_no(db, alarms.BOOK)
    if amount_due(db, payout) != row.amount_cents or claimed_against(db, payout):
        raise Conflict(
            "What is owed here changed since it was written down: drop it and write it down again."
        )
    before = row.state
    move(row, ElsewhereState.CONFIRMED)
    row.confirmed_by_id, row.confirmed_at = by.person.id, at
    record(db, "confirm", row, by=by, at=at, before=before, campaign_id=campaign.id, amount=row.amount_cents)
    moves.pay_elsewhere(
        db, key=f"elsewhere:{row.id}", source=accounts.to_empty(payout.account_code, payout.currency),
        rail=payout.rail, cents=row.amount_cents, campaign_id=campaign.id, at=at,
    )  # fmt: skip
    before = payout.state
    move(payout, PayoutState.SETTLED)
    payout.amount_cents, payout.reason = row.amount_cents, ELSEWHERE
    record(
        db, "pay elsewhere", payout, by=by, at=at, before=before, campaign_id=campaign.id, amount=row.amount_cents,
        means=row.means, reference=row.reference, paid_on=row.paid_on.isoformat(), reason=row.reason,
    )  # fmt: skip
    return payout


def drop(db: Session, row: PaidElsewhere, *, by: Actor, at: datetime) -> None:
    """It was not paid by another means after all: the refund waits as before."""
    require_role(by, Role.TREASURER, Role.OFFICER)
    campaign, _payout = locked(db, db.get_one(Payout, row.payout_id))
    stand_aside(db, by, parties(db, campaign), at=at)
    row = _again(db, row)
    if row.state != ElsewhereState.WRITTEN:
        raise Conflict("This does not wait for a second person any more.")
    before = row.state
    move(row, ElsewhereState.DROPPED)
    record(db, "drop", row, by=by, at=at, before=before, campaign_id=campaign.id)


def _again(db: Session, row: PaidElsewhere) -> PaidElsewhere:
    query = select(PaidElsewhere).where(PaidElsewhere.id == row.id)
    return db.exec(query.execution_options(populate_existing=True)).one()
