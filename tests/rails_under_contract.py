"""The rails the contract test runs over: add yours here, with how the outside is played.

A `Bench` is one rail with somebody on the other side: a payer who pays, a bank that pays out or sends back.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.money import Cents
from app.rails import inbox, sandbox
from app.rails.bank.bank import Bank
from app.rails.rail import Happened, Rail
from app.rails.sandbox import Sandbox, SandboxLine
from tests.bank_desk import BankDesk
from tests.fake_stripe import serving
from tests.statements import PAYER_IBAN
from tests.stripe_bench import at_stripe

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass
class Bench:
    """One rail and its outside.

    `pay_in` plays a payer and returns the outside's name of the payment; `turn` plays the bank; `heard` the names
    the rail has told us of since the last time, as notifications would.
    """

    rail: Rail
    pay_in: Callable[[Cents, str], str]
    turn: Callable[[str, Happened], None]
    heard: Callable[[], list[str]]
    payee_account: str = "FR7630006000011234567890189"


@contextmanager
def sandbox_bench(database: Database) -> Iterator[Bench]:
    """The practice bank."""

    def pay_in(cents: Cents, reference: str) -> str:
        return database.run(lambda db: sandbox.pay_in(
            db, amount_cents=cents, currency="EUR", reference=reference, name="A payer", account="XX1", at=NOW
        ).public_id)  # fmt: skip

    def turn(outside_id: str, happened: Happened) -> None:
        def act(db: Session) -> None:
            line = db.exec(select(SandboxLine).where(SandboxLine.public_id == outside_id)).one()
            sandbox.turn(db, line, happened, reason="A reason.", at=NOW)

        database.run(act)

    def heard() -> list[str]:
        def act(db: Session) -> list[str]:
            events = inbox.waiting(db)
            for event in events:
                inbox.settle(event, at=NOW)
            return [event.outside_id for event in events]

        return database.run(act)

    yield Bench(Sandbox(database), pay_in, turn, heard)


@contextmanager
def bank_bench(database: Database) -> Iterator[Bench]:
    """The bank with its files: statements are imported, orders taken out."""
    desk = BankDesk(database)
    yield Bench(Bank(database), desk.pay_in, desk.turn, desk.heard, payee_account=PAYER_IBAN)


@contextmanager
def stripe_bench(database: Database) -> Iterator[Bench]:
    """Stripe, by bank transfer; the fake plays everybody else."""
    with serving() as fake:
        outside = at_stripe(database, fake)
        yield Bench(outside.rail, outside.pay_in, outside.turn, outside.heard, payee_account=outside.payee)


BENCHES: dict[str, Callable[[Database], AbstractContextManager[Bench]]] = {
    "bank": bank_bench,
    "sandbox": sandbox_bench,
    "stripe": stripe_bench,
}
