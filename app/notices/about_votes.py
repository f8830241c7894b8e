"""Mails about what the backers are asked, and about disputes on their way."""

from collections.abc import Iterator

from sqlmodel import Session

from app.campaigns import motions
from app.campaigns.ballot import Motion
from app.campaigns.binding import stakes_of
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, Pledge
from app.campaigns.wording_motions import about_of
from app.delivery.model import Delivery, Dispute, Reserve
from app.escrow.frozen import Freeze
from app.estimates.model import Milestone
from app.kit.words import use_language
from app.notices.readers import (
    JUDGES,
    MAKERS,
    PAYERS,
    Copy,
    maintainer_of,
    people_of,
    signed_amounts,
    the_fund,
    to,
)
from app.people.model import Organization, Role
from app.people.step import Step


def motion(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A question and its outcome: to the backers it is about, and to the maintainer."""
    about = db.get_one(Motion, step.thing_id)
    campaign = db.get_one(Campaign, about.campaign_id)
    maker = maintainer_of(db, campaign)
    stakes = motions.stakes_now(db, campaign, about)
    readers = [
        *people_of(db, stakes, motions.SPEAKERS),
        *people_of(db, [maker.id], MAKERS),
    ]  # fmt: skip
    for person, organization in readers:
        with use_language(person.language, campaign.zone):
            said = about_of(db, campaign, about)
        yield Copy(person, organization, {
            "title": campaign.title, "question": said["question"], "if_yes": said["yes"], "if_no": said["no"],
            "words": about.words, "until": about.ends_at.isoformat(), "votes": organization.id in stakes,
            "agrees": about.needs_maintainer and organization.id == maker.id,
            "url": f"{base_url}/motions/{about.public_id}",
        })  # fmt: skip


def dispute(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """How a dispute goes on: to both sides, and to the arbitrators."""
    about = db.get_one(Dispute, step.thing_id)
    delivery = db.get_one(Delivery, about.delivery_id)
    campaign = db.get_one(Campaign, delivery.campaign_id)
    maker = maintainer_of(db, campaign)
    facts = {
        "milestone": db.get_one(Milestone, delivery.milestone_id).title, "title": campaign.title,
        "maintainer": maker.name, "decide_by": about.decide_by.isoformat() if about.decide_by else "",
        "publish_at": about.publish_at.isoformat() if about.publish_at else "",
        "url": f"{base_url}/deliveries/{delivery.public_id}/dispute",
    }  # fmt: skip
    yield from to(db, the_fund(db), [Role.ARBITRATOR, Role.OFFICER], facts | {"decides": True})
    others = facts | {"decides": False}
    yield from to(db, stakes_of(db, campaign, delivery.milestone_id), JUDGES, others)
    yield from to(db, [maker.id], MAKERS, others)


def reserve(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A reserve that was mended, lifted or kept: to the backer who filed it, and to the maintainer."""
    about = db.get_one(Reserve, step.thing_id)
    delivery = db.get_one(Delivery, about.delivery_id)
    campaign = db.get_one(Campaign, delivery.campaign_id)
    maker = maintainer_of(db, campaign)
    facts = {
        "milestone": db.get_one(Milestone, delivery.milestone_id).title, "title": campaign.title,
        "maintainer": maker.name, "text": about.text, "words": about.mended_words,
        "until": about.answer_until.isoformat() if about.answer_until else "",
        "url": f"{base_url}/deliveries/{delivery.public_id}/reserves",
    }  # fmt: skip
    yield from to(db, [about.organization_id], JUDGES, facts | {"is_filer": True})
    yield from to(db, [maker.id], MAKERS, facts | {"is_filer": False})


def shortfall(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A call that was not paid, and what became of the gap: to all who depend on it."""
    about = db.get_one(Shortfall, step.thing_id)
    campaign = db.get_one(Campaign, about.campaign_id)
    facts = {
        "title": campaign.title, "rule": about.rule, "until": about.ends_at.isoformat(), "currency": campaign.currency,
        "offered": about.offered_cents, "is_work": about.contribution_id is not None,
        "url": f"{base_url}/shortfalls/{about.public_id}",
    }  # fmt: skip
    yield from to(db, signed_amounts(db, campaign), PAYERS, facts)
    yield from to(db, [maintainer_of(db, campaign).id], MAKERS, facts)
    yield from to(db, the_fund(db), [Role.OFFICER], facts)


def freeze(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A backer's further parts are frozen, or no longer: to it and to the fund's treasurers."""
    about = db.get_one(Freeze, step.thing_id)
    campaign = db.get_one(Campaign, about.campaign_id)
    backer = db.get_one(Organization, db.get_one(Pledge, about.pledge_id).organization_id)
    facts = {
        "title": campaign.title, "backer": backer.name, "claim": about.claim_cents, "currency": campaign.currency,
        "reason": about.end_reason, "url": f"{base_url}/freezes/{about.public_id}",
    }  # fmt: skip
    yield from to(db, [backer.id], PAYERS, facts | {"lifts": False})
    yield from to(db, the_fund(db), [Role.TREASURER], facts | {"lifts": True})
