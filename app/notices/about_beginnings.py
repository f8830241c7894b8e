"""Mails about organizations, answers to needs, roadmap items and estimates."""

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from app.catalogue.model import Software
from app.estimates.model import Estimate
from app.estimates.rules import milestones_of, total_cents
from app.needs.model import Endorsement, Need
from app.notices.readers import MAKERS, Copy, the_fund, to
from app.people.model import Organization, Role
from app.people.step import Step
from app.roadmap.model import Answer, RoadmapItem


def reason_of(step: Step) -> str:
    """The reason kept with an act."""
    return str(json.loads(step.facts).get("reason", ""))


def organization(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """An application to the officers, a decision to the organization's administrators."""
    about = db.get_one(Organization, step.thing_id)
    facts: dict[str, Any] = {
        "applicant": about.name, "reason": reason_of(step), "url": f"{base_url}/organizations/{about.public_id}",
    }  # fmt: skip
    if step.act == "apply":
        yield from to(db, the_fund(db), [Role.OFFICER], facts)
    else:
        yield from to(db, [about.id], [Role.ADMIN], facts)


def answer(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """What a maintainer said to a need, to those who wrote it."""
    said = db.get_one(Answer, step.thing_id)
    need = db.get_one(Need, said.need_id)
    facts = {
        "title": need.title, "maintainer": db.get_one(Organization, said.organization_id).name,
        "reason": said.reason, "url": f"{base_url}/needs/{need.public_id}",
    }  # fmt: skip
    yield from to(db, [need.organization_id], [Role.MEMBER], facts)


def roadmap_item(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A plan, or its end, to those who wrote or share a need it answers."""
    item = db.get_one(RoadmapItem, step.thing_id)
    facts = {
        "title": item.title, "software": db.get_one(Software, item.software_id).name, "reason": reason_of(step),
        "planned_on": item.planned_on.isoformat() if item.planned_on else "",
        "maintainer": db.get_one(Organization, item.organization_id).name,
        "url": f"{base_url}/roadmap/{item.public_id}",
    }  # fmt: skip
    yield from to(db, waiting_for(db, item.id), [Role.MEMBER], facts)


def waiting_for(db: Session, item_id: int) -> set[int]:
    """The organizations that wrote or share a need a roadmap item answers."""
    answered = select(col(Answer.need_id)).where(Answer.item_id == item_id)
    wrote = db.exec(select(Need.organization_id).where(col(Need.id).in_(answered)))
    share = db.exec(select(Endorsement.organization_id).where(col(Endorsement.need_id).in_(answered)))
    return {*wrote, *share}


def estimate(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A submitted estimate to the officers, the decision to the maintainer."""
    priced = db.get_one(Estimate, step.thing_id)
    facts = {
        "number": priced.number, "title": db.get_one(RoadmapItem, priced.item_id).title,
        "total": total_cents(milestones_of(db, priced)), "currency": priced.currency,
        "maintainer": db.get_one(Organization, priced.organization_id).name,
        "valid_until": priced.valid_until.isoformat() if priced.valid_until else "",
        "reason": reason_of(step), "url": f"{base_url}/estimates/{priced.public_id}",
    }  # fmt: skip
    if step.act == "submit":
        yield from to(db, the_fund(db), [Role.OFFICER], facts)
    else:
        yield from to(db, [priced.organization_id], MAKERS, facts)
