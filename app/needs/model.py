"""Needs, who shares them, and backlogs on their way in."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class NeedState(StrEnum):
    """Whether others see a need."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


graph("Need", NeedState, {
    NeedState.DRAFT: (NeedState.PUBLISHED, NeedState.WITHDRAWN),
    NeedState.PUBLISHED: (NeedState.WITHDRAWN,),
})  # fmt: skip


class NeedKind(StrEnum):
    """What sort of work is missing."""

    FEATURE = "feature"
    MAINTENANCE = "maintenance"
    SECURITY = "security"
    ACCESSIBILITY = "accessibility"
    DOCUMENTATION = "documentation"


class Need(NamedRow, table=True):
    """What an organization lacks, in its own words."""

    __table_args__ = (
        Index("ix_need_listed", "state", "position"),
        Index("ix_need_title", "software_id", "title_key"),
        CheckConstraint("users >= 0", name="users"),
    )

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    software_id: int = Field(sa_type=BIG, foreign_key="software.id")
    title: str = Field(max_length=200)
    # The title as it is compared, to find doubles: lower case, without accents, cut at 200.
    title_key: str = Field(max_length=200)
    summary: str = Field(default="", max_length=4000)
    workaround: str = Field(default="", max_length=4000)
    criteria: str = Field(default="", max_length=4000)
    kind: str = Field(default=NeedKind.FEATURE, max_length=16)
    users: int = 0
    wanted_on: date | None = None
    source_url: str = Field(default="", max_length=300, index=True)
    # Since when the ticket at the source is open, where a backlog says so.
    open_since: date | None = None
    state: str = Field(default=NeedState.DRAFT, max_length=12)
    written_at: datetime
    published_at: datetime | None = None
    # Where it stands in lists, newest first: when it was written or published, and a count within that moment.
    position: int = Field(sa_type=BIG, unique=True)
    # What it is found by: marks for its filters, then its words and their stems (see search.py).
    search_text: str = Field(default="", max_length=12000)


class Endorsement(Fact, table=True):
    """Another organization misses the same; not binding."""

    __table_args__ = (
        UniqueConstraint("need_id", "organization_id"),
        CheckConstraint("users > 0", name="users"),
        CheckConstraint("budget_cents > 0", name="budget"),
    )

    need_id: int = Field(sa_type=BIG, foreign_key="need.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pseudonym: str = Field(max_length=40)
    wording: str = Field(default="", max_length=4000)
    users: int
    budget_cents: int | None = Field(default=None, sa_type=BIG)
    budget_year: int | None = None


class Backlog(NamedRow, table=True):
    """A file of needs as it came in, kept until its rows are posted."""

    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    pseudonym: str = Field(max_length=40)
    file_name: str = Field(max_length=200)
    text: str = Field(max_length=5_300_000)
    came_in_at: datetime
    posted_at: datetime | None = None
    posted_count: int = 0
