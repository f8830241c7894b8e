"""More time for a milestone: asked by its maintainer, granted by its backers, by the campaign's rule."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.model import Campaign, CampaignState
from app.delivery.model import Extension
from app.delivery.standing import due_of, has_ended, maintainer_id
from app.estimates.model import Milestone
from app.kit.rules import Conflict, Missing, require
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.step import record

LONGEST = timedelta(days=366)


def ask_for_time(
    db: Session,
    campaign: Campaign,
    milestone: Milestone,
    *,
    until_on: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> Motion:
    """The maintainer asks for another day; the milestone's backers vote. Its price stays."""
    require_role(by, Role.MEMBER)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    campaign = campaigns.lock(db, campaign.id)
    if has_ended(db, campaign, milestone):
        raise Conflict("This milestone has ended.")
    require(
        milestone.id in {m.id for m in campaigns.scoped_milestones(db, campaign)},
        "This milestone is not financed.",
    )
    due = due_of(db, milestone)
    require(
        due < until_on <= due + LONGEST,
        "Please choose a day after %(day)s, within a year.",
        field="until_on",
        day=due,
    )
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    return motions.put(
        db,
        campaign,
        MotionKind.EXTENSION,
        words=reason,
        milestone_id=milestone.id,
        day=until_on,
        by=by,
        at=at,
    )


def extend_as_voted(db: Session, motion: Motion, *, at: datetime) -> None:
    """The backers said yes: the milestone is due on the day they were asked for."""
    campaign, motion = motions.locked(db, motion)
    milestone = db.get_one(Milestone, motion.milestone_id)
    is_possible = campaign.state == CampaignState.SECURED and not has_ended(db, campaign, milestone)
    motions.carry_out(db, motion, is_possible=is_possible, at=at)
    if not is_possible or motion.day is None:
        return
    made = Extension(
        campaign_id=campaign.id, milestone_id=milestone.id, motion_id=motion.id, until_on=motion.day, at=at
    )
    db.add(made)
    record(
        db, "extend", made, by=None, at=at, campaign_id=campaign.id, milestone=milestone.number,
        until=motion.day.isoformat(),
    )  # fmt: skip


def extensions_of(db: Session, milestone: Milestone) -> list[Extension]:
    """The days that were granted, in order."""
    query = select(Extension).where(Extension.milestone_id == milestone.id)
    return list(db.exec(query.order_by(col(Extension.id))))
