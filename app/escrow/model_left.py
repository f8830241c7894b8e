"""Money that lies with a provider for a payer and answers no call: not on our balance, so not in the book."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.rows import BIG, NamedRow
from app.kit.states import graph


class LeftState(StrEnum):
    """How far money left with a provider has come."""

    OPEN = "open"
    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    RETURNED = "returned"
    GONE = "gone"


graph("LeftOver", LeftState, {
    LeftState.OPEN: (LeftState.PREPARED, LeftState.GONE),
    LeftState.PREPARED: (LeftState.APPROVED, LeftState.OPEN),
    LeftState.APPROVED: (LeftState.SENT, LeftState.OPEN),
    LeftState.SENT: (LeftState.RETURNED, LeftState.OPEN),
})  # fmt: skip

LIVE = text("state NOT IN ('returned', 'gone')")


class LeftOver(NamedRow, table=True):
    """What a payer sent above its calls, too late or twice, and its provider keeps for it: as it was told last."""

    __tablename__ = "left_over"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(
            "uq_left_over_live", "rail", "outside_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        ),
    )

    rail: str = Field(max_length=20)
    # The provider's name of the payer it is kept for.
    outside_id: str = Field(max_length=80)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    state: str = Field(default=LeftState.OPEN, max_length=10)
    currency: str = Field(max_length=3)
    amount_cents: int = Field(sa_type=BIG)
    seen_at: datetime
    # Who sent it, as far as the provider tells: a name, and the end of an account.
    sender_name: str = Field(default="", max_length=160, sa_column_kwargs={"server_default": ""})
    sender_account: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    # So much of it came from another account than most of its payer's money: that pays no call and goes back first.
    strange_cents: int = Field(default=0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    # So much of it goes back, once that is prepared.
    back_cents: int = Field(default=0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    # When the fund was told that its provider will not keep it much longer: once.
    hold_told_at: datetime | None = None
    # The call it is being put to; told anew, it is what is left after that.
    call_id: int | None = Field(default=None, sa_type=BIG, foreign_key="call.id")
    attempt: int = 0
    reason: str = Field(default="", max_length=300)
    prepared_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    prepared_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    approved_at: datetime | None = None
    refund_id: str = Field(default="", max_length=80, index=True)
    sent_at: datetime | None = None
    trouble: str = Field(default="", max_length=300)
    ended_at: datetime | None = None
