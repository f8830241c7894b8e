"""The same people on the Stripe rail: the fake plays payers and banks, notices come in as its door reads them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import pytest
from sqlmodel import Session, select

from app.audit.run import OF_MONEY, examine
from app.escrow.model import Call
from app.escrow.model_outside import Collection
from app.estimates.model import Milestone
from app.kit.db import Database
from app.kit.settings import Settings
from app.payouts import onboarding
from app.payouts.model import Payout
from app.payouts.model_legs import Onboarding, PayoutLeg
from app.people.model import Organization
from app.rails import inbox
from app.rails.stripe import Stripe
from tests.beginnings import begun
from tests.fake_stripe import FakeStripe, serving
from tests.money_cast import Backing, set_up
from tests.money_stage import Stage

Answer = TypeVar("Answer")
TWO = (Backing("Banque Lumen", 500_000, rail="stripe"), Backing("Assurances du Port", 500_000, rail="stripe"))


@dataclass
class AtStripe:
    """Everybody on one campaign that is paid by Stripe."""

    stage: Stage
    fake: FakeStripe
    rail: Stripe
    known: bytes = field(init=False)  # what Stripe knew where this test began

    def __post_init__(self) -> None:
        self.known = self.fake.knows()

    def begin(self, called: str, scene: Callable[[], Answer]) -> Answer:
        """What a scene answers, here and at Stripe as it leaves them: played once, and copied for those that follow."""
        if self.fake.faults or not self.fake.still_knows(self.known):
            return scene()  # the test has changed Stripe itself
        reconciler = self.stage.worker.reconciler

        def play() -> tuple[Answer, Any, bytes, Any, Any]:
            answer = scene()
            return answer, self.stage.at, self.fake.knows(), reconciler._walked, reconciler._looked

        answer, self.stage.at, self.known, walked, looked = begun(self.stage.database, called, play)
        reconciler._walked, reconciler._looked = walked, looked
        self.fake.learn(self.known)
        return answer

    def tell(self) -> int:
        """Deliver what Stripe has to tell; how much was new."""
        events, self.fake.world.events = self.fake.world.events, []
        new = 0
        for event in events:
            body, header = self.fake.signed(event)
            door = "connect" if event.get("account") else "account"
            notice = self.rail.read_notice(door, {"Stripe-Signature": header}, body)
            new += self.stage.act(lambda db, n=notice: inbox.receive(  # type: ignore[misc]
                db, "stripe", n.event_id, n.outside_id, at=self.stage.at))  # fmt: skip
        return new

    def rest(self, *, tells: bool = True) -> None:
        """Let the worker and Stripe talk until both are silent."""
        for _ in range(12):
            self.stage.worker.until_quiet(self.stage.at)
            if not (tells and self.tell()):
                break

    def check(self) -> None:
        """The whole book, by the audit."""
        with self.stage.database.reading() as db:
            lines, is_right = examine(db, OF_MONEY, at=self.stage.at)
        assert is_right, "\n".join(line for line in lines if "WRONG" in line or line.startswith("         "))

    def collections(self) -> list[Collection]:
        """How calls are being collected, oldest first."""
        return self.stage.look(lambda db: list(db.exec(select(Collection).order_by(Collection.id))))  # type: ignore[arg-type]

    def calls(self) -> list[Call]:
        """The calls as they are now."""
        return self.stage.look(lambda db: list(db.exec(select(Call).order_by(Call.id))))  # type: ignore[arg-type]

    def payer_of(self, collection: Collection) -> str:
        """Stripe's name of whoever is asked."""
        return str(self.fake.world.objects[collection.outside_id]["customer"])

    def transfer(self, collection: Collection, cents: int | None = None) -> str:
        """The payer sends the money to its virtual account; the charge's name, if there is one now."""
        return self.fake.world.transfer_in(self.payer_of(collection), cents or collection.amount_cents)

    def ask(self) -> None:
        """Call the next tranche, and let Stripe know whom to ask."""

        def call() -> None:
            self.stage.call()
            self.rest()

        self.begin("asked", call)

    def fund(self) -> None:
        """Call the next tranche, and every payer transfers what it is asked."""
        self.ask()

        def pay() -> None:
            for collection in self.collections():
                if collection.state == "asked":
                    self.transfer(collection)
            self.rest()

        self.begin("paid by transfer", pay)

    def onboard(self) -> str:
        """The maintainer becomes known to Stripe; its name there."""
        stage = self.stage

        def become_known() -> str:
            started: Onboarding = stage.act(
                lambda db: onboarding.start(db, rail="stripe", by=stage.maker, at=stage.at)
            )
            shop = stage.look(lambda db: db.get_one(Organization, stage.maker.organization.id))
            standing = self.rail.onboard(onboarding.key_of(started), onboarding.payee_of(shop))
            self.fake.world.restrict(standing.outside_id)
            self.rest()
            return standing.outside_id

        return self.begin("known to Stripe", become_known)

    def owed(self) -> None:
        """Paid, known to Stripe, handed in and accepted: all that is missing is two treasurers."""
        self.fund()
        self.onboard()
        self.begin("accepted", self.stage.accepted)

    def send(self, kind: str = "maintainer") -> list[Payout]:
        """Prepare, approve and send what is due."""
        for payout in self.stage.payouts(kind):
            if payout.state == "due":
                self.stage.prepare(payout)
                self.stage.approve(payout)
        self.rest()
        return self.stage.payouts(kind)

    def legs(self) -> list[PayoutLeg]:
        """The legs of every payout."""
        return self.stage.look(lambda db: list(db.exec(select(PayoutLeg).order_by(PayoutLeg.id))))  # type: ignore[arg-type]


def _plan_soon(stage: Stage) -> None:
    """Stripe holds money for ninety days: the work is due before."""

    def plan(db: Session) -> None:
        for milestone in db.exec(select(Milestone)):
            milestone.due_on = date(2026, 12, 20)

    stage.act(plan)


@contextmanager
def stripe_stage(
    database: Database,
    settings: Settings,
    backings: Sequence[Backing] = TWO,
    prices: Sequence[int] = (600_000, 400_000),
) -> Iterator[AtStripe]:
    """A secured campaign whose backers pay by Stripe; at the end the audit has to pass."""
    with serving() as fake:
        facts = {**vars(settings), "rails": ("stripe",), "stripe": fake.settings(), "demo": False}
        stage = set_up(database, Settings(**facts), backings, prices, then=_plan_soon)
        rail = stage.worker.rails["stripe"]
        assert isinstance(rail, Stripe)
        there = AtStripe(stage, fake, rail)
        yield there
        there.check()


@pytest.fixture
def there(database: Database, settings: Settings) -> Iterator[AtStripe]:
    """Two backers on the Stripe rail."""
    with stripe_stage(database, settings) as there:
        yield there
