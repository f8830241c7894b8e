"""Payouts in lists: how many and how much in each tab, one page of a tab, those of one milestone."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Part
from app.escrow.model import Release
from app.kit.money import Cents
from app.payouts.doors import TABS
from app.payouts.model import Payout, PayoutLine, PayoutState
from app.payouts.shown import Shown, amounts
from app.people.access import Actor
from app.people.model import Organization


@dataclass(frozen=True)
class Tab:
    """One tab: how many payouts, and how much in all."""

    key: str
    count: int
    cents: Cents


@dataclass(frozen=True)
class Progress:
    """How far what was released for a milestone has come, in cents."""

    released: Cents
    paid: Cents
    on_its_way: Cents

    @property
    def waiting(self) -> Cents:
        """Released and not sent yet."""
        return self.released - self.paid - self.on_its_way


def tabs(db: Session, reader: Actor) -> list[Tab]:
    """Every tab with its sums, over what the reader may see."""
    counts: dict[str, tuple[int, Cents]] = {}
    query = select(Payout.state, func.count(), func.sum(Payout.amount_cents)).group_by(col(Payout.state))
    for state, count, cents in db.exec(_of(query, reader)):
        counts[state] = (count, int(cents or 0))
    due = list(db.exec(_of(select(Payout).where(col(Payout.state).in_(TABS["due"])), reader)))
    found = []
    for key, states in TABS.items():
        number = sum(counts.get(state, (0, 0))[0] for state in states)
        cents = sum(counts.get(state, (0, 0))[1] for state in states)
        found.append(Tab(key, number, sum(amounts(db, due).values()) if key == "due" else cents))
    return found


def one_page(db: Session, reader: Actor, tab: str, *, after: str, most: int) -> list[Shown]:
    """Payouts of a tab, newest first; at most one more than `most`."""
    query = (
        select(Payout, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(Payout.campaign_id))
        .join(Organization, col(Organization.id) == col(Payout.payee_id))
        .where(col(Payout.state).in_(TABS[tab]))
        .order_by(col(Payout.public_id).desc())
        .limit(most + 1)
    )
    if after:
        query = query.where(Payout.public_id < after)
    rows = list(db.exec(_of(query, reader)))
    cents = amounts(db, [row[0] for row in rows])
    return [Shown(payout, campaign, payee, cents[payout.id]) for payout, campaign, payee in rows]


def of_milestone(db: Session, milestone_id: int) -> Progress:
    """How far the releases of one milestone have been paid out."""
    query = (
        select(Payout.state, func.sum(Release.price_cents + Release.vat_cents))
        .select_from(Release)
        .join(Part, col(Part.id) == col(Release.part_id))
        .outerjoin(PayoutLine, col(PayoutLine.release_id) == col(Release.id))
        .outerjoin(Payout, col(Payout.id) == col(PayoutLine.payout_id))
        .where(Part.milestone_id == milestone_id)
        .group_by(col(Payout.state))
    )
    by_state = {state: int(cents) for state, cents in db.exec(query)}
    return Progress(
        released=sum(by_state.values()),
        paid=by_state.get(PayoutState.PAID, 0),
        on_its_way=by_state.get(PayoutState.SENT, 0),
    )


def _of(query: Any, reader: Actor) -> Any:
    if reader.sees_everything:
        return query
    return query.where(Payout.payee_id == reader.organization.id)
