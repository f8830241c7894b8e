"""A backer whose calls are debited by its bank: the mandate given and signed, the file made, the statement read."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import Session, col, select

from app.escrow import mandates
from app.escrow.mandates import Given
from app.escrow.model import Call
from app.escrow.model_outside import Collection, PaymentMeans
from app.kit import outbox
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import LANGUAGES
from app.notices import desk, letters
from app.payouts import batches
from app.rails.bank import debiting, orders
from app.rails.bank.model import BankBatch, BankOrder, BatchKind
from app.rails.bank.model_mandates import BankMandate
from tests.bank_desk import BankDesk
from tests.beginnings import begun
from tests.money_cast import Backing, set_up
from tests.money_stage import NOW, Stage
from tests.statements import PAYER_IBAN

CREDITOR = "DE98ZZZ09999999999"
BY_DEBIT = (
    Backing("Banque Lumen", 500_000, rail="bank", means="direct debit"),
    Backing("Assurances du Port", 500_000, rail="bank"),
)


class Debited(Stage):
    """Everybody on a campaign whose first backer is debited."""

    desk: BankDesk
    mandate: BankMandate

    def give(self, scheme: str = "CORE", notice_days: int = 14) -> BankMandate:
        """The first backer writes a mandate down."""
        given = Given(holder="Banque Lumen SA", iban=PAYER_IBAN, scheme=scheme, notice_days=notice_days)
        left = self.act(lambda db: mandates.give(db, given, by=self.backers[0], at=self.at))
        return self.look(lambda db: mandates.mandate_of(db, left))

    def confirm(self, mandate: BankMandate, bank_confirmed_on: date | None = None) -> BankMandate:
        """Its signed paper arrives at the fund."""
        return self.act(lambda db: mandates.confirm(
            db, db.get_one(BankMandate, mandate.id), signed_on=self.at.date(), bank_confirmed_on=bank_confirmed_on,
            by=self.officer, at=self.at,
        ))  # fmt: skip

    def means(self) -> PaymentMeans:
        """What the first backer left last."""
        return self.look(
            lambda db: db.exec(select(PaymentMeans).order_by(col(PaymentMeans.id).desc())).first()
        )  # type: ignore[return-value]

    def revoke(self) -> None:
        """The payer takes its mandate back."""
        left = self.means()
        self.act(lambda db: mandates.revoke(
            db, db.get_one(PaymentMeans, left.id), by=self.backers[0], at=self.at
        ))  # fmt: skip

    def called(self) -> Call:
        """The first tranche is called, and the worker asks for what is pulled."""
        call = self.call()[0]
        self.worker.until_quiet(self.at)
        return self.again(call)

    def waiting(self) -> list[BankOrder]:
        """The debits no file carries."""
        return self.look(lambda db: orders.waiting(db, BatchKind.DEBITS))

    def collections(self) -> list[Collection]:
        """Every attempt to pull, oldest first."""
        return self.look(lambda db: list(db.exec(select(Collection).order_by(col(Collection.id)))))

    def make_file(self, on: date | None = None) -> BankBatch:
        """The treasurer makes a file of all that waits."""

        def act(db: Session) -> BankBatch:
            chosen, today = orders.waiting(db, BatchKind.DEBITS), self.at.date()
            day = on or debiting.first_day(chosen, today)
            return batches.make(db, chosen, execute_on=day, today=today, by=self.treasurer, at=self.at)

        return self.act(act)

    def take_out(self, batch: BankBatch) -> bytes:
        """The treasurer takes the file out; the worker hears that its debits are on their way."""
        file = self.act(
            lambda db: batches.take_out(db, db.get_one(BankBatch, batch.id), by=self.treasurer, at=self.at)
        )
        self.worker.until_quiet(self.at)
        return file

    def mails(self, template: str) -> list[dict[str, Any]]:
        """The mails of this kind that are written now; each can be read in both languages."""

        def act(db: Session) -> list[dict[str, Any]]:
            desk.write_news(db, "https://jalon.example", self.at)
            rows = db.exec(select(outbox.Outgoing).where(outbox.Outgoing.topic == outbox.MAIL))
            return [json.loads(row.body) for row in rows]

        found = [mail for mail in self.act(act) if mail["template"] == template]
        for mail in found:
            for language in LANGUAGES:
                letters.render(template, language, {**mail["facts"], "base_url": "https://jalon.example"})
        return found

    def go_to(self, day: date) -> None:
        """Time passes."""
        self.at = datetime.combine(day, time(10), UTC)
        self.desk.at = self.at

    def agreed(self) -> tuple[BankMandate, Call]:
        """A mandate is given and confirmed, and the first tranche called."""
        return begun(self.database, "agreed and called", lambda: (self.confirm(self.give()), self.called()))

    def agreed_and_debited(self) -> tuple[BankMandate, Call, BankOrder]:
        """The same, and its first debit went out on its day and was booked."""
        mandate, call = self.agreed()

        def play() -> tuple[BankOrder, datetime, int, int]:
            return self.debited(), self.at, self.desk.number, self.desk.balance

        order, self.at, self.desk.number, self.desk.balance = begun(self.database, "debited", play)
        self.desk.at = self.at
        return mandate, call, order

    def debited(self) -> BankOrder:
        """The debit that waits goes out on its day, and the bank books it."""
        order = self.waiting()[0]
        assert order.due_on
        self.go_to(debiting.business_day(order.due_on))
        self.go_to(date.fromordinal(self.at.date().toordinal() - 3))
        self.take_out(self.make_file())
        self.go_to(debiting.business_day(order.due_on))
        self.desk.carry_out(order.public_id, is_credit=True)
        self.worker.until_quiet(self.at)
        return self.again(order)

    def send_back(self, order: BankOrder, code: str) -> None:
        """The payer's bank sends a debit back."""
        self.desk.send_back(order.public_id, code, is_credit=False)
        self.worker.until_quiet(self.at)


def debit_stage(database: Database, settings: Settings) -> Debited:
    """A secured campaign, a bank account with a creditor identifier, nothing left yet and nothing called."""
    bank = BankDesk(database, at=NOW, creditor_id=CREDITOR)
    stage = set_up(database, replace(settings, rails=("bank",)), BY_DEBIT)
    debited = Debited(**vars(stage))
    debited.desk = bank
    return debited
