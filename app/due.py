"""The kinds of things that wait for the worker: it looks once which of them there are, and acts on those alone.

A condition may find more than its act: the act looks closely, and done again it does nothing. It never finds less.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func
from sqlmodel import col, select

from app.campaigns.ballot import Motion, MotionState
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.matching_model import GrantState, MatchingGrant
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, CampaignState
from app.delivery.model import Delivery, DeliveryState, Dispute
from app.delivery.standing import GRANTED, OPEN_DISPUTES
from app.escrow.calls import UNPAID
from app.escrow.frozen import Freeze, FreezeState
from app.escrow.hold_limits import ALARM_DAYS
from app.escrow.left_over import ENDED
from app.escrow.model import Call, CallState, Deposit, DepositState, Refund, Release
from app.escrow.model_left import LeftOver
from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.escrow.reminders import REMINDERS
from app.estimates.model import Estimate, EstimateState
from app.kit.links import ChainHead
from app.kit.outbox import Outgoing
from app.notices.model import MailCursor
from app.payouts.clocks import LIVE, OVERDUE, OVERDUE_DAYS
from app.payouts.model import Payout, PayoutLine
from app.people.alarms import Alarm
from app.people.model import Invitation, Person, PersonState
from app.rails import inbox
from app.rails.bank.model_mandates import BankMandate, MandateState
from app.rails.switched_on import CAPABILITIES

AT: Any = bindparam("at")
NEXT_DAY: Any = bindparam("next_day")  # no zone has begun the day after it
SOON: Any = bindparam("soon")  # nobody is reminded of what is due after it
HELD_SINCE: Any = bindparam("held_since")  # what was paid later is held for more than thirty days yet
LONG_AGO: Any = bindparam("long_ago")  # a payout due since then may be late, with weekends or without


# The rails that hold money for some days only, and for how many.
HOLDING = {name: told.hold_days for name, told in CAPABILITIES.items() if told.hold_days is not None}


def facts_of(at: datetime) -> dict[str, object]:
    """What the conditions are asked with at this instant."""
    return {
        "at": at,
        "next_day": (at + timedelta(days=1)).date(),
        "soon": at + timedelta(days=1 - REMINDERS[0]),
        "held_since": at - timedelta(days=min(HOLDING.values(), default=ALARM_DAYS) - ALARM_DAYS - 1),
        "long_ago": at - timedelta(days=OVERDUE_DAYS),
    }


def _of_no_payout(proof: type[Release] | type[Refund], line: Any) -> ColumnElement[bool]:
    return col(proof.id).not_in(select(line).where(line.is_not(None)))


_CURSOR = select(MailCursor.number).where(col(MailCursor.chain) == col(ChainHead.chain)).scalar_subquery()
_GOOD = select(Invitation.person_id).where(col(Invitation.used_at).is_(None), col(Invitation.expires_at) > AT)

IN_TIME = [state for state in UNPAID if state != CallState.DEFAULTED]
KINDS: dict[str, ColumnElement[bool]] = {
    "open questions": col(Motion.state) == MotionState.OPEN,
    "carried questions": col(Motion.state) == MotionState.CARRIED,
    "waiting calls": col(Call.state) == CallState.WAITING,
    "calls past their window": col(Call.state).in_(IN_TIME) & (col(Call.window_ends_at) <= AT),
    "calls to remind of": (
        col(Call.state).in_(UNPAID)
        & (col(Call.reminded) < len(REMINDERS))
        & (col(Call.window_ends_at) <= SOON)
    ),
    "held money": (
        (col(Call.state) == CallState.PAID)
        & col(Call.hold_told_at).is_(None)
        & col(Call.rail).in_(HOLDING)
        & (col(Call.issued_at) <= HELD_SINCE)
    ),
    "money in doubt": (
        (col(Deposit.state) == DepositState.RECEIVED)
        & (col(Deposit.excess_cents) > 0)
        & col(Deposit.hold_told_at).is_(None)
        & col(Deposit.rail).in_(HOLDING)
        & (col(Deposit.received_at) <= HELD_SINCE)
    ),
    "money left with a provider": (
        col(LeftOver.state).not_in(ENDED)
        & col(LeftOver.hold_told_at).is_(None)
        & (col(LeftOver.seen_at) <= HELD_SINCE)
    ),
    "defaulted calls": col(Call.state) == CallState.DEFAULTED,
    "agreed work": (
        (col(InKindContribution.state) == InKindState.AGREED) & (col(InKindContribution.due_at) <= AT)
    )
    | (
        (col(InKindContribution.state) == InKindState.HANDED_OVER)
        & (col(InKindContribution.review_ends_at) <= AT)
    ),
    "defaulted work": col(InKindContribution.state) == InKindState.DEFAULTED,
    "unsigned grants": (
        (col(MatchingGrant.state) == GrantState.PREPARED) & (col(MatchingGrant.lapses_at) <= AT)
    ),
    "shortfalls": col(Shortfall.state) == ShortfallState.OPEN,
    "freezes": col(Freeze.state) == FreezeState.STANDING,
    "cards": (col(PaymentMeans.state) == MeansStanding.ACTIVE) & col(PaymentMeans.expires_on).is_not(None),
    "mandates": col(BankMandate.state) == MandateState.ACTIVE,
    "ended reviews": (col(Delivery.state) == DeliveryState.HANDED_IN) & (col(Delivery.review_ends_at) <= AT),
    "retentions": (
        (col(Delivery.retention_basis_points) > 0)
        & col(Delivery.decided_at).is_not(None)
        & col(Delivery.retention_released_at).is_(None)
        & col(Delivery.retention_returned_at).is_(None)
    ),
    "disputes": col(Dispute.state).in_(OPEN_DISPUTES),
    "unpublished reasons": (col(Dispute.publish_at) <= AT) & col(Dispute.published_at).is_(None),
    "ended rounds": (col(Campaign.state) == CampaignState.OPEN) & (col(Campaign.deadline_at) <= AT),
    "secured campaigns": col(Campaign.state) == CampaignState.SECURED,
    "ended campaigns": col(Campaign.state).in_([CampaignState.STOPPED, CampaignState.COMPLETED]),
    "decided deliveries": col(Delivery.state).in_(GRANTED),
    "expired estimates": (
        (col(Estimate.state) == EstimateState.SUBMITTED) & (col(Estimate.valid_until) < NEXT_DAY)
    ),
    "releases without a payout": _of_no_payout(Release, col(PayoutLine.release_id)),
    "refunds without a payout": _of_no_payout(Refund, col(PayoutLine.refund_id)),
    "late payouts": col(Payout.state).in_(LIVE) & (col(Payout.due_at) <= LONG_AGO),
    "alarms about payouts": (col(Alarm.kind) == OVERDUE) & col(Alarm.cleared_at).is_(None),
    "lapsed invitations": (col(Person.state) == PersonState.INVITED) & col(Person.id).not_in(_GOOD),
    "news": col(ChainHead.number) > func.coalesce(_CURSOR, 0),
    "notices from outside": inbox.is_open(),
    "effects": col(Outgoing.done_at).is_(None) & (col(Outgoing.due_at) <= AT),
}
PAYOUTS = ("releases without a payout", "refunds without a payout", "late payouts", "alarms about payouts")
