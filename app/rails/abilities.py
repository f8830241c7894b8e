"""What only some rails can do, one protocol an ability: asked with `isinstance`, so that no rail has to pretend."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from app.kit.money import Cents
from app.rails.rail import Asked, Demand, Movement, Payee, PayeeStanding, Payer


@runtime_checkable
class Asks(Protocol):
    """A rail that has to be told whom we ask for money: to get instructions, or to pull it."""

    def ask(self, demand: Demand, at: datetime) -> Asked:
        """Ask once per key. Raises `RailSilent`, `RailRefused`, `KeyMisused`."""

    def drop(self, key: str, outside_id: str) -> None:
        """Ask no more; done again, or after the money came, nothing."""


@runtime_checkable
class SavesMeans(Protocol):
    """A rail on which a payer can leave a card or a mandate."""

    def save_means(self, key: str, payer: Payer, means: str, back_url: str) -> Asked:
        """A page of the rail's own, where the payer leaves it; nothing of it passes through us."""


@runtime_checkable
class LetsGo(Protocol):
    """A rail that forgets a card or a mandate once it is told to."""

    def let_go(self, key: str, token: str) -> None:
        """Forget it; what is forgotten already, or was never there, is nothing. Raises `RailSilent`."""


@runtime_checkable
class Onboards(Protocol):
    """A rail that wants to know a payee itself before it pays."""

    def onboard(self, key: str, payee: Payee) -> PayeeStanding:
        """Name a payee once per key."""

    def onboarding_url(self, outside_id: str, back_url: str) -> str:
        """A fresh page of the rail's own where the payee says who it is; good for one visit."""


@dataclass(frozen=True)
class Notice:
    """A notification whose sender is proved: which event, about which object. Nothing else of it is believed."""

    event_id: str
    outside_id: str


class NoticeForged(Exception):
    """A notification without a valid signature, too old, or of the other mode (test or live)."""


@runtime_checkable
class Listens(Protocol):
    """A rail that notifies by HTTP, through one door or several: each has a secret of its own."""

    @property
    def doors(self) -> frozenset[str]:
        """The names of its doors."""

    def read_notice(self, door: str, headers: Mapping[str, str], body: bytes) -> Notice:
        """The notice in a request to this door. Raises `NoticeForged`."""


@runtime_checkable
class KeepsStill(Protocol):
    """A rail that would pay what it holds for us to our own bank, were it not told to wait."""

    def keep_still(self) -> bool:
        """Make sure it does not; False where that had to be set right."""


@runtime_checkable
class KeepsLeftOver(Protocol):
    """A rail that keeps for a payer what answers no demand: it is put to one, or given back."""

    def apply_left_over(self, key: str, asked_id: str, amount_cents: Cents, currency: str) -> None:
        """Put so much of it to this demand of the same payer, once per key."""

    def give_left_over(
        self, key: str, payer_id: str, amount_cents: Cents, currency: str, at: datetime
    ) -> str:
        """Give so much of it back to the account it came from, once per key; the outside's name for it."""


@runtime_checkable
class TellsTogether(Protocol):
    """A rail that answers from our own database: of many movements at once as cheaply as of one."""

    def fetch_together(self, outside_ids: Collection[str]) -> dict[str, Movement]:
        """What became of these; those it says nothing about are left out."""


@runtime_checkable
class Recalls(Protocol):
    """A rail that can ask a payout back, as far as the payee still has it there."""

    def recall(self, key: str, outside_id: str, amount_cents: Cents) -> str:
        """Ask so much back; the outside's name for it. Raises `RailRefused` where nothing is left."""


@runtime_checkable
class Shows(Protocol):
    """A rail whose own pages show what it holds, to whoever may sign in there."""

    def page_of(self, outside_id: str) -> str:
        """Where its object of this name is shown."""


@dataclass(frozen=True)
class Evidence:
    """What is told against a charge-back: sentences, and the papers as bytes."""

    what_was_sold: str
    acceptance: str
    billing_address: str
    payer_name: str
    service_date: str
    papers: Mapping[str, bytes] = field(default_factory=dict)


@runtime_checkable
class Contests(Protocol):
    """A rail on which a charge-back can be contested until a day."""

    def contest(self, key: str, outside_id: str, evidence: Evidence) -> None:
        """Hand the evidence in, once per key."""
