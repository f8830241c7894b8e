"""How a call is paid, as the payer needs to know it: what its rail says, or what it answered when it was asked."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import current_app
from sqlmodel import Session, col, select

from app.escrow.model import Call, Deposit, DepositState
from app.escrow.model_outside import ALIVE, Collection
from app.kit.clock import day_of
from app.kit.words import N_, _
from app.rails.here import rail_here
from app.rails.switched_on import CAPABILITIES

LABELS = {
    "account": N_("Account"), "bic": N_("BIC"), "holder": N_("Holder"), "reference": N_("Reference"),
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a call can be paid now: rows to copy, a page of the rail's own, and how far it has come."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    page_url: str = ""
    state: str = ""
    part_cents: int = 0


def way_of(db: Session, call: Call) -> Way:
    """What to write on the payment, by label, or where to go."""
    if call.rail not in current_app.config["SETTINGS"].rails:
        return Way([(_(LABELS["reference"]), spaced(call.reference))])
    query = select(Collection).where(Collection.call_id == call.id, col(Collection.state).in_(ALIVE))
    asked = db.exec(query).first()
    if asked is not None:
        told = json.loads(asked.instructions)
        page = asked.action_url if asked.action_url.startswith("https://") else ""
        return Way(_rows(told), page, asked.state, asked.part_cents)
    return Way(_rows(rail_here(call.rail).how_to_pay(call.reference)))


def _rows(told: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (
            _(LABELS.get(name, name)),
            spaced(text) if name in ("reference", "account") and text.isalnum() else text,
        )
        for name, text in told.items()
    ]


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


def spaced(reference: str) -> str:
    """A reference in groups of four, as banks print it."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
