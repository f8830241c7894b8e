"""What happens to payouts because time passed: made due for what is owed, watched when they wait too long."""

from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Part, Pledge
from app.escrow import accounts
from app.escrow.model import Refund, Release
from app.kit.clock import add_business_days, day_of
from app.payouts.model import Payout, PayoutKind, PayoutLine, PayoutState
from app.people import alarms
from app.people.operator import operator_if_any
from app.people.step import record

OVERDUE = "payout overdue"
OVERDUE_DAYS = 10  # business days
LIVE = (PayoutState.DUE, PayoutState.PREPARED, PayoutState.APPROVED)
Proof = TypeVar("Proof", Release, Refund)


def watch_and_gather(db: Session, at: datetime) -> int:
    """Look for payouts that wait too long, then make due what is owed; nothing before the first start."""
    operator = operator_if_any(db)
    if operator is None:
        return 0
    watch_overdue(db, at, operator.zone)
    return gather(db, at)


def gather(db: Session, at: datetime) -> int:
    """Make a payout due for every release and refund that none covers yet. Done again, nothing new."""
    count = 0
    for release in _uncovered(db, Release, col(PayoutLine.release_id)):
        part = db.get_one(Part, release.part_id)
        campaign = db.get_one(Campaign, release.campaign_id)
        code = accounts.owed(part, release.payee_id, release.rail, campaign.currency).code
        count += _add_line(
            db,
            code,
            PayoutKind.MAINTAINER,
            campaign,
            release.payee_id,
            None,
            release.rail,
            at,
            release=release,
        )
    for refund in _uncovered(db, Refund, col(PayoutLine.refund_id)):
        pledge = db.get_one(Pledge, refund.pledge_id)
        campaign = db.get_one(Campaign, refund.campaign_id)
        count += _add_line(
            db, accounts.back(pledge).code, PayoutKind.REFUND, campaign, pledge.organization_id, pledge.id, refund.rail,
            at, refund=refund,
        )  # fmt: skip
    return count


def _uncovered(db: Session, kind: type[Proof], line: Any) -> list[Proof]:
    covered = select(line).where(line.is_not(None))
    return list(db.exec(select(kind).where(col(kind.id).not_in(covered)).order_by(col(kind.id))))


def _add_line(
    db: Session, code: str, kind: PayoutKind, campaign: Campaign, payee_id: int, pledge_id: int | None,
    rail: str, at: datetime, *, release: Release | None = None, refund: Refund | None = None,
) -> int:  # fmt: skip
    query = select(Payout).where(
        Payout.account_code == code,
        col(Payout.state).not_in([PayoutState.PAID, PayoutState.SETTLED]),
    )
    payout = db.exec(query.with_for_update()).first()
    if payout is not None and payout.state != PayoutState.DUE:
        return 0  # one on its way: what is new waits for the next
    if payout is None:
        payout = Payout(
            kind=kind, campaign_id=campaign.id, payee_id=payee_id, pledge_id=pledge_id, rail=rail,
            account_code=code, currency=campaign.currency, due_at=at,
        )  # fmt: skip
        db.add(payout)
        record(db, "due", payout, by=None, at=at, campaign_id=campaign.id)
    db.add(PayoutLine(
        payout_id=payout.id, release_id=release.id if release else None, refund_id=refund.id if refund else None
    ))  # fmt: skip
    db.flush()
    return 1


def watch_overdue(db: Session, at: datetime, zone: str) -> None:
    """Ring while a payout waits longer than ten business days without a hold and its reason; new pledges stop."""
    query = select(Payout).where(col(Payout.state).in_(LIVE))
    today = day_of(at, zone)
    overdue = [
        payout
        for payout in db.exec(query)
        if add_business_days(day_of(payout.due_at, zone), OVERDUE_DAYS) < today
    ]
    if overdue:
        alarms.ring(db, OVERDUE, "a payout is more than ten business days late", at=at)
    else:
        alarms.clear(db, OVERDUE, at=at)
