"""Roadmap items, and the answers that tie needs to them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kit.rows import BIG, Fact, NamedRow
from app.kit.states import graph


class ItemState(StrEnum):
    """What the maintainer intends."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    DROPPED = "dropped"


graph("RoadmapItem", ItemState, {
    ItemState.PROPOSED: (ItemState.PLANNED, ItemState.DROPPED),
    ItemState.PLANNED: (ItemState.DROPPED,),
})  # fmt: skip


class RoadmapItem(NamedRow, table=True):
    """A change the software could make, answering needs."""

    __tablename__ = "roadmap_item"

    software_id: int = Field(sa_type=BIG, foreign_key="software.id", index=True)
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    title: str = Field(max_length=200)
    summary: str = Field(default="", max_length=4000)
    planned_on: date | None = None
    state: str = Field(default=ItemState.PROPOSED, max_length=12)
    proposed_at: datetime


class Verdict(StrEnum):
    """What a maintainer says to a need."""

    ANSWERED = "answered"
    DECLINED = "declined"


class Answer(Fact, table=True):
    """A maintainer answers a need with an item, or declines it with a reason; anew (`number` 2, …) after a drop."""

    __table_args__ = (UniqueConstraint("need_id", "organization_id", "number"),)

    need_id: int = Field(sa_type=BIG, foreign_key="need.id")
    organization_id: int = Field(sa_type=BIG, foreign_key="organization.id", index=True)
    number: int = 1
    item_id: int | None = Field(default=None, sa_type=BIG, foreign_key="roadmap_item.id", index=True)
    verdict: str = Field(max_length=12)
    reason: str = Field(default="", max_length=2000)
    pseudonym: str = Field(max_length=40)
