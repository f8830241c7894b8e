"""What is decided about things of each kind, by whom, and which ties keep them out of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session

from app.campaigns import grants, motions, pledges
from app.campaigns import rules as campaigns
from app.delivery import arbitration
from app.delivery import rules as deliveries
from app.escrow import calls
from app.estimates import rules as estimates
from app.payouts import rules as payouts
from app.people import rules as people
from app.people.access import Actor
from app.people.model import Organization
from tests.bank import DECIDED
from tests.cast import NOW
from tests.deciding_cast import World


def maker(world: World) -> Organization:
    return world.cast.maker.organization


def bank(world: World) -> Organization:
    return world.cast.buyers[0].organization


def officer(world: World) -> Actor:
    return world.cast.officer


Verb = Callable[[Session, World, Actor], Any]
DEADLINE = date(2026, 12, 1)
# What is decided, who decides it, to which organization a tie keeps them out, and on which day.
TABLE: dict[str, tuple[Verb, Callable[[World], Actor], Callable[[World], Organization]]] = {
    "verify an organization": (
        lambda db, w, by: people.verify(db, w.applied, by=by, at=NOW), officer, lambda w: w.applied,
    ),
    "reject an organization": (
        lambda db, w, by: people.reject(db, w.applied, "No.", by=by, at=NOW),
        officer, lambda w: w.applied,
    ),
    "suspend an organization": (
        lambda db, w, by: people.suspend(db, maker(w), "No.", by=by, at=NOW), officer, maker,
    ),
    "reinstate an organization": (
        lambda db, w, by: people.reinstate(db, w.suspended, by=by, at=NOW),
        officer, lambda w: w.suspended,
    ),
    "approve an estimate": (
        lambda db, w, by: estimates.approve(db, w.submitted, by=by, at=NOW), officer, maker,
    ),
    "reject an estimate": (
        lambda db, w, by: estimates.reject(db, w.submitted, reason="No.", by=by, at=NOW),
        officer, maker,
    ),
    "prepare a campaign": (
        lambda db, w, by: campaigns.prepare(db, w.approved, deadline_on=DEADLINE, by=by, at=NOW),
        officer, maker,
    ),
    "open a campaign": (
        lambda db, w, by: campaigns.open_round(db, w.drafted, by=by, at=NOW), officer, maker,
    ),
    "cancel a campaign": (
        lambda db, w, by: campaigns.cancel(db, w.reached, reason="No.", by=by, at=NOW),
        officer, bank,
    ),
    "close a campaign early": (
        lambda db, w, by: campaigns.secure_early(db, w.reached, by=by, at=NOW), officer, bank,
    ),
    "stop a campaign": (
        lambda db, w, by: campaigns.stop(db, w.secured, reason="No.", by=by, at=NOW),
        officer, bank,
    ),
    "sign a pledge": (
        lambda db, w, by: pledges.sign(db, w.to_sign, text="We pay.", by=by, at=NOW),
        lambda w: w.cast.buyers[1], maker,
    ),
    "approve a pledge": (
        lambda db, w, by: pledges.approve(db, w.awaiting, by=by, at=NOW), lambda w: w.cast.approvers[0], maker,
    ),
    "sign a matching grant": (
        lambda db, w, by: grants.sign(db, w.grant, by=by, at=NOW), lambda w: w.cast.approvers[0], maker,
    ),
    "activate a matching grant": (
        lambda db, w, by: grants.activate(db, w.offered, by=by, at=NOW), officer, bank,
    ),
    "call funds": (
        lambda db, w, by: calls.call_funds(db, w.secured, by=by, at=NOW), officer, bank,
    ),
    "wait on a call": (
        lambda db, w, by: calls.wait_on(db, w.call, days=5, reason="Yes.", by=by, at=NOW),
        officer, bank,
    ),
    "vote on a delivery": (
        lambda db, w, by: deliveries.answer(db, w.delivery, accepts=True, by=by, at=DECIDED),
        lambda w: w.cast.buyers[0], maker,
    ),
    "vote on a motion": (
        lambda db, w, by: motions.speak(db, w.motion, is_yes=True, by=by, at=DECIDED),
        lambda w: w.cast.buyers[0], maker,
    ),
    "arbitrate a dispute": (
        lambda db, w, by: arbitration.write_opinion(db, w.disputed, share=5000, reason="Half.", by=by, at=DECIDED),
        lambda w: w.cast.arbitrator, maker,
    ),
    "arbitrate a dispute of a backer": (
        lambda db, w, by: arbitration.write_opinion(db, w.disputed, share=5000, reason="Half.", by=by, at=DECIDED),
        lambda w: w.cast.arbitrator, bank,
    ),
    "prepare a payout": (
        lambda db, w, by: payouts.prepare(db, w.due, by=by, at=DECIDED), lambda w: w.cast.treasurer, maker,
    ),
    "approve a payout": (
        lambda db, w, by: payouts.approve(db, w.prepared, pinned=w.prepared.pinned, by=by, at=DECIDED),
        lambda w: w.cast.second_treasurer, maker,
    ),
    "hold a payout": (
        lambda db, w, by: payouts.hold(db, w.due, reason="No.", by=by, at=DECIDED),
        lambda w: w.cast.treasurer, maker,
    ),
    "take a payout off hold": (
        lambda db, w, by: payouts.resume(db, w.held, by=by, at=DECIDED), lambda w: w.cast.treasurer, maker,
    ),
}  # fmt: skip
