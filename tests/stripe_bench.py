"""Stripe under contract: the rail, and the fake as its outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from app.kit.db import Database
from app.kit.money import Cents
from app.rails.capabilities import MeansName
from app.rails.rail import Demand, Happened, Movement, OrderKind, Payer, PaymentOrder
from app.rails.stripe import Stripe
from tests.fake_stripe import FakeStripe, serving

PAYER = Payer(
    name_here="org-1", name="Banque Lumen", email="ap@lumen.example", country="FR", language="fr",
    vat_number="FR40303265045", street="1 rue du Port", postcode="44000", city="Nantes",
)  # fmt: skip


def demand(reference: str, cents: Cents, **changes: object) -> Demand:
    """What a call asks of a payer."""
    facts = {
        "key": f"ask:{reference}:1", "amount_cents": cents, "currency": "EUR", "payer": PAYER,
        "means": MeansName.TRANSFER, "reference": reference, "group": "campaign-1", "due_on": date(2026, 12, 23),
        "back_url": "http://localhost/calls/1",
    }  # fmt: skip
    return Demand(**(facts | changes))  # type: ignore[arg-type]


@dataclass
class AtStripe:
    """A rail and its outside: a payer, a payee that is ready, notifications as the door reads them."""

    rail: Stripe
    fake: FakeStripe
    payee: str

    def pay_in(self, cents: Cents, reference: str) -> str:
        """A payer is asked, and sends the money to its virtual account."""
        asked = self.rail.ask(demand(reference, cents), datetime.now(UTC))
        return self.fake.world.transfer_in(self.fake.world.objects[asked.outside_id]["customer"], cents)

    def turn(self, outside_id: str, happened: Happened) -> None:
        """A payer's bank takes a charge back; a transfer arrives by itself."""
        if happened == Happened.CHARGED_BACK:
            self.fake.world.dispute(outside_id)

    def heard(self) -> list[str]:
        """What Stripe has notified us of since the last time."""
        found = []
        for event in self.fake.world.events:
            body, signature = self.fake.signed(event)
            door = "connect" if event.get("account") else "account"
            found.append(self.rail.read_notice(door, {"Stripe-Signature": signature}, body).outside_id)
        self.fake.world.events.clear()
        return found


def order(there: AtStripe, source: str, key: str = "payout:1:1:1", cents: int = 4_000) -> PaymentOrder:
    """Some of a charge, sent on to the payee."""
    return PaymentOrder(
        key=key, amount_cents=cents, currency="EUR", to_name="Atelier", to_account=there.payee,
        reference="JALON 1", source=source, group="campaign-1",
    )  # fmt: skip


def refund(source: str, key: str = "payout:2:1:1", cents: int = 4_000) -> PaymentOrder:
    """Some of a charge, back to its payer."""
    return PaymentOrder(
        key=key, amount_cents=cents, currency="EUR", to_name="Banque", to_account="", reference="JALON 2",
        kind=OrderKind.REFUND, source=source, group="campaign-1",
    )  # fmt: skip


def movement(there: AtStripe, outside_id: str) -> Movement:
    """What Stripe says of some money."""
    told = there.rail.fetch(outside_id)
    assert isinstance(told, Movement)
    return told


def at_stripe(database: Database, fake: FakeStripe, retries: int = 0) -> AtStripe:
    """The rail on this fake, with a payee who can be paid."""
    payee = fake.world.new("acct", "account", capabilities={"transfers": "active"}, requirements={})
    return AtStripe(Stripe(database, fake.settings(retries)), fake, str(payee["id"]))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for what Stripe answers: the contract test keeps errands on both."""
    return sqlite_url


@pytest.fixture
def there(database: Database) -> Iterator[AtStripe]:
    """The rail, and the fake behind it."""
    with serving() as fake:
        yield at_stripe(database, fake)
