"""A backer whose payment was taken back after it was released: its further parts wait, as rows."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from app.kit.rows import BIG, NamedRow
from app.kit.states import graph


class FreezeState(StrEnum):
    """Whether a backer's further parts wait still, and why they no longer do."""

    STANDING = "standing"
    SETTLED = "settled"
    LIFTED = "lifted"


graph("Freeze", FreezeState, {
    FreezeState.STANDING: (FreezeState.SETTLED, FreezeState.LIFTED),
})  # fmt: skip


class Freeze(NamedRow, table=True):
    """A backer's bank took back what was released already: nothing more of its pledge is spent for now."""

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    pledge_id: int = Field(sa_type=BIG, foreign_key="pledge.id", index=True)
    deposit_id: int = Field(sa_type=BIG, foreign_key="deposit.id")
    state: str = Field(default=FreezeState.STANDING, max_length=12)
    claim_cents: int = Field(sa_type=BIG)
    frozen_at: datetime
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=1000)
