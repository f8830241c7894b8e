"""What has happened, in plain words: the log of acts, as far as it concerns the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlmodel import Session, col, select

from app.boards.feed_things import Key, Thing, facts_of, things_of
from app.boards.feed_words import ABOUT_A_CAMPAIGN, OWN_ACTS, TO_THE_FUND, WORDS
from app.campaigns.model import Campaign, Pledge
from app.escrow.model import Call
from app.estimates.model import Estimate
from app.kit.money import Money
from app.kit.words import _
from app.payouts.model import Payout
from app.people.access import Actor
from app.people.model import Kind
from app.people.step import Step

MOST = 8
MOST_THINGS = 60


@dataclass(frozen=True)
class Happened:
    """One act in words, where to look at it, and when it was."""

    words: str
    url: str | None
    at: datetime


def what_happened(db: Session, actor: Actor) -> list[Happened]:
    """The last eight acts that concern the organization acted for (the fund: all), newest first."""
    steps = _of_the_house(db) if actor.sees_everything else _of_ours(db, actor)
    newest = sorted({step.id: step for step in steps}.values(), key=lambda step: -step.id)[:MOST]
    return _in_words(db, newest, WORDS | TO_THE_FUND if actor.sees_everything else WORDS)


def _of_the_house(db: Session) -> list[Step]:
    things = {thing for thing, _act in WORDS}
    acts = {act for _thing, act in WORDS}
    query = select(Step).where(col(Step.thing).in_(things), col(Step.act).in_(acts))
    return _newest(db, query, most=4 * MOST)


def _of_ours(db: Session, actor: Actor) -> list[Step]:
    """Acts on the campaigns we have to do with, our own acts, and what was done to our calls, payouts, estimates."""
    ours = actor.organization.id
    campaigns = _campaign_ids(db, actor)
    found = _newest(db, select(Step).where(
        col(Step.campaign_id).in_(campaigns), col(Step.thing).in_({thing for thing, _act in ABOUT_A_CAMPAIGN})
    ), keep=ABOUT_A_CAMPAIGN, most=4 * MOST)  # fmt: skip
    found += _newest(db, select(Step).where(Step.organization_id == ours), keep=OWN_ACTS, most=4 * MOST)
    calls = select(col(Call.id)).join(Pledge, col(Pledge.id) == col(Call.pledge_id)).where(
        Pledge.organization_id == ours).order_by(col(Call.id).desc()).limit(MOST_THINGS)  # fmt: skip
    payouts = select(col(Payout.id)).where(Payout.payee_id == ours).order_by(
        col(Payout.id).desc()).limit(MOST_THINGS)  # fmt: skip
    estimates = select(col(Estimate.id)).where(Estimate.organization_id == ours).order_by(
        col(Estimate.id).desc()).limit(MOST_THINGS)  # fmt: skip
    return found + _newest(db, select(Step).where(
        ((col(Step.thing) == "Call") & col(Step.thing_id).in_(calls))
        | ((col(Step.thing) == "Payout") & col(Step.thing_id).in_(payouts))
        | ((col(Step.thing) == "Estimate") & col(Step.thing_id).in_(estimates))
        | ((col(Step.thing) == "Organization") & (col(Step.thing_id) == ours))
    ), most=4 * MOST)  # fmt: skip


def _campaign_ids(db: Session, actor: Actor) -> list[int]:
    if actor.organization.kind == Kind.MAINTAINER:
        query = select(Campaign.id).join(Estimate, col(Estimate.id) == col(Campaign.estimate_id)).where(
            Estimate.organization_id == actor.organization.id)  # fmt: skip
    else:
        query = select(Pledge.campaign_id).where(
            Pledge.organization_id == actor.organization.id, col(Pledge.signed_at).is_not(None)
        ).order_by(col(Pledge.id).desc())  # fmt: skip
        return list(dict.fromkeys(db.exec(query.limit(MOST_THINGS))))
    return list(db.exec(query.order_by(col(Campaign.id).desc()).limit(MOST_THINGS)))


def _newest(
    db: Session, query: Any, *, keep: Iterable[tuple[str, str]] = tuple(WORDS), most: int
) -> list[Step]:
    wanted = set(keep)
    steps = db.exec(query.order_by(col(Step.id).desc()).limit(most))
    return [step for step in steps if (step.thing, step.act) in wanted and _is_told(step)][:MOST]


def _is_told(step: Step) -> bool:
    return (step.thing, step.act) != ("Call", "collect") or step.after == "paid"


def _in_words(db: Session, steps: list[Step], words: dict[tuple[str, str], str]) -> list[Happened]:
    campaigns = _by_id(db, Campaign, {step.campaign_id for step in steps if step.campaign_id})
    things = things_of(db, steps)
    calls = _by_id(db, Call, {step.thing_id for step in steps if step.thing == "Call"})
    return [_happened(step, words[step.thing, step.act], campaigns, things, calls) for step in steps]


def _happened(
    step: Step,
    sentence: str,
    campaigns: dict[int, Any],
    things: dict[Key, Thing],
    calls: dict[int, Any],
) -> Happened:
    facts = facts_of(step)
    thing = things.get((step.thing, step.thing_id))
    campaign = campaigns.get(step.campaign_id or 0)
    call = calls.get(step.thing_id) if step.thing == "Call" else None
    currency = campaign.currency if campaign else "EUR"
    amount = facts.get("amount")
    words = _(
        sentence,
        campaign=campaign.title if campaign else "",
        title=thing.title if thing and thing.title else facts.get("title", ""),
        number=call.number if call else facts.get("number", ""),
        amount=Money(amount, currency) if isinstance(amount, int) else "",
    )
    return Happened(words, _page(thing, call, campaign), step.at)


def _page(thing: Thing | None, call: Any, campaign: Any) -> str | None:
    """Where to look at it: the thing itself, else its campaign."""
    if thing:
        return thing.url
    if call:
        return url_for("escrow.show", name=call.public_id)
    return url_for("campaigns.show", name=campaign.public_id) if campaign else None


def _by_id(db: Session, kind: type[Any], ids: set[int]) -> dict[int, Any]:
    if not ids:
        return {}
    return {row.id: row for row in db.exec(select(kind).where(col(kind.id).in_(ids)))}
