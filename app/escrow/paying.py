"""How a call is paid, as the payer needs to know it: what its rail says, or what it answered when it was asked."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import current_app
from sqlmodel import Session, col, select

from app.escrow.model import Call, Deposit, DepositState
from app.escrow.model_outside import ALIVE, Collection, PaymentMeans
from app.kit.account_shown import in_fours
from app.kit.clock import day_of
from app.kit.words import N_, _
from app.rails.here import rail_here
from app.rails.switched_on import CAPABILITIES

LABELS = {
    "holder": N_("Account holder"), "account": N_("Account"), "bic": N_("BIC"), "reference": N_("Reference"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing to write on the payment: its label, as people read it, and as it is copied."""

    name: str
    label: str
    shown: str
    plain: str


@dataclass(frozen=True)
class Way:
    """How a call can be paid now: lines to copy, a page of the rail's own, and how far it has come."""

    lines: list[Line] = field(default_factory=list)
    page_url: str = ""
    state: str = ""
    part_cents: int = 0
    pull_on: date | None = None
    pulled_from: str = ""


def way_of(db: Session, call: Call) -> Way:
    """What to write on the payment, in reading order, or where to go."""
    lines = [
        Line(name, _(LABELS.get(name, name)), in_fours(text) if _is_long_number(name, text) else text, text)
        for name, text in told_of(db, call).items()
    ]  # fmt: skip
    asked = _asked_of(db, call)
    if asked is None:
        return Way(lines)
    page = asked.action_url if asked.action_url.startswith("https://") else ""
    left = db.get(PaymentMeans, asked.payment_means_id) if asked.payment_means_id else None
    return Way(lines, page, asked.state, asked.part_cents, asked.pull_on, left.shown if left else "")


def told_of(db: Session, call: Call) -> dict[str, str]:
    """What the rail says a payer needs to know, by name; the reference alone where it is not switched on.

    Empty where nothing is to be transferred: a debit, or a page of the provider's.
    """
    if call.rail not in current_app.config["SETTINGS"].rails:
        return {"reference": call.reference}
    asked = _asked_of(db, call)
    if asked is not None:
        told: dict[str, str] = json.loads(asked.instructions)
    else:
        told = dict(rail_here(call.rail).how_to_pay(call.reference))
    return {name: told[name] for name in sorted(told, key=_place)}


def _asked_of(db: Session, call: Call) -> Collection | None:
    query = select(Collection).where(Collection.call_id == call.id, col(Collection.state).in_(ALIVE))
    return db.exec(query).first()


def _place(name: str) -> int:
    return list(LABELS).index(name) if name in LABELS else len(LABELS)


def _is_long_number(name: str, text: str) -> bool:
    """Whether it is read more easily in groups: an account, or a reference as banks know it."""
    plain = text.replace(" ", "")
    return (name == "account" and plain.isalnum()) or (name == "reference" and plain.startswith("RF"))


def held_until(db: Session, call: Call, zone: str) -> date | None:
    """The day until which the rail may hold what came in for this call; None where it sets no limit."""
    told = CAPABILITIES.get(call.rail)
    query = select(Deposit.received_at).where(
        Deposit.call_id == call.id, Deposit.state == DepositState.RECEIVED
    )
    first = db.exec(query.order_by(col(Deposit.received_at))).first()
    if told is None or told.hold_days is None or first is None:
        return None
    return day_of(first, zone) + timedelta(days=told.hold_days)
