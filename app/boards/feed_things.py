"""What the acts of the feed were done to: its title, and the page that shows it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlmodel import Session, col, select

from app.delivery.model import Delivery, Dispute
from app.estimates.model import Estimate, Milestone
from app.needs.model import Need
from app.payouts.model import Payout
from app.people.model import Organization
from app.people.step import Step
from app.roadmap.model import RoadmapItem

Key = tuple[str, int]


@dataclass(frozen=True)
class Thing:
    """What one act was done to, as the feed tells it."""

    url: str
    title: str | None = None


# The things an act names by themselves: which page shows one.
PAGES: dict[str, tuple[type[Any], str]] = {
    "Estimate": (Estimate, "estimates.show"),
    "RoadmapItem": (RoadmapItem, "roadmap.show"),
    "Organization": (Organization, "people.show"),
    "Payout": (Payout, "payouts.show"),
}


def things_of(db: Session, steps: list[Step]) -> dict[Key, Thing]:
    """What these acts were done to, as far as it has a title or a page of its own: one query for each kind."""
    return _milestones(db, steps) | _needs(db, steps) | _others(db, steps)


def facts_of(step: Step) -> dict[str, Any]:
    """What is kept with an act."""
    facts: dict[str, Any] = json.loads(step.facts)
    return facts


def _ids(steps: Iterable[Step], thing: str) -> set[int]:
    return {step.thing_id for step in steps if step.thing == thing}


def _milestones(db: Session, steps: list[Step]) -> dict[Key, Thing]:
    """Deliveries, disputes and long stops stand under the title of their milestone."""
    found: dict[Key, Thing] = {}
    queries: dict[str, tuple[Any, str]] = {
        "Delivery": (select(Delivery.id, Delivery.public_id, Milestone.title).join(
            Milestone, col(Milestone.id) == col(Delivery.milestone_id)), "delivery.show"),
        "Dispute": (select(Dispute.id, Delivery.public_id, Milestone.title).join(
            Delivery, col(Delivery.id) == col(Dispute.delivery_id)).join(
            Milestone, col(Milestone.id) == col(Delivery.milestone_id)), "delivery.show"),
        "Milestone": (select(Milestone.id, Milestone.public_id, Milestone.title), "delivery.milestone"),
    }  # fmt: skip
    keys = {"Delivery": col(Delivery.id), "Dispute": col(Dispute.id), "Milestone": col(Milestone.id)}
    for thing, (query, page) in queries.items():
        if ids := _ids(steps, thing):
            for number, name, title in db.exec(query.where(keys[thing].in_(ids))):
                found[thing, number] = Thing(url_for(page, name=name), title)
    return found


def _needs(db: Session, steps: list[Step]) -> dict[Key, Thing]:
    """The needs that were published or endorsed."""
    published = _ids(steps, "Need")
    endorsed = {
        str(facts_of(step).get("need")): step.thing_id for step in steps if step.thing == "Endorsement"
    }
    if not published and not endorsed:
        return {}
    query = select(Need.id, Need.public_id, Need.title).where(
        col(Need.id).in_(published) | col(Need.public_id).in_(endorsed)
    )
    found: dict[Key, Thing] = {}
    for number, name, title in db.exec(query):
        thing = Thing(url_for("needs.show", name=name), title)
        found["Need", number or 0] = thing
        if name in endorsed:
            found["Endorsement", endorsed[name]] = thing
    return found


def _others(db: Session, steps: list[Step]) -> dict[Key, Thing]:
    found: dict[Key, Thing] = {}
    for thing, (kind, page) in PAGES.items():
        if ids := _ids(steps, thing):
            for number, name in db.exec(select(kind.id, kind.public_id).where(col(kind.id).in_(ids))):
                found[thing, number] = Thing(url_for(page, name=name))
    return found
