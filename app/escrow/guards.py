"""What stands before a call: the cascade, and how long the rail may hold money."""

import json
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Part, Pledge
from app.campaigns.round_rules import rules_of
from app.escrow.model import Tranche
from app.estimates.model import Milestone
from app.kit.clock import day_of
from app.kit.rules import Conflict
from app.people.step import Step
from app.rails.switched_on import CAPABILITIES

SPARE_DAYS = 30
GRANTED = ("accepted", "accepted with reserves", "part accepted")


def require_last_accepted(db: Session, campaign: Campaign) -> None:
    """With the cascade, go on only once every milestone called so far was accepted, at least in part."""
    if not rules_of(db, campaign).is_cascade:
        return
    called = set(db.exec(select(Tranche.number).where(Tranche.campaign_id == campaign.id)))
    planned = campaigns.planned_tranches(db, campaign)
    accepted = accepted_numbers(db, campaign)
    for milestone in campaigns.scoped_milestones(db, campaign):
        if planned[milestone.id] in called and milestone.number not in accepted:
            raise Conflict(
                "By the cascade, the next tranche is called only once “%(title)s” is accepted. Otherwise the campaign "
                "may be stopped here.", title=milestone.title,
            )  # fmt: skip


def accepted_numbers(db: Session, campaign: Campaign) -> set[int]:
    """The numbers of the milestones of which something was accepted, as the log of acts says."""
    query = select(Step.thing_id, Step.act, Step.facts).where(
        Step.campaign_id == campaign.id, Step.thing == "Delivery", col(Step.act).in_(["hand in", *GRANTED])
    )
    number_of: dict[int, int] = {}
    accepted = set()
    for delivery_id, act, facts in db.exec(query.order_by(col(Step.id))):
        if act == "hand in":
            number_of[delivery_id] = int(json.loads(facts)["milestone"])
        else:
            accepted.add(number_of[delivery_id])
    return accepted


def require_held_long_enough(db: Session, campaign: Campaign, tranche: int, *, at: datetime) -> None:
    """Go on only if every rail in use may hold the money until each milestone is due, and thirty days more."""
    today = day_of(at, campaign.zone)
    query = (
        select(Pledge.rail, Milestone)
        .join(Part, col(Part.pledge_id) == col(Pledge.id))
        .join(Milestone, col(Milestone.id) == col(Part.milestone_id))
        .where(
            Part.campaign_id == campaign.id,
            Part.price_cents > 0,
            ~col(Pledge.is_after_acceptance),
            campaigns.is_live(),
        )
        .distinct()
    )
    planned = campaigns.planned_tranches(db, campaign)
    for rail, milestone in db.exec(query):
        days = hold_days(rail)
        needed = planned_days(milestone.due_on, today)
        if planned[milestone.id] == tranche and days is not None and needed + SPARE_DAYS > days:
            raise Conflict(
                "“%(title)s” is planned for %(needed)s days, and %(spare)s days are added to be safe: this way of "
                "paying holds money for %(days)s days only. Use a bank transfer, or split the milestone.",
                title=milestone.title, needed=needed, spare=SPARE_DAYS, days=days,
            )  # fmt: skip


def planned_days(due_on: date, today: date) -> int:
    """How long money called today is held until the work is due."""
    return max(0, (due_on - today) // timedelta(days=1))


def hold_days(rail: str) -> int | None:
    """How long a rail may hold money; None without a limit."""
    known = CAPABILITIES.get(rail)
    return known.hold_days if known else None
