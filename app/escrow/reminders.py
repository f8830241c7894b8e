"""Reminders of calls that are not paid: a week before their last day, on it, and three days after."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState
from app.escrow.announced import being_pulled
from app.escrow.calls import UNPAID
from app.escrow.model import Call, CallState
from app.kit.clock import day_of
from app.people.step import record

# Days from the last day on which a call can be paid in time.
REMINDERS = (-7, 0, 3)
FEWEST_DAYS_AFTER_ISSUE = 2


def last_day_of(call: Call, zone: str) -> date:
    """The last day on which a call is paid in time."""
    return day_of(call.window_ends_at - timedelta(microseconds=1), zone)


def reminder_due(call: Call, campaign: Campaign, at: datetime) -> int:
    """How many reminders should have been sent by now; what was missed while nobody worked is sent once."""
    today, last = day_of(at, campaign.zone), last_day_of(call, campaign.zone)
    if today < day_of(call.issued_at, campaign.zone) + timedelta(days=FEWEST_DAYS_AFTER_ISSUE):
        return 0
    due = sum(today >= last + timedelta(days=days) for days in REMINDERS)
    # The third one is for what was not paid in time.
    return due if call.state == CallState.DEFAULTED else min(due, 2)


def to_remind(db: Session, at: datetime) -> list[int]:
    """Unpaid calls with a reminder to send."""
    query = (
        select(Call, Campaign)
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .where(
            col(Call.state).in_(UNPAID), col(Call.reminded) < len(REMINDERS),
            col(Call.window_ends_at) <= at + timedelta(days=-REMINDERS[0] + 1),
            Campaign.state == CampaignState.SECURED, ~being_pulled(at),
        )
    )  # fmt: skip
    rows = db.exec(query.order_by(col(Call.id)))
    return [call.id for call, campaign in rows if reminder_due(call, campaign, at) > call.reminded]


def remind(db: Session, call: Call, *, at: datetime) -> None:
    """Remind the payer of what is missing, once for each day that asks for it."""
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    due = reminder_due(call, campaign, at)
    if call.state not in UNPAID or due <= call.reminded:
        return
    call.reminded = due
    record(
        db, "remind", call, by=None, at=at, before=call.state, campaign_id=call.campaign_id, number=call.number,
        reminder=due, missing=call.total_cents - call.paid_cents,
    )  # fmt: skip
