"""The other side of the bank rail: payers who transfer, a bank that carries out files and writes statements.

Each statement follows the one before, so that opening and closing balances are those a bank would write.
"""

from datetime import UTC, date, datetime
from io import BytesIO

from sqlmodel import Session, col, select

from app.kit.db import Database
from app.kit.money import Cents
from app.rails import inbox
from app.rails.bank import accounts, orders, statements
from app.rails.bank.model import BankBatch, BankFile, BankLine, BankOrder, Basis, BatchKind
from app.rails.rail import Happened
from tests.beginnings import begun
from tests.statements import DAY, OUR_IBAN, PAYER_IBAN, Book, Entry, Part

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ONE, OTHER = 1_000_001, 1_000_002


class BankDesk:
    """The bank, as tests play it."""

    def __init__(self, database: Database, at: datetime = NOW, *, creditor_id: str = "") -> None:
        self.database = database
        self.at = at
        self.balance: Cents = 0
        self.number = 0

        def open_account(db: Session) -> None:
            account = accounts.name(
                db, iban=OUR_IBAN, bic="BDFEFRPPXXX", holder="Fonds des communs", bank_name="Banque de l'Essai",
                currency="EUR", creditor_id=creditor_id, basis=Basis.INSTITUTION, basis_reason="Notary, deed 12/2026",
                by_id=ONE, at=at,
            )  # fmt: skip
            accounts.put_in_use(db, account, by_id=OTHER, at=at)

        begun(database, f"an account opened at {at} {creditor_id}", lambda: database.run(open_account))

    def statement(self, *entries: Entry, day: date = DAY, kind: str = "053") -> BytesIO:
        """The next statement, with these lines."""
        self.number += 1
        book = Book(
            entries,
            opening=self.balance if kind == "053" else None,
            name=f"S{self.number}",
            day=day,
            kind=kind,
        )
        file = book.write()
        if kind == "053":
            self.balance += sum(
                one.cents if one.is_credit else -one.cents for one in entries if one.status == "BOOK"
            )
        return file

    def read(self, file: BytesIO, name: str = "camt.xml") -> BankFile:
        """Import a file, as the treasurer does."""
        return self.database.run(lambda db: statements.keep(db, file, name, by_id=ONE, at=self.at))

    def tell(self, *entries: Entry) -> BankFile:
        """The bank writes a statement and it is imported."""
        return self.read(self.statement(*entries))

    def pay_in(self, cents: Cents, reference: str = "", text: str = "") -> str:
        """A payer transfers; the name of the line it becomes."""
        name = f"E2E{self.number + 1}"
        self.tell(Entry([Part(cents, reference=reference, text=text, end_to_end_id=name)]))
        with self.database.reading() as db:
            return db.exec(select(BankLine.public_id).order_by(col(BankLine.id).desc())).first() or ""

    def take_out_file(self, kind: BatchKind = BatchKind.TRANSFERS, scheme: str = "") -> BankBatch:
        """All that waits goes into a file, and the file is taken out."""

        def act(db: Session) -> BankBatch:
            account = accounts.in_use(db)
            assert account is not None
            batch = orders.make_file(
                db, orders.waiting(db, kind, scheme), account, execute_on=DAY, by_id=ONE, at=self.at
            )
            orders.hand_over(db, batch, by_id=ONE, at=self.at)
            return batch

        return self.database.run(act)

    def order(self, name: str) -> BankOrder:
        """An order, as it is now."""
        with self.database.reading() as db:
            return db.exec(select(BankOrder).where(BankOrder.public_id == name)).one()

    def carry_out(self, name: str, *, is_credit: bool = False) -> BankFile:
        """The bank books an order."""
        order = self.order(name)
        return self.tell(
            Entry([Part(order.amount_cents, end_to_end_id=order.end_to_end_id)], is_credit=is_credit)
        )

    def send_back(self, name: str, code: str = "AC04", *, is_credit: bool = True) -> BankFile:
        """The other bank returns an order."""
        order = self.order(name)
        part = Part(order.amount_cents, end_to_end_id=order.end_to_end_id, return_code=code)
        return self.tell(Entry([part], is_credit=is_credit))

    def take_back(self, name: str, code: str = "FOCR") -> BankFile:
        """The payer's bank calls a transfer back."""
        with self.database.reading() as db:
            line = db.exec(select(BankLine).where(BankLine.public_id == name)).one()
        part = Part(line.amount_cents, end_to_end_id=line.end_to_end_id, return_code=code, account=PAYER_IBAN)
        return self.tell(Entry([part], is_credit=False))

    def turn(self, name: str, happened: Happened) -> None:
        """What the contract test asks the outside to do."""
        if happened == Happened.CHARGED_BACK:
            self.take_back(name)
            return
        self.take_out_file()
        self.carry_out(name)
        if happened == Happened.BOUNCED:
            self.send_back(name)

    def heard(self) -> list[str]:
        """The names the rail has told of since the last time."""

        def act(db: Session) -> list[str]:
            events = inbox.waiting(db)
            for event in events:
                inbox.settle(event, at=self.at)
            return [event.outside_id for event in events]

        return self.database.run(act)
