"""Payouts, what they cover, and where they go."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow, Row
from app.kit.states import graph


class PayoutState(StrEnum):
    """How far money on its way out has come."""

    DUE = "due"
    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    PAID = "paid"
    BOUNCED = "bounced"
    ON_HOLD = "on hold"
    SETTLED = "settled"


graph("Payout", PayoutState, {
    PayoutState.DUE: (PayoutState.PREPARED, PayoutState.ON_HOLD, PayoutState.SETTLED),
    PayoutState.PREPARED: (PayoutState.APPROVED, PayoutState.DUE),
    PayoutState.APPROVED: (PayoutState.SENT, PayoutState.DUE),
    PayoutState.SENT: (PayoutState.PAID, PayoutState.BOUNCED),
    # A bank may return what it had booked days before.
    PayoutState.PAID: (PayoutState.BOUNCED, PayoutState.SETTLED),
    PayoutState.BOUNCED: (PayoutState.DUE,),
    PayoutState.ON_HOLD: (PayoutState.DUE,),
})  # fmt: skip

LIVE = text("state NOT IN ('paid', 'settled')")


class PayoutKind(StrEnum):
    """Whether money goes on to a maintainer or back to a backer."""

    MAINTAINER = "maintainer"
    REFUND = "refund"


class AccountState(StrEnum):
    """Whether an organization is paid on an account."""

    WAITING = "waiting"
    CHECKED = "checked"
    IN_USE = "in use"
    REFUSED = "refused"


graph("PayeeAccount", AccountState, {
    AccountState.WAITING: (AccountState.CHECKED, AccountState.IN_USE, AccountState.REFUSED),
    AccountState.CHECKED: (AccountState.IN_USE, AccountState.REFUSED),
})  # fmt: skip


class PayeeAccount(NamedRow, table=True):
    """Where an organization is paid. The newest one in use counts; a payout pins the one it was approved for.

    The first is in use at once; one that takes the place of another waits for some days and for two of the fund.
    """

    __tablename__ = "payee_account"

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    rail: str = Field(max_length=20)
    holder: str = Field(max_length=160)
    account: str = Field(max_length=40)
    named_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    named_at: datetime
    state: str = Field(
        default=AccountState.WAITING, max_length=12, sa_column_kwargs={"server_default": AccountState.IN_USE}
    )
    is_change: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    waits_until: datetime | None = None
    checked_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    confirmed_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    decided_at: datetime | None = None


class Payout(NamedRow, table=True):
    """Money sent out of the house for one account of the book."""

    __table_args__ = (
        CheckConstraint("amount_cents > 0 OR state IN ('due', 'on hold', 'settled')", name="amount"),
        # One live payout an account: what is owed cannot be sent twice side by side.
        Index("uq_payout_live", "account_code", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    kind: str = Field(max_length=12)
    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    payee_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pledge_id: int | None = Field(default=None, sa_type=BIG, foreign_key="pledge.id", index=True)
    rail: str = Field(max_length=20)
    account_code: str = Field(max_length=120)
    state: str = Field(default=PayoutState.DUE, max_length=12)
    currency: str = Field(max_length=3)
    amount_cents: int = Field(default=0, sa_type=BIG)
    to_name: str = Field(default="", max_length=160)
    to_account: str = Field(default="", max_length=40)
    due_at: datetime
    prepared_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    prepared_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    approved_at: datetime | None = None
    # The hash of what was prepared; the approval and the sending hold only for exactly this.
    pinned: str = Field(default="", max_length=64)
    attempt: int = 0
    outside_id: str = Field(default="", max_length=80)
    sent_at: datetime | None = None
    paid_at: datetime | None = None
    reason: str = Field(default="", max_length=300)


class Comparison(Fact, table=True):
    """What a rail and the book said of each other at one moment, in cents, and where they differ, line by line."""

    __table_args__ = (Index("ix_comparison_rail", "rail", "id"),)

    rail: str = Field(max_length=20)
    outside_cents: int = Field(sa_type=BIG)
    book_cents: int = Field(sa_type=BIG)
    is_equal: bool
    lines: str = Field(default="[]", max_length=20000)


class Explanation(Fact, table=True):
    """What the fund says of a line of the outside that is nobody's payment: its own money, or a charge paid from it."""

    __table_args__ = (UniqueConstraint("rail", "outside_id"),)

    rail: str = Field(max_length=20)
    outside_id: str = Field(max_length=80)
    amount_cents: int = Field(sa_type=BIG)
    reason: str = Field(max_length=300)
    by_id: int = Field(sa_type=BIG, foreign_key="person.id")


class PayoutLine(Row, table=True):
    """Which release or refund a payout pays. Each is paid by one payout."""

    __tablename__ = "payout_line"
    __table_args__ = (CheckConstraint("(release_id IS NULL) <> (refund_id IS NULL)", name="one_of_both"),)

    payout_id: int = Field(sa_type=BIG, foreign_key="payout.id", index=True)
    release_id: int | None = Field(default=None, sa_type=BIG, foreign_key="release.id", unique=True)
    refund_id: int | None = Field(default=None, sa_type=BIG, foreign_key="refund.id", unique=True)
