"""Mails about campaigns and pledges. A backer reads sums over all and its own amount, nothing of another's."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from app.campaigns.model import Campaign, CampaignState, Pledge
from app.estimates.model import Estimate
from app.notices import about_backing
from app.notices.about_beginnings import reason_of, waiting_for
from app.notices.readers import (
    MAKERS,
    PAYERS,
    Copy,
    maintainer_of,
    people_of,
    person_named,
    signed_amounts,
    to,
)
from app.people.model import PersonState, Role
from app.people.step import Step


def campaign_facts(db: Session, about: Campaign, base_url: str) -> dict[str, Any]:
    """What anybody may know of a campaign; not what is pledged in all, which could tell a hidden amount."""
    return {
        "title": about.title, "currency": about.currency, "minimum": about.minimum_cents,
        "deadline": about.deadline_on.isoformat(), "reason": about.end_reason,
        "maintainer": maintainer_of(db, about).name, "url": f"{base_url}/campaigns/{about.public_id}",
    }  # fmt: skip


def campaign(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """An opening to those who miss what it pays for; an end to each backer with its own amount, and the maintainer."""
    about = db.get_one(Campaign, step.thing_id)
    facts = campaign_facts(db, about, base_url) | {"own": 0}
    if step.after == CampaignState.OPEN:
        item_id = db.get_one(Estimate, about.estimate_id).item_id
        yield from to(db, waiting_for(db, item_id), [Role.MEMBER, Role.BUYER], facts)
    else:
        own = signed_amounts(db, about)
        for person, organization in people_of(db, own, PAYERS):
            yield Copy(person, organization, facts | {"own": own[organization.id]})
    yield from to(db, [maintainer_of(db, about).id], MAKERS, facts)


def pledge(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """A pledge that waits for a signature to the approvers; the signature or the refusal to who wrote it."""
    about = db.get_one(Pledge, step.thing_id)
    if step.act == "match":
        yield from about_backing.match(db, about, base_url)
        return
    campaign_of_it = db.get_one(Campaign, about.campaign_id)
    writer, organization = person_named(db, about.prepared_by_id, about.organization_id)
    facts = {
        "amount": about.amount_cents, "currency": about.currency, "title": campaign_of_it.title,
        "deadline": campaign_of_it.deadline_on.isoformat(), "writer": writer.name, "reason": reason_of(step),
        "url": f"{base_url}/pledges/{about.public_id}",
    }  # fmt: skip
    if step.act == "ask to sign":
        yield from to(db, [about.organization_id], [Role.APPROVER], facts, but=writer.pseudonym)
    elif step.pseudonym != writer.pseudonym and writer.state == PersonState.ACTIVE:
        yield Copy(writer, organization, facts)
