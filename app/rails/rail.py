"""The port: what every rail can do, in plain facts. Copy `sandbox.py` to add one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.kit.money import Cents


class Happened(StrEnum):
    """What a rail can report, whatever it calls it itself."""

    MONEY_IN = "money in"
    MONEY_IN_FAILED = "money in failed"
    CHARGED_BACK = "charged back"
    PAID_OUT = "paid out"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class Capabilities:
    """What a rail promises: None where it sets no limit."""

    name: str
    is_real: bool
    largest_cents: Cents | None
    hold_days: int | None
    settle_business_days: int


@dataclass(frozen=True)
class Movement:
    """What the outside says now about one of its movements. Believed, whatever the event claimed."""

    outside_id: str
    happened: Happened
    amount_cents: Cents
    currency: str
    reference: str
    other_name: str
    other_account: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class PaymentOrder:
    """Money to send. The key makes sending it twice send it once."""

    key: str
    amount_cents: Cents
    currency: str
    to_name: str
    to_account: str
    reference: str


class RailSilent(Exception):
    """No answer, or none that tells what happened: the same order is sent again with the same key."""


class Rail(Protocol):
    """A way money travels."""

    capabilities: Capabilities

    def send(self, order: PaymentOrder, at: datetime) -> str:
        """Send money once per key; the outside's name for it. Raises `RailSilent` where that is unknown."""

    def fetch(self, outside_id: str) -> Movement:
        """What the outside says now about this movement. Raises `RailSilent`."""

    def balance(self) -> Cents:
        """What the outside says it holds for us."""

    def how_to_pay(self, reference: str) -> dict[str, str]:
        """What a payer needs to know, by label."""
