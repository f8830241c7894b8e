"""The software to choose from: to plan an item for, and to narrow the roadmap to."""

from sqlmodel import Session, col, exists, select

from app.catalogue.model import Software
from app.kit.words import _
from app.people.access import Actor
from app.roadmap.model import RoadmapItem

MOST_SOFTWARE = 500


def to_plan_for(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """The choice of a software: those the reader's organization maintains first."""
    own_id = actor.organization.id
    is_own = col(Software.maintainer_id) == own_id
    query = select(Software).order_by(is_own.desc().nulls_last(), col(Software.name_key), col(Software.id))
    return [
        (one.public_id, _("%(name)s (you maintain it)", name=one.name) if one.maintainer_id == own_id else one.name)
        for one in db.exec(query.limit(MOST_SOFTWARE))
    ]  # fmt: skip


def on_the_roadmap(db: Session, chosen: Software | None) -> list[tuple[str, str]]:
    """The software that has items, and the one chosen: any other choice would show an empty list."""
    has_items = exists().where(col(RoadmapItem.software_id) == col(Software.id))
    query = (
        select(Software)
        .where(has_items | (col(Software.id) == (chosen.id if chosen else None)))
        .order_by(col(Software.name_key), col(Software.id))
    )
    return [(one.public_id, one.name) for one in db.exec(query.limit(MOST_SOFTWARE))]
