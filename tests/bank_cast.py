"""A campaign paid by bank files, its first tranche called, and the bank on the other side."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.escrow.model import Call, Deposit
from app.kit.db import Database
from app.kit.settings import Settings
from app.payouts import batches, payees
from app.payouts.model import Payout
from app.rails.bank import orders
from app.rails.bank.model import BankBatch, BankOrder, BatchKind
from tests.bank_desk import BankDesk
from tests.beginnings import begun
from tests.money_cast import Backing, set_up
from tests.money_stage import Stage
from tests.statements import DAY

BY_BANK = (
    Backing("Banque Lumen", 500_000, rail="bank"),
    Backing("Assurances du Port", 500_000, rail="bank"),
)
MAKER_IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign whose backers pay by bank, its first tranche called."""
    stage = set_up(database, replace(settings, rails=("bank",)), BY_BANK)
    stage.desk = BankDesk(database, at=stage.at)  # type: ignore[attr-defined]
    stage.issued = begun(database, "called", stage.call)  # type: ignore[attr-defined]
    return stage


def desk_of(stage: Stage) -> BankDesk:
    """The bank."""
    desk: BankDesk = stage.desk  # type: ignore[attr-defined]
    return desk


def first(stage: Stage) -> Call:
    """The first backer's call, as it is now."""
    return stage.again(stage.issued[0])  # type: ignore[attr-defined, no-any-return]


def deposits(stage: Stage) -> list[Deposit]:
    """What came in, oldest first."""
    return stage.look(lambda db: list(db.exec(select(Deposit).order_by(col(Deposit.id)))))


def pay(stage: Stage, cents: int | None = None, **typed: str) -> Deposit:
    """Somebody transfers, and the worker books it."""
    call = first(stage)
    typed = typed or {"reference": call.reference}
    desk_of(stage).pay_in(call.total_cents if cents is None else cents, **typed)
    stage.worker.until_quiet(stage.at)
    return deposits(stage)[-1]


def funded(stage: Stage) -> None:
    """Both calls are paid."""
    desk = desk_of(stage)

    def play() -> tuple[int, int]:
        for call in stage.issued:  # type: ignore[attr-defined]
            desk.pay_in(call.total_cents, reference=call.reference)
        stage.rest()
        return desk.number, desk.balance

    desk.number, desk.balance = begun(stage.database, "both paid", play)


def name_bank_account(stage: Stage, account: str = MAKER_IBAN) -> None:
    """The maintainer is paid by bank."""
    stage.act(lambda db: payees.name_account(
        db, rail="bank", holder="Atelier Wiki", account=account, by=stage.maker, at=stage.at - timedelta(days=30)
    ))  # fmt: skip


def ordered(stage: Stage) -> tuple[Payout, BankOrder]:
    """A payout to the maintainer, approved and handed to the rail."""
    funded(stage)

    def play() -> Payout:
        stage.accepted()
        name_bank_account(stage)
        payout = stage.payouts()[0]
        stage.prepare(payout)
        stage.approve(payout)
        stage.rest()
        return stage.again(payout)

    payout = begun(stage.database, "a payout ordered", play)
    return payout, desk_of(stage).order(payout.outside_id)


def paid_out(stage: Stage) -> tuple[Payout, BankOrder]:
    """The same, filed, and booked by the bank."""
    payout, order = ordered(stage)
    desk = desk_of(stage)

    def play() -> tuple[int, int]:
        desk.take_out_file()
        desk.carry_out(order.public_id)
        stage.rest()
        return desk.number, desk.balance

    desk.number, desk.balance = begun(stage.database, "a payout carried out", play)
    return payout, order


def make_file(stage: Stage, chosen: list[BankOrder] | None = None) -> BankBatch:
    """The treasurer makes a file of what waits."""
    return stage.act(lambda db: batches.make(
        db, chosen or orders.waiting(db, BatchKind.TRANSFERS), execute_on=DAY, today=DAY, by=stage.treasurer,
        at=stage.at,
    ))  # fmt: skip
