"""Everybody on one campaign and what they do next, for tests of deliveries, payouts and the practice bank."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Pledge
from app.delivery import disputes
from app.delivery import rules as deliveries
from app.delivery.model import Delivery, Dispute
from app.escrow import calls
from app.escrow.model import Call
from app.estimates.model import Milestone
from app.kit.db import Database
from app.payouts import payees
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people.access import Actor
from app.rails import sandbox
from app.rails.rail import Happened
from app.rails.sandbox import SandboxLine
from app.worker import Worker
from tests.book import check_book

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVIDENCE = "https://example.org/change/1\nhttps://example.org/release/2.4"
Answer = TypeVar("Answer")


@dataclass
class Stage:
    """Everybody on one campaign, and the clock: each act commits, as a request does."""

    database: Database
    worker: Worker
    officer: Actor
    treasurer: Actor
    colleague: Actor
    arbitrators: list[Actor]
    auditor: Actor
    maker: Actor
    backers: list[Actor]
    campaign: Campaign
    milestones: list[Milestone]
    at: datetime = NOW
    paid: list[SandboxLine] = field(default_factory=list)

    def act(self, work: Callable[[Session], Answer]) -> Answer:
        """Do something in a transaction of its own."""
        return self.database.run(work)

    def look(self, work: Callable[[Session], Answer]) -> Answer:
        """Read something."""
        with self.database.reading() as db:
            return work(db)

    def rest(self) -> None:
        """Let the worker do all it has to do now, and check the book."""
        self.worker.until_quiet(self.at)
        check_book(self.database, at_rest=True)

    def call(self) -> list[Call]:
        """Call the next tranche."""
        return self.act(
            lambda db: calls.call_funds(
                db, db.get_one(Campaign, self.campaign.id), by=self.officer, at=self.at
            )
        )

    def pay(self, call: Call, cents: int | None = None) -> SandboxLine:
        """Pay a call, or so much of it."""
        line = self.act(lambda db: sandbox.pay_in(
            db, amount_cents=cents if cents is not None else call.total_cents - call.paid_cents, currency="EUR",
            reference=call.reference, name="A payer", account=f"XX{call.pledge_id:08d}", at=self.at,
        ))  # fmt: skip
        self.paid.append(line)
        return line

    def paid_call(self, number: int) -> Call:
        """The call the n-th payment was for, as it is now."""
        reference = self.paid[number].reference
        return self.look(lambda db: db.exec(select(Call).where(Call.reference == reference)).one())

    def fund(self) -> list[Call]:
        """Call the next tranche and pay every call of it."""
        issued = self.call()
        for call in issued:
            self.pay(call)
        self.rest()
        return issued

    def turn(self, line: SandboxLine, happened: Happened, reason: str = "no reason") -> None:
        """Let the practice bank do something to a payment; the worker hears of it."""
        self.act(
            lambda db: sandbox.turn(db, db.get_one(SandboxLine, line.id), happened, reason=reason, at=self.at)
        )
        self.rest()

    def hand_in(self, number: int = 1, version: str = "v1") -> Delivery:
        """Hand a milestone in."""
        milestone = self.milestones[number - 1]
        return self.act(lambda db: deliveries.hand_in(
            db, db.get_one(Campaign, self.campaign.id), milestone, version=version, evidence=EVIDENCE,
            by=self.maker, at=self.at,
        ))  # fmt: skip

    def answer(self, delivery: Delivery, who: int, *, accepts: bool, reasons: str = "") -> Delivery:
        """A backer answers."""
        return self.act(lambda db: deliveries.answer(
            db, db.get_one(Delivery, delivery.id), accepts=accepts, reasons=reasons, by=self.backers[who], at=self.at
        ))  # fmt: skip

    def accepted(self, number: int = 1) -> Delivery:
        """A milestone handed in and accepted by every backer who is still asked."""
        delivery = self.hand_in(number)
        for who in range(len(self.backers)):
            if delivery.state == "handed in":
                delivery = self.answer(delivery, who, accepts=True)
        self.rest()
        return delivery

    def refused(self, number: int = 1) -> Delivery:
        """A milestone handed in and refused."""
        delivery = self.hand_in(number)
        for who in range(len(self.backers)):
            if delivery.state == "handed in":
                delivery = self.answer(delivery, who, accepts=False, reasons="It does not work.")
        return delivery

    def disputed(self) -> Delivery:
        """A refusal the maintainer does not take."""
        delivery = self.refused()
        self.act(lambda db: disputes.dispute(
            db, db.get_one(Delivery, delivery.id), reasons="It does work.", by=self.maker, at=self.at
        ))  # fmt: skip
        return self.again(delivery)

    def heard(self) -> Delivery:
        """A dispute in which both sides have said everything."""
        delivery = self.disputed()

        def end(db: Session) -> None:
            of = db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).one()
            disputes.end_statements(db, of, at=of.statements_end_at)

        self.act(end)
        return self.again(delivery)

    def certify(self, delivery: Delivery, who: int) -> Call:
        """A public body certifies the service."""

        def work(db: Session) -> Call:
            pledge = db.exec(select(Pledge).where(
                Pledge.organization_id == self.backers[who].organization.id, Pledge.campaign_id == self.campaign.id
            )).one()  # fmt: skip
            return deliveries.certify(
                db, db.get_one(Delivery, delivery.id), pledge, by=self.backers[who], at=self.at
            )

        return self.act(work)

    def again(self, row: Answer) -> Answer:
        """The row as it is now."""
        return self.look(lambda db: db.get_one(type(row), row.id))  # type: ignore[attr-defined]

    def name_account(self, account: str = "XX99MAKER0001") -> None:
        """The maintainer says where it is paid."""
        self.act(lambda db: payees.name_account(
            db, rail="sandbox", holder="Atelier Wiki", account=account, by=self.maker, at=self.at
        ))  # fmt: skip

    def confirm_account(self) -> None:
        """Three days on, two of the fund confirm the account that was changed."""
        self.at += timedelta(days=3)
        for who in (self.treasurer, self.colleague):
            self.act(lambda db, who=who: payees.confirm_account(  # type: ignore[misc]
                db, payees.changes(db)[0], by=who, at=self.at
            ))  # fmt: skip

    def payouts(self, kind: str = "maintainer") -> list[Payout]:
        """The payouts of a kind, in order."""
        return self.look(
            lambda db: list(db.exec(select(Payout).where(Payout.kind == kind).order_by(col(Payout.id))))
        )

    def prepare(self, payout: Payout) -> Payout:
        """The treasurer prepares."""
        return self.act(
            lambda db: payouts.prepare(db, db.get_one(Payout, payout.id), by=self.treasurer, at=self.at)
        )

    def approve(self, payout: Payout) -> Payout:
        """A colleague approves what is prepared."""
        pinned = self.again(payout).pinned
        return self.act(lambda db: payouts.approve(
            db, db.get_one(Payout, payout.id), pinned=pinned, by=self.colleague, at=self.at
        ))  # fmt: skip

    def sent(self, payout: Payout) -> SandboxLine:
        """Prepare, approve and send a payout; gives back the bank's line."""
        self.prepare(payout)
        self.approve(payout)
        self.rest()
        return self.look(lambda db: sandbox.on_its_way(db)[-1])

    def balance(self, prefix: str) -> int:
        """The sum of the book's accounts that begin like this."""
        from app.ledger import book

        return self.look(lambda db: book.total(db, prefix))
