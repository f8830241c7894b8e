"""Questions put to the backers of a campaign, and their answers, as rows."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class MotionState(StrEnum):
    """How far a question put to the backers has come: a carried one is then carried out, or overtaken."""

    OPEN = "open"
    CARRIED = "carried"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    OVERTAKEN = "overtaken"


graph("Motion", MotionState, {
    MotionState.OPEN: (MotionState.CARRIED, MotionState.LOST, MotionState.WITHDRAWN, MotionState.OVERTAKEN),
    MotionState.CARRIED: (MotionState.DONE, MotionState.OVERTAKEN),
})  # fmt: skip


class MotionKind(StrEnum):
    """What backers vote about."""

    SETTLEMENT = "settlement"
    EXTENSION = "extension"
    AMENDMENT = "amendment"
    SCOPE = "scope"
    STOP = "stop"


class Motion(NamedRow, table=True):
    """A question put to a campaign's backers (or to those of one milestone), with the day by which they answer."""

    __table_args__ = (Index("ix_motion_due", "state", "ends_at"),)

    campaign_id: int = Field(sa_type=BIG, foreign_key="campaign.id", index=True)
    kind: str = Field(max_length=12)
    state: str = Field(default=MotionState.OPEN, max_length=12)
    milestone_id: int | None = Field(default=None, sa_type=BIG, foreign_key="milestone.id")
    # The row it is about, in the room that carries it out: a dispute, a call that was not paid.
    thing_id: int | None = Field(default=None, sa_type=BIG)
    # What it proposes: an amount of the milestone's price, or a day.
    cents: int | None = Field(default=None, sa_type=BIG)
    day: date | None = None
    words: str = Field(default="", max_length=4000)
    # Nobody where the campaign's rule asks; the maintainer's own organization where it proposes.
    organization_id: int | None = Field(default=None, sa_type=BIG, foreign_key="organization.id")
    # Whose default it is about: it does not vote.
    excluded_pledge_id: int | None = Field(default=None, sa_type=BIG, foreign_key="pledge.id")
    # The maintainer's word, where its yes is needed besides the backers'.
    needs_maintainer: bool = False
    maintainer_agreed_at: datetime | None = None
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


class Voice(Fact, table=True):
    """One organization's answer to a motion."""

    __table_args__ = (UniqueConstraint("motion_id", "organization_id"),)

    motion_id: int = Field(sa_type=BIG, foreign_key="motion.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id")
    is_yes: bool
    weight: int = Field(sa_type=BIG)
    reason: str = Field(default="", max_length=2000)
    pseudonym: str = Field(max_length=40)
