"""Agreed work while it is done: the time sheet, its acceptance, and what happens when it is not done in time."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from app.campaigns.in_kind import QUARTERS, by_maintainer, locked
from app.campaigns.in_kind_model import InKindContribution, InKindState, TimeSheetLine
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.reading import parties
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record


def lines_of(db: Session, contribution: InKindContribution) -> list[TimeSheetLine]:
    """The time sheet, in the order it was written."""
    query = select(TimeSheetLine).where(TimeSheetLine.contribution_id == contribution.id)
    return list(db.exec(query.order_by(col(TimeSheetLine.id))))


def quarters_done(db: Session, contribution: InKindContribution) -> int:
    """How many quarter days the time sheet holds."""
    query = select(func.coalesce(func.sum(TimeSheetLine.quarter_days), 0)).where(
        TimeSheetLine.contribution_id == contribution.id
    )
    return int(db.exec(query).one())


def note(
    db: Session, contribution: InKindContribution, *, worked_on: date, quarter_days: int, what: str, by: Actor,
    at: datetime,
) -> TimeSheetLine:  # fmt: skip
    """Write one day's work on the time sheet. A wrong line is taken back by another with fewer than no quarters."""
    require_role(by, Role.MEMBER, Role.BUYER)
    campaign, contribution = _own(db, contribution, by)
    if contribution.state != InKindState.AGREED or campaign.state != CampaignState.SECURED:
        raise Conflict("Work is noted once the campaign is secured, and until it is handed over.")
    require(what.strip(), "Please say what was done.", field="what")
    require(
        quarter_days and abs(quarter_days) <= QUARTERS * 31 and quarters_done(db, contribution) + quarter_days >= 0,
        "Please enter the days worked.", field="days",
    )  # fmt: skip
    require(worked_on <= day_of(at, campaign.zone), "This day is still to come.", field="worked_on")
    line = TimeSheetLine(
        contribution_id=contribution.id, worked_on=worked_on, quarter_days=quarter_days, what=what.strip(),
        pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    db.add(line)
    record(
        db,
        "note",
        line,
        by=by,
        at=at,
        campaign_id=campaign.id,
        quarters=quarter_days,
        day=worked_on.isoformat(),
    )
    return line


def hand_over(db: Session, contribution: InKindContribution, *, by: Actor, at: datetime) -> None:
    """Hand the time sheet to the maintainer once all days agreed are done; its clock to answer starts."""
    require_role(by, Role.MEMBER, Role.BUYER)
    campaign, contribution = _own(db, contribution, by)
    if contribution.state != InKindState.AGREED or campaign.state != CampaignState.SECURED:
        raise Conflict("There is nothing to hand over now.")
    done = quarters_done(db, contribution)
    require(
        done >= contribution.quarter_days, "%(days)s days were agreed: the time sheet does not hold them yet.",
        days=contribution.quarter_days / QUARTERS,
    )  # fmt: skip
    before = contribution.state
    move(contribution, InKindState.HANDED_OVER)
    last_day = add_business_days(day_of(at, campaign.zone), campaign.review_days)
    contribution.review_ends_at = end_of_day(last_day, campaign.zone)
    record(db, "hand over", contribution, by=by, at=at, before=before, campaign_id=campaign.id, quarters=done)


def accept(db: Session, contribution: InKindContribution, *, by: Actor, at: datetime) -> None:
    """The maintainer takes the work: it is rendered."""
    campaign, contribution = by_maintainer(db, contribution, by)
    stand_aside(db, by, {contribution.organization_id}, at=at)
    if contribution.state != InKindState.HANDED_OVER:
        raise Conflict("This time sheet is not handed over, or was answered already.")
    _render(db, campaign, contribution, by=by, at=at)


def send_back(db: Session, contribution: InKindContribution, *, reason: str, by: Actor, at: datetime) -> None:
    """The maintainer says what is missing: the work goes on until its due day."""
    campaign, contribution = by_maintainer(db, contribution, by)
    stand_aside(db, by, {contribution.organization_id}, at=at)
    require(reason.strip(), "Please say what is missing.", field="reason")
    if contribution.state != InKindState.HANDED_OVER:
        raise Conflict("This time sheet is not handed over, or was answered already.")
    before = contribution.state
    move(contribution, InKindState.AGREED)
    contribution.review_ends_at = None
    record(
        db,
        "send back",
        contribution,
        by=by,
        at=at,
        before=before,
        campaign_id=campaign.id,
        reason=reason.strip(),
    )


def wait_for(
    db: Session, contribution: InKindContribution, *, days: int, reason: str, by: Actor, at: datetime
) -> None:
    """The fund gives work that was not done in time more days, with a reason everyone can read."""
    require_role(by, Role.OFFICER)
    campaign, contribution = locked(db, contribution)
    aside = stand_aside(db, by, parties(db, campaign) | {contribution.organization_id}, at=at)
    require(1 <= days <= 90, "Between 1 and 90 more days, please.", field="days")
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    before = contribution.state
    move(contribution, InKindState.AGREED)
    contribution.due_on = day_of(at, campaign.zone) + timedelta(days=days)
    contribution.due_at = end_of_day(contribution.due_on, campaign.zone)
    record(
        db, "wait for", contribution, by=by, at=at, before=before, campaign_id=campaign.id,
        until=contribution.due_on.isoformat(), reason=reason.strip(), aside=aside,
    )  # fmt: skip


def overdue(db: Session, at: datetime) -> list[int]:
    """Agreed work past its day, and time sheets nobody answered: the worker acts on each by itself."""
    late = (col(InKindContribution.state) == InKindState.AGREED) & (col(InKindContribution.due_at) <= at)
    silent = (col(InKindContribution.state) == InKindState.HANDED_OVER) & (
        col(InKindContribution.review_ends_at) <= at
    )
    query = (
        select(InKindContribution.id)
        .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
        .where(late | silent, Campaign.state == CampaignState.SECURED)
    )
    return list(db.exec(query.order_by(col(InKindContribution.id))))


def count_time(db: Session, contribution_id: int, at: datetime) -> None:
    """Time is over: work not handed over is in default; a time sheet nobody answered is accepted."""
    campaign, contribution = locked(db, db.get_one(InKindContribution, contribution_id))
    if campaign.state != CampaignState.SECURED:
        return
    if contribution.state == InKindState.AGREED and contribution.due_at <= at:
        before = contribution.state
        move(contribution, InKindState.DEFAULTED)
        record(
            db, "default", contribution, by=None, at=at, before=before, campaign_id=campaign.id,
            value=contribution.value_cents,
        )  # fmt: skip
    elif (
        contribution.state == InKindState.HANDED_OVER
        and contribution.review_ends_at is not None
        and contribution.review_ends_at <= at
    ):
        _render(db, campaign, contribution, by=None, at=at)


def _render(
    db: Session, campaign: Campaign, contribution: InKindContribution, *, by: Actor | None, at: datetime
) -> None:
    before = contribution.state
    move(contribution, InKindState.RENDERED)
    contribution.ended_at = at
    record(
        db, "render", contribution, by=by, at=at, before=before, campaign_id=campaign.id,
        value=contribution.value_cents, by_silence=by is None,
    )  # fmt: skip


def _own(db: Session, contribution: InKindContribution, by: Actor) -> tuple[Campaign, InKindContribution]:
    if contribution.organization_id != by.organization.id:
        raise Missing
    return locked(db, contribution)
