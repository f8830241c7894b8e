"""Refunds their rail does not give back any more, paid by another means."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow
from app.kit.states import graph


class ElsewhereState(StrEnum):
    """How far the word of one person, that a refund was paid by another means, has come."""

    WRITTEN = "written down"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


graph("PaidElsewhere", ElsewhereState, {
    ElsewhereState.WRITTEN: (ElsewhereState.CONFIRMED, ElsewhereState.DROPPED),
})  # fmt: skip

STANDS = text("state <> 'dropped'")


class PaidElsewhere(NamedRow, table=True):
    """A refund paid by another means than its rail: written down by one person, confirmed by another, booked once."""

    __tablename__ = "paid_elsewhere"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(
            "uq_paid_elsewhere_stands", "payout_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS
        ),
    )

    payout_id: int = Field(sa_type=BIG, foreign_key="payout.id", index=True)
    rail: str = Field(max_length=20)
    state: str = Field(default=ElsewhereState.WRITTEN, max_length=14)
    currency: str = Field(max_length=3)
    amount_cents: int = Field(sa_type=BIG)
    # By which means, and what it is called there: so that it can be found on another statement.
    means: str = Field(max_length=160)
    reference: str = Field(max_length=140)
    paid_on: date
    reason: str = Field(max_length=300)
    written_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    written_at: datetime
    confirmed_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    confirmed_at: datetime | None = None
