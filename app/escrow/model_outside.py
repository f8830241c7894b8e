"""What we know of the outside beside deposits: how a call is being paid, what payers left, disputes, lines."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow, Row
from app.kit.states import graph


class CollectionState(StrEnum):
    """How far one attempt to collect a call has come."""

    WANTED = "wanted"
    ASKED = "asked"
    PROCESSING = "processing"
    ACTION_NEEDED = "action needed"
    PAID = "paid"
    FAILED = "failed"
    DROPPED = "dropped"
    TAKEN_BACK = "taken back"


graph("Collection", CollectionState, {
    CollectionState.WANTED: (
        CollectionState.ASKED, CollectionState.ACTION_NEEDED, CollectionState.PAID, CollectionState.FAILED,
        CollectionState.DROPPED,
    ),
    CollectionState.ASKED: (
        CollectionState.PROCESSING, CollectionState.ACTION_NEEDED, CollectionState.PAID, CollectionState.FAILED,
        CollectionState.DROPPED,
    ),
    CollectionState.ACTION_NEEDED: (
        CollectionState.PROCESSING, CollectionState.PAID, CollectionState.FAILED, CollectionState.DROPPED,
    ),
    CollectionState.PROCESSING: (CollectionState.PAID, CollectionState.FAILED),
    CollectionState.PAID: (CollectionState.TAKEN_BACK,),
    CollectionState.TAKEN_BACK: (CollectionState.PAID,),
})  # fmt: skip

LIVE = text("state IN ('wanted', 'asked', 'processing', 'action needed')")
ALIVE = (
    CollectionState.WANTED, CollectionState.ASKED, CollectionState.PROCESSING, CollectionState.ACTION_NEEDED,
)  # fmt: skip


class Collection(NamedRow, table=True):
    """One attempt to collect a call on a rail that has to be asked. A call has one alive at a time."""

    __table_args__ = (
        UniqueConstraint("call_id", "attempt"),
        Index("uq_collection_alive", "call_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_collection_outside", "rail", "outside_id"),
    )

    call_id: int = Field(sa_type=BIG, foreign_key="call.id", index=True)
    rail: str = Field(max_length=20)
    means: str = Field(max_length=20)
    attempt: int = 1
    state: str = Field(default=CollectionState.WANTED, max_length=14)
    amount_cents: int = Field(sa_type=BIG)
    # What came in of it while the rest is awaited: the rail still has it, it is not on our balance.
    part_cents: int = Field(default=0, sa_type=BIG)
    payment_means_id: int | None = Field(default=None, sa_type=BIG, foreign_key="payment_means.id")
    outside_id: str = Field(default="", max_length=80)
    instructions: str = Field(default="{}", max_length=2000)
    action_url: str = Field(default="", max_length=1000)
    reason: str = Field(default="", max_length=300)
    wanted_at: datetime
    # The day announced to the payer on which its bank account is debited, not sooner.
    pull_on: date | None = None
    ended_at: datetime | None = None


class MeansStanding(StrEnum):
    """How far a saved means of payment has come."""

    ASKED = "asked"
    ACTIVE = "active"
    FAILED = "failed"
    REVOKED = "revoked"
    ENDED = "ended"
    BLOCKED = "blocked"


graph("PaymentMeans", MeansStanding, {
    MeansStanding.ASKED: (MeansStanding.ACTIVE, MeansStanding.FAILED, MeansStanding.REVOKED),
    MeansStanding.ACTIVE: (MeansStanding.REVOKED, MeansStanding.ENDED, MeansStanding.BLOCKED),
})  # fmt: skip


class PaymentMeans(NamedRow, table=True):
    """A card or a debit mandate an organization left with a rail: its name there, and as much as people recognize."""

    __tablename__ = "payment_means"

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    rail: str = Field(max_length=20)
    means: str = Field(max_length=20)
    state: str = Field(default=MeansStanding.ASKED, max_length=10)
    token: str = Field(default="", max_length=80)
    shown: str = Field(default="", max_length=40)
    expires_on: date | None = None
    reason: str = Field(default="", max_length=300)
    asked_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    asked_at: datetime
    active_at: datetime | None = None
    # When its owner was asked for another, because it ends within thirty days: once.
    warned_at: datetime | None = None
    ended_at: datetime | None = None
    # When its provider had forgotten it as well; it is told again until it has.
    let_go_at: datetime | None = None


class DisputeState(StrEnum):
    """How far a payer's bank and we disagree about a payment."""

    OPEN = "open"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"


graph("BankDispute", DisputeState, {
    DisputeState.OPEN: (DisputeState.ANSWERED, DisputeState.WON, DisputeState.LOST),
    DisputeState.ANSWERED: (DisputeState.WON, DisputeState.LOST),
    DisputeState.LOST: (DisputeState.WON,),
})  # fmt: skip


class BankDispute(NamedRow, table=True):
    """A charge-back that can be contested, with the day until when."""

    __tablename__ = "bank_dispute"
    __table_args__ = (UniqueConstraint("rail", "outside_id"),)

    rail: str = Field(max_length=20)
    outside_id: str = Field(max_length=80)
    deposit_id: int = Field(sa_type=BIG, foreign_key="deposit.id", index=True)
    state: str = Field(default=DisputeState.OPEN, max_length=10)
    reason: str = Field(default="", max_length=300)
    opened_at: datetime
    answer_by: datetime | None = None
    answered_at: datetime | None = None
    answered_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    ended_at: datetime | None = None


class RailLine(Row, table=True):
    """One line of a provider's own account of our money, as it was told. It is never edited."""

    __tablename__ = "rail_line"
    __table_args__ = (
        UniqueConstraint("rail", "line_id"),
        Index("ix_rail_line_outside", "rail", "outside_id"),
    )

    rail: str = Field(max_length=20)
    line_id: str = Field(max_length=80)
    outside_id: str = Field(max_length=80)
    happened: str = Field(max_length=20)
    amount_cents: int = Field(sa_type=BIG)
    cost_cents: int = Field(sa_type=BIG)
    currency: str = Field(max_length=3)
    at: datetime
    kept_at: datetime
