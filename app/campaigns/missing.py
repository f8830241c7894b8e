"""What a call that was not paid leaves open, and who signed to take it over, as rows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class ShortfallState(StrEnum):
    """How far the gap that an unpaid call leaves has come."""

    OPEN = "open"
    PAID = "paid"
    WAITED = "waited"
    FILLED = "filled"
    CUT = "cut"
    STOPPED = "stopped"


graph("Shortfall", ShortfallState, {
    ShortfallState.OPEN: (
        ShortfallState.PAID, ShortfallState.WAITED, ShortfallState.FILLED, ShortfallState.CUT,
        ShortfallState.STOPPED,
    ),
})  # fmt: skip


class Shortfall(NamedRow, table=True):
    """A call was not paid or work not done in time: the campaign's rule runs on what is missing."""

    __table_args__ = (CheckConstraint("(call_id IS NULL) <> (contribution_id IS NULL)", name="one_cause"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    call_id: int | None = Field(default=None, sa_type=BIG, foreign_key="call.id", index=True)
    pledge_id: int | None = Field(default=None, sa_type=BIG, foreign_key="pledge.id")
    contribution_id: int | None = Field(
        default=None, sa_type=BIG, foreign_key="in_kind_contribution.id", index=True
    )
    state: str = Field(default=ShortfallState.OPEN, max_length=12)
    rule: str = Field(max_length=14)
    # What the pledge leaves unpaid of the prices, and what of it the others' headroom does not cover.
    gap_cents: int = Field(sa_type=BIG)
    offered_cents: int = Field(sa_type=BIG)
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


class TakeOver(Fact, table=True):
    """An organization's signed word to take over so much of a gap. It counts only if the gap is filled in time."""

    __tablename__ = "take_over"
    __table_args__ = (
        UniqueConstraint("shortfall_id", "organization_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    shortfall_id: int = Field(sa_type=BIG, foreign_key="shortfall.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    person_id: int = Field(sa_type=BIG, foreign_key="person.id")
    amount_cents: int = Field(sa_type=BIG)
    rail: str = Field(max_length=20)
    po_number: str = Field(default="", max_length=60)
    publicity: str = Field(max_length=12)
    signed_text: str = Field(max_length=2000)
