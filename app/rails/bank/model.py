"""What a bank tells and is told: accounts, files read, lines, orders, and the files that carry them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph

NAME = "bank"


class Basis(StrEnum):
    """By what right the operator holds other people's money on a bank account."""

    SELLER = "seller"
    INSTITUTION = "institution"
    AGENT = "agent"


class AccountState(StrEnum):
    """Whether backers may pay to an account."""

    NAMED = "named"
    IN_USE = "in use"
    ENDED = "ended"


graph("BankAccount", AccountState, {
    AccountState.NAMED: (AccountState.IN_USE, AccountState.ENDED),
    AccountState.IN_USE: (AccountState.ENDED,),
})  # fmt: skip


class BankAccount(NamedRow, table=True):
    """The account money is held on, and by what right. Named by one person of the fund, put into use by another."""

    __tablename__ = "bank_account"
    __table_args__ = (
        Index(
            "uq_bank_account_in_use", "state", unique=True,
            sqlite_where=text("state = 'in use'"), postgresql_where=text("state = 'in use'"),
        ),
    )  # fmt: skip

    iban: str = Field(max_length=34, index=True)
    bic: str = Field(default="", max_length=11)
    holder: str = Field(max_length=70)
    bank_name: str = Field(default="", max_length=100)
    currency: str = Field(max_length=3)
    # Who pulls direct debits needs one; without it there are none.
    creditor_id: str = Field(default="", max_length=35)
    state: str = Field(default=AccountState.NAMED, max_length=12)
    basis: str = Field(max_length=12)
    basis_reason: str = Field(max_length=1000)
    named_by_id: int = Field(sa_type=BIG)
    named_at: datetime
    confirmed_by_id: int | None = Field(default=None, sa_type=BIG)
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None


class BankFile(Fact, table=True):
    """A file of a bank that was read, by its hash: the same file is read once."""

    __tablename__ = "bank_file"

    public_id: str = Field(max_length=32, unique=True)
    sha256: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=160)
    size: int = Field(sa_type=BIG)
    read_by_id: int | None = Field(default=None, sa_type=BIG)
    lines: int
    new_lines: int


class BankStatement(Fact, table=True):
    """What one statement says its account held before and after, in cents; None where it says nothing of it."""

    __tablename__ = "bank_statement"

    file_id: int = Field(sa_type=BIG, foreign_key="bank_file.id", index=True)
    account_id: int = Field(sa_type=BIG, foreign_key="bank_account.id", index=True)
    kind: str = Field(max_length=10)
    name: str = Field(max_length=80)
    opening_cents: int | None = Field(default=None, sa_type=BIG)
    closing_cents: int | None = Field(default=None, sa_type=BIG)
    held_cents: int | None = Field(default=None, sa_type=BIG)
    closing_on: date | None = None


class BankLine(Fact, table=True):
    """One movement on the account as the bank told it, never changed. `about` is the row of ours it speaks of."""

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("line_key"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    public_id: str = Field(max_length=32, unique=True)
    file_id: int = Field(sa_type=BIG, foreign_key="bank_file.id", index=True)
    account_id: int = Field(sa_type=BIG, foreign_key="bank_account.id", index=True)
    line_key: str = Field(max_length=60)
    entry_key: str = Field(max_length=40, index=True)
    is_credit: bool
    happened: str = Field(max_length=20)
    about: str = Field(default="", max_length=32, index=True)
    amount_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    booked_on: date | None = None
    reference: str = Field(default="", max_length=60)
    text: str = Field(default="", max_length=500)
    end_to_end_id: str = Field(default="", max_length=80, index=True)
    other_name: str = Field(default="", max_length=160)
    other_account: str = Field(default="", max_length=40)
    reason_code: str = Field(default="", max_length=10)
    reason: str = Field(default="", max_length=300)
    code: str = Field(default="", max_length=20)


class BatchKind(StrEnum):
    """What a file asks the bank to do."""

    TRANSFERS = "transfers"
    DEBITS = "debits"


class BatchState(StrEnum):
    """How far a file for the bank has come."""

    MADE = "made"
    HANDED_OVER = "handed over"
    VOID = "void"


graph("BankBatch", BatchState, {
    BatchState.MADE: (BatchState.HANDED_OVER, BatchState.VOID),
})  # fmt: skip


class BankBatch(NamedRow, table=True):
    """One file for the bank, kept as it was made. It is handed out once."""

    __tablename__ = "bank_batch"

    kind: str = Field(max_length=12)
    scheme: str = Field(default="", max_length=4)
    account_id: int = Field(sa_type=BIG, foreign_key="bank_account.id")
    message_id: str = Field(max_length=35, unique=True)
    payment_id: str = Field(max_length=35, unique=True)
    state: str = Field(default=BatchState.MADE, max_length=12)
    file: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(max_length=64)
    count: int
    total_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    execute_on: date
    made_by_id: int = Field(sa_type=BIG)
    made_at: datetime
    handed_over_by_id: int | None = Field(default=None, sa_type=BIG)
    handed_over_at: datetime | None = None


class OrderState(StrEnum):
    """How far one payment we ordered has come."""

    WAITING = "waiting"
    IN_FILE = "in file"
    DONE = "done"
    RETURNED = "returned"
    CALLED_OFF = "called off"


graph("BankOrder", OrderState, {
    OrderState.WAITING: (OrderState.IN_FILE, OrderState.CALLED_OFF),
    OrderState.IN_FILE: (OrderState.DONE, OrderState.RETURNED, OrderState.WAITING),
    OrderState.DONE: (OrderState.RETURNED,),
})  # fmt: skip


class BankOrder(NamedRow, table=True):
    """One payment to be made, or one debit to be pulled, once per key. It waits for the file that carries it."""

    __tablename__ = "bank_order"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    order_key: str = Field(max_length=160, unique=True)
    kind: str = Field(default=BatchKind.TRANSFERS, max_length=12)
    end_to_end_id: str = Field(max_length=35, unique=True)
    batch_id: int | None = Field(default=None, sa_type=BIG, foreign_key="bank_batch.id", index=True)
    mandate_id: int | None = Field(default=None, sa_type=BIG, foreign_key="bank_mandate.id")
    state: str = Field(default=OrderState.WAITING, max_length=12, index=True)
    amount_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    other_name: str = Field(max_length=160)
    other_account: str = Field(max_length=40)
    reference: str = Field(default="", max_length=140)
    due_on: date | None = None
    reason: str = Field(default="", max_length=300)
    ordered_at: datetime
    ended_at: datetime | None = None
