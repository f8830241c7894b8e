"""Mails about matching grants, and about work that counts instead of money."""

from collections.abc import Iterator

from sqlmodel import Session

from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, Pledge
from app.campaigns.round_rules import rules_of
from app.campaigns.wording_backing import days_text
from app.estimates.model import Milestone
from app.kit.words import use_language
from app.notices.about_beginnings import reason_of
from app.notices.readers import JUDGES, MAKERS, Copy, maintainer_of, people_of, person_named, the_fund, to
from app.people.model import Organization, PersonState, Role
from app.people.step import Step

GIVERS = (Role.APPROVER, Role.FINANCE)
# To whom each act is told: who works, who they work for, the fund.
TO_WORKER = ("value", "decline", "send back", "render", "default", "wait for")
TO_MAKER = ("offer", "decline", "agree", "hand over", "render", "default", "wait for")


def matching_grant(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """To be signed, to the colleagues who may; an offer, to the fund; what became of it, to who gives it."""
    about = db.get_one(MatchingGrant, step.thing_id)
    facts = {
        "grant": about.title, "giver": db.get_one(Organization, about.organization_id).name,
        "total": about.total_cents, "currency": about.currency, "reason": reason_of(step),
        "url": f"{base_url}/matching/{about.public_id}",
        "until": about.lapses_at.isoformat() if about.lapses_at else "",
    }  # fmt: skip
    writer, organization = person_named(db, about.offered_by_id, about.organization_id)
    facts |= {"writer": writer.name}
    if step.act == "prepare":
        yield from to(db, [about.organization_id], [Role.APPROVER], facts, but=writer.pseudonym)
    elif step.act in ("refuse", "lapse"):
        if step.pseudonym != writer.pseudonym and writer.state == PersonState.ACTIVE:
            yield Copy(writer, organization, facts)
    elif step.act == "offer":
        yield from to(db, the_fund(db), [Role.OFFICER], facts)
    else:
        yield from to(db, [about.organization_id], GIVERS, facts)


def match(db: Session, about: Pledge, base_url: str) -> Iterator[Copy]:
    """What of a grant was promised just now, to who gives it."""
    facts = {
        "amount": about.amount_cents, "currency": about.currency,
        "title": db.get_one(Campaign, about.campaign_id).title, "url": f"{base_url}/pledges/{about.public_id}",
    }  # fmt: skip
    yield from to(db, [about.organization_id], GIVERS, facts)


def contribution(db: Session, step: Step, base_url: str) -> Iterator[Copy]:
    """Work on its way: to who acts next and to who waits for it; a default to the fund too."""
    about = db.get_one(InKindContribution, step.thing_id)
    campaign = db.get_one(Campaign, about.campaign_id)
    maker = maintainer_of(db, campaign)
    readers = people_of(db, [about.organization_id], JUDGES) if step.act in TO_WORKER else []
    readers += people_of(db, [maker.id], MAKERS) if step.act in TO_MAKER else []
    readers += people_of(db, the_fund(db), [Role.OFFICER]) if step.act == "default" else []
    facts = {
        "title": campaign.title, "worker": db.get_one(Organization, about.organization_id).name,
        "maintainer": maker.name, "milestone": db.get_one(Milestone, about.milestone_id).number,
        "value": about.value_cents, "currency": campaign.currency, "due": about.due_on.isoformat(),
        "review": about.review_ends_at.isoformat() if about.review_ends_at else "", "reason": reason_of(step),
        "rule": rules_of(db, campaign).on_default, "url": f"{base_url}/work/{about.public_id}",
    }  # fmt: skip
    for person, organization in readers:
        with use_language(person.language, campaign.zone):
            days = days_text(about.quarter_days)
        yield Copy(person, organization, facts | {"days": days})
