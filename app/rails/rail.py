"""The port: what every rail can do, in plain facts. `docs/rails.md` says how to add one.

A verb that changes something outside takes a key of ours: the same key does it once, however often it is asked.
No verb touches the book. What a rail says is read by `fetch`; a notification is only a hint to read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.kit.money import Cents
from app.rails.capabilities import Capabilities


class Happened(StrEnum):
    """What a rail can report of money, whatever it calls it itself."""

    ON_ITS_WAY_IN = "on its way in"
    ACTION_NEEDED = "action needed"
    PART_IN = "part in"
    MONEY_IN = "money in"
    MONEY_IN_FAILED = "money in failed"
    CHARGED_BACK = "charged back"
    WON_BACK = "won back"
    LOST = "lost"
    PAID_OUT = "paid out"
    BOUNCED = "bounced"
    RECALLED = "recalled"
    COST = "cost"
    LEFT_OVER = "left over"
    OTHER = "other"


@dataclass(frozen=True)
class Movement:
    """What the outside says now about one of its movements. Believed, whatever the event claimed.

    `asked_id` is the outside's name of the demand it answers, where there was one, and `key` ours; `dispute_id` names
    the charge-back, which can be contested until `answer_by`, and `disputed_cents` says how much was taken back, 0 for
    all of it; `action_url` is where the payer has to go, and `strange_cents` how much of it came from another account
    than most of its payer's money.
    """

    outside_id: str
    happened: Happened
    amount_cents: Cents
    currency: str
    reference: str
    other_name: str
    other_account: str
    at: datetime
    reason: str = ""
    asked_id: str = ""
    key: str = ""
    dispute_id: str = ""
    answer_by: datetime | None = None
    action_url: str = ""
    strange_cents: Cents = 0
    disputed_cents: Cents = 0


class MeansState(StrEnum):
    """How far a saved means of payment has come."""

    ASKED = "asked"
    ACTIVE = "active"
    FAILED = "failed"
    REVOKED = "revoked"


@dataclass(frozen=True)
class SavedMeans:
    """A card or a debit mandate a payer left with the rail: never its number, only its name there and its end.

    `key` is ours, under which it was asked for; `token` what a demand is pulled with.
    """

    key: str
    outside_id: str
    state: MeansState
    means: str
    token: str = ""
    shown: str = ""
    expires_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class PayeeStanding:
    """Whether a payee can be paid on this rail, and what is missing. `key` is ours, under which it was named."""

    key: str
    outside_id: str
    is_ready: bool
    missing: tuple[str, ...] = ()


News = Movement | SavedMeans | PayeeStanding


@dataclass(frozen=True)
class Payer:
    """Who is asked for money. `name_here` is ours and never changes."""

    name_here: str
    name: str
    email: str
    country: str
    language: str = "en"
    vat_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True)
class Payee:
    """Who is paid. Some rails want to know it before money is asked for."""

    name_here: str
    name: str
    email: str
    country: str


@dataclass(frozen=True)
class Demand:
    """Money to ask for. `token` is a saved means; without one the payer pays by itself and comes back to `back_url`."""

    key: str
    amount_cents: Cents
    currency: str
    payer: Payer
    means: str
    reference: str
    group: str
    due_on: date
    token: str = ""
    po_number: str = ""
    back_url: str = ""
    payees: tuple[Payee, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What the outside answered to a demand: its name there, and what the payer has to know or do."""

    outside_id: str
    instructions: Mapping[str, str] = field(default_factory=dict)
    action_url: str = ""


class OrderKind(StrEnum):
    """Why money leaves."""

    PAYOUT = "payout"
    REFUND = "refund"


@dataclass(frozen=True)
class PaymentOrder:
    """Money to send. The key makes sending it twice send it once.

    On a rail that pays by deposit, `source` is the outside's name of the deposit this money came in by.
    """

    key: str
    amount_cents: Cents
    currency: str
    to_name: str
    to_account: str
    reference: str
    kind: OrderKind = OrderKind.PAYOUT
    source: str = ""
    group: str = ""


@dataclass(frozen=True)
class StatementLine:
    """One change of what the rail holds for us, once. Amounts are signed; `cost_cents` is what the rail kept of it.

    `outside_id` names the movement it belongs to, as `fetch`, `send` and `Movement` name it.
    """

    line_id: str
    outside_id: str
    happened: Happened
    amount_cents: Cents
    cost_cents: Cents
    currency: str
    at: datetime
    text: str = ""


class RailSilent(Exception):
    """No answer, or none that tells what happened: the same order is sent again with the same key.

    `is_kept`: the outside will say the same again under this key, so that one has to look before asking anew.
    """

    def __init__(self, reason: str, *, is_kept: bool = False) -> None:
        super().__init__(reason)
        self.is_kept = is_kept


class RailRefused(Exception):
    """The outside said no for good, and nothing left: `reason` is for people. `action_needed`: the payer can help."""

    def __init__(self, reason: str, *, action_needed: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.action_needed = reason, action_needed


class KeyMisused(Exception):
    """The same key went out with other facts. It is a mistake of ours: no new key, somebody has to look."""


class Rail(Protocol):
    """A way money travels: what every one can do."""

    @property
    def capabilities(self) -> Capabilities:
        """What it promises and where its limits are."""

    def how_to_pay(self, reference: str) -> dict[str, str]:
        """What a payer needs to know, by label; empty where the rail has to be asked for it first."""

    def send(self, order: PaymentOrder, at: datetime) -> str:
        """Send money once per key; the outside's name for it. Raises `RailSilent`, `RailRefused`, `KeyMisused`."""

    def fetch(self, outside_id: str) -> News | None:
        """What the outside says now; None where it concerns nothing of ours. Raises `RailSilent`."""

    def statement(self, since: datetime) -> Iterable[StatementLine]:
        """Every line since then, oldest first: the truth for the books. Raises `RailSilent`."""

    def balance(self) -> Cents:
        """What the outside says it holds for us: the sum of all lines. Raises `RailSilent`."""
