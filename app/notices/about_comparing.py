"""Mails before the award: questions to those who can answer, answers to everybody who quotes, the award itself."""

from collections.abc import Iterator

from sqlmodel import Session

from app.estimates.asking import asking_organizations, bidders
from app.estimates.model import Estimate, Question, Reply, WorkAward
from app.notices.readers import MAKERS, Copy, the_fund, to
from app.people.model import Organization, Role
from app.people.step import Step
from app.roadmap.model import RoadmapItem


def question(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A question to those who share the need, to the fund, and to the maintainer it is about."""
    asked = db.get_one(Question, step.thing_id)
    item = db.get_one(RoadmapItem, asked.item_id)
    facts = _facts(db, item, asked.organization_id, asked.text, base_url)
    answering = asking_organizations(db, item)
    if asked.estimate_id is not None:
        answering.add(db.get_one(Estimate, asked.estimate_id).organization_id)
    yield from to(db, answering - {asked.organization_id}, [Role.MEMBER], facts)
    yield from to(db, the_fund(db), [Role.OFFICER], facts, but=step.pseudonym)


def reply(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """An answer to everybody who quotes, and to those who asked."""
    said = db.get_one(Reply, step.thing_id)
    asked = db.get_one(Question, said.question_id)
    item = db.get_one(RoadmapItem, asked.item_id)
    facts = _facts(db, item, said.organization_id, said.text, base_url)
    yield from to(db, bidders(db, item) | {asked.organization_id}, MAKERS, facts, but=step.pseudonym)


def work_award(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """The award, with its reasons, to those who share the need; those who quoted get their own decision."""
    award = db.get_one(WorkAward, step.thing_id)
    item = db.get_one(RoadmapItem, award.item_id)
    chosen = db.get_one(Estimate, award.estimate_id)
    facts = {
        "title": item.title, "maintainer": db.get_one(Organization, chosen.organization_id).name,
        "reason": award.reasons, "url": f"{base_url}/estimates/comparison/{item.public_id}",
    }  # fmt: skip
    yield from to(db, asking_organizations(db, item), [Role.MEMBER], facts)


def _facts(db: Session, item: RoadmapItem, organization_id: int, text: str, base_url: str) -> dict[str, str]:
    return {
        "title": item.title, "asker": db.get_one(Organization, organization_id).name, "text": text,
        "url": f"{base_url}/estimates/comparison/{item.public_id}",
    }  # fmt: skip
