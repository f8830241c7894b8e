"""Work that counts instead of money: offered, valued, agreed, done and accepted."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class InKindState(StrEnum):
    """How far an offer of work has come. It counts once agreed."""

    OFFERED = "offered"
    VALUED = "valued"
    AGREED = "agreed"
    HANDED_OVER = "handed over"
    RENDERED = "rendered"
    DECLINED = "declined"
    LAPSED = "lapsed"
    DEFAULTED = "defaulted"


graph("InKindContribution", InKindState, {
    InKindState.OFFERED: (InKindState.VALUED, InKindState.DECLINED, InKindState.LAPSED),
    InKindState.VALUED: (InKindState.AGREED, InKindState.DECLINED, InKindState.LAPSED),
    InKindState.AGREED: (InKindState.HANDED_OVER, InKindState.DEFAULTED, InKindState.LAPSED),
    InKindState.HANDED_OVER: (
        InKindState.RENDERED, InKindState.AGREED, InKindState.LAPSED,
    ),
    InKindState.DEFAULTED: (InKindState.AGREED, InKindState.LAPSED),
})  # fmt: skip


class InKindContribution(NamedRow, table=True):
    """Days of work an organization gives to one milestone. It lowers what is called in money there; never money."""

    __tablename__ = "in_kind_contribution"
    __table_args__ = (
        CheckConstraint("quarter_days > 0 AND day_rate_cents > 0 AND ceiling_cents > 0", name="offer"),
        CheckConstraint("value_cents >= 0 AND value_cents <= ceiling_cents", name="never_above_its_ceiling"),
    )

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    milestone_id: int = Field(sa_type=BIG, foreign_key="milestone.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    state: str = Field(default=InKindState.OFFERED, max_length=12)
    what: str = Field(max_length=2000)
    # Days in quarters, so that no fraction is rounded.
    quarter_days: int
    day_rate_cents: int = Field(sa_type=BIG)
    ceiling_cents: int = Field(sa_type=BIG)
    value_cents: int = Field(default=0, sa_type=BIG)
    # From its agreement on, unless it lapses before the campaign is secured: what its milestone costs less in money.
    does_count: bool = False
    due_on: date
    due_at: datetime
    offered_by_id: int = Field(sa_type=BIG, foreign_key="person.id")
    offered_at: datetime
    agreed_by_id: int | None = Field(default=None, sa_type=BIG, foreign_key="person.id")
    agreed_at: datetime | None = None
    # How long the maintainer has to answer a time sheet handed over; then silence counts as accepting it.
    review_ends_at: datetime | None = None
    # The work order: kept word for word, with its SHA-256.
    order_text: str = Field(default="", max_length=6000)
    order_hash: str = Field(default="", max_length=64)
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=1000)


class TimeSheetLine(Fact, table=True):
    """What one day's work for a contribution was. A wrong line is answered by another, of fewer quarters."""

    __tablename__ = "time_sheet_line"
    __table_args__ = (CheckConstraint("quarter_days <> 0", name="quarters"),)

    contribution_id: int = Field(sa_type=BIG, foreign_key="in_kind_contribution.id", index=True)
    worked_on: date
    quarter_days: int
    what: str = Field(max_length=500)
    pseudonym: str = Field(max_length=40)
