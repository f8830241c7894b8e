"""The blueprint of this room, and who may see what of a payout."""

from flask import Blueprint, g

from app.kit.web import find
from app.payouts.model import Payout, PayoutState
from app.payouts.rules import require_visible
from app.people.access import Actor, acting
from app.people.model import Role

bp = Blueprint("payouts", __name__)

STAFF = (Role.TREASURER, Role.OFFICER)
TABS = {
    "due": (PayoutState.DUE, PayoutState.ON_HOLD, PayoutState.BOUNCED),
    "approval": (PayoutState.PREPARED,),
    "way": (PayoutState.APPROVED, PayoutState.SENT),
    "done": (PayoutState.PAID, PayoutState.SETTLED),
}


def visible_payout(name: str) -> Payout:
    """The payout of this public name; raises `Missing` for whoever is neither its payee nor of the fund."""
    payout = find(Payout, name)
    require_visible(payout, acting())
    return payout


def may_move(by: Actor) -> bool:
    """Whether the reader prepares and approves payouts."""
    return by.is_fund and by.is_verified and by.has(*STAFF)


def reader() -> Actor | None:
    """Who reads this page, if anybody is signed in."""
    found: Actor | None = g.get("actor")
    return found
