"""The whole house at a glance: what is held, owed and released, which campaigns are on."""

from dataclasses import dataclass

from flask import current_app
from sqlmodel import Session, col, func, select

from app.boards.kept import kept
from app.campaigns.model import Campaign, CampaignState
from app.catalogue.model import Software
from app.escrow.model import Release
from app.escrow.sums import Book, book
from app.estimates.model import Estimate
from app.kit.money import Cents
from app.roadmap.model import RoadmapItem

PUBLIC = (
    CampaignState.OPEN, CampaignState.SECURED, CampaignState.COMPLETED, CampaignState.STOPPED, CampaignState.FAILED,
)  # fmt: skip
LATEST = 6


@dataclass(frozen=True)
class House:
    """What anybody may know: cents with VAT held for backers now, released so far, and how many campaigns are open."""

    held: Cents
    released: Cents
    open_campaigns: int


def house_book(db: Session, version: object) -> Book:
    """Every kind of account, as it stands after the act numbered `version`."""
    return kept("book", lambda: book(db, rails()), version=version)


def rails() -> tuple[str, ...]:
    """The rails that are switched on."""
    names: tuple[str, ...] = current_app.config["SETTINGS"].rails
    return names


def house(db: Session) -> House:
    """The three figures of the front page, at most a minute old."""

    def count() -> House:
        released = select(func.coalesce(func.sum(Release.price_cents + Release.vat_cents), 0))
        open_now = select(func.count()).where(Campaign.state == CampaignState.OPEN)
        return House(
            book(db, rails()).of("held", "held-vat", "held-fee"),
            int(db.exec(released).one()),
            int(db.exec(open_now).one()),
        )

    return kept("house", count)


def latest_campaigns(db: Session) -> list[tuple[Campaign, str]]:
    """The newest campaigns anybody may see, with their software."""
    query = (
        select(Campaign, Software.name)
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .where(col(Campaign.state).in_(PUBLIC))
        .order_by(col(Campaign.id).desc())
        .limit(LATEST)
    )
    return list(db.exec(query))
