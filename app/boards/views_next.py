"""The door of what moves next: the days to come of every campaign the reader has to do with."""

from flask import g
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, or_, select

from app.boards.calendar import Clock, clocks_of
from app.boards.doors import bp
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.htmx import asked_for_a_piece, page
from app.kit.words import local_day
from app.people.access import SIGNED_IN, Actor, acting, at, only

MOST_CAMPAIGNS = 12
AT_A_GLANCE = 6
LIVE = (PledgeState.SIGNED, PledgeState.AWAITING_APPROVAL)


@bp.get("/next")
@only(SIGNED_IN)
def next_days() -> ResponseReturnValue:
    """The days to come, the first one first; a few of them as a part of the first page."""
    actor, today = acting(), day_of(at(), g.operator.zone)
    found: list[tuple[Campaign, Clock]] = [
        (campaign, clock)
        for campaign in running_for(g.db, actor)
        for clock in clocks_of(g.db, campaign, actor, at())
        if clock.on >= today
    ]
    found.sort(key=lambda one: (one[1].on, one[0].id, one[1].key))
    is_piece = asked_for_a_piece()
    return page(
        "boards/next.html", block="piece", found=found[:AT_A_GLANCE] if is_piece else found,
        is_piece=is_piece, more=len(found) > AT_A_GLANCE, today=local_day(at()),
    )  # fmt: skip


def running_for(db: Session, actor: Actor) -> list[Campaign]:
    """The newest campaigns that go on: those one pledged in or quoted, all of them for the fund."""
    query = (
        select(Campaign)
        .where(col(Campaign.state).in_([CampaignState.OPEN, CampaignState.SECURED]))
        .order_by(col(Campaign.id).desc())
        .limit(MOST_CAMPAIGNS)
    )
    if not actor.sees_everything and not actor.is_fund:
        own = actor.organization.id
        pledged = select(col(Pledge.campaign_id)).where(
            or_(col(Pledge.organization_id) == own, col(Pledge.payer_id) == own), col(Pledge.state).in_(LIVE)
        )
        quoted = select(col(Estimate.id)).where(Estimate.organization_id == own)
        query = query.where(col(Campaign.id).in_(pledged) | col(Campaign.estimate_id).in_(quoted))
    return list(db.exec(query))
