"""The list of calls: what waits for somebody first, the others newest first, one state of them, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Pledge
from app.campaigns.reading import is_for
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call, CallState
from app.kit.money import Cents
from app.kit.words import N_
from app.people.access import Actor
from app.people.model import Organization

PAGE = 50
OPEN = "open"
WAITS = (*TAKES_MONEY, CallState.WAITING)  # somebody has to pay, to decide or to give a number
OTHERS = tuple(state for state in CallState if state not in WAITS)
TABS: tuple[tuple[str, str, tuple[CallState, ...]], ...] = (
    (OPEN, N_("Not paid"), TAKES_MONEY),
    (CallState.DEFAULTED, N_("Not paid in time"), (CallState.DEFAULTED,)),
    (CallState.CHARGED_BACK, N_("Taken back"), (CallState.CHARGED_BACK,)),
    (CallState.WAITING, N_("Waits for a VAT number"), (CallState.WAITING,)),
    (CallState.PAID, N_("Paid"), (CallState.PAID,)),
    (CallState.VOID, N_("Void"), (CallState.VOID,)),
)
# What an address may ask for: a tab, or any one state.
STATES: dict[str, tuple[CallState, ...]] = {
    **{state: (state,) for state in CallState}, **{word: states for word, _title, states in TABS},
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """How many calls stand in each state, and what the unpaid ones still ask for."""

    by_state: dict[CallState, int]
    missing_cents: Cents

    def of(self, states: Sequence[CallState]) -> int:
        """How many stand in one of these."""
        return sum(self.by_state.get(state, 0) for state in states)


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the public name of the last where more follow."""

    rows: list[Any]
    last: str | None


def count(db: Session, by: Actor) -> Counted:
    """The reader's calls by state; all of them for the fund."""
    query = select(
        Call.state, func.count(), func.coalesce(func.sum(Call.total_cents - Call.paid_cents), 0)
    ).group_by(col(Call.state))
    if not by.sees_everything:
        query = query.join(Pledge, col(Pledge.id) == col(Call.pledge_id)).where(is_for(by.organization.id))
    found = {CallState(state): (int(count), int(cents)) for state, count, cents in db.exec(query)}
    return Counted(
        {state: count for state, (count, _cents) in found.items()},
        sum(found[state][1] for state in TAKES_MONEY if state in found),
    )


def page(db: Session, by: Actor, *, state: str, after: str | None) -> Page:
    """One page. What waits for somebody stands before everything else, the oldest of it first.

    A state nobody knows lists all, as does none.
    """
    chosen = STATES.get(state)
    if chosen:
        return _slice(db, by, chosen, after, oldest_first=set(chosen) <= set(WAITS))
    if after and _state_of(db, after) not in WAITS:
        return _slice(db, by, OTHERS, after, oldest_first=False)
    waiting = _slice(db, by, WAITS, after, oldest_first=True)
    if waiting.last:
        return waiting
    rest = _slice(db, by, OTHERS, None, oldest_first=False)
    return Page([*waiting.rows, *rest.rows], rest.last)


def _state_of(db: Session, name: str) -> str | None:
    return db.exec(select(Call.state).where(Call.public_id == name)).first()


def _slice(
    db: Session, by: Actor, states: Sequence[CallState], after: str | None, *, oldest_first: bool
) -> Page:
    query = (
        select(Call, Campaign, Organization, Pledge.po_number)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(col(Call.state).in_(states))
        .order_by(col(Call.id) if oldest_first else col(Call.id).desc())
        .limit(PAGE + 1)
    )
    if not by.sees_everything:
        query = query.where(is_for(by.organization.id))
    if after:
        place = select(Call.id).where(Call.public_id == after).scalar_subquery()
        query = query.where(col(Call.id) > place if oldest_first else col(Call.id) < place)
    found = list(db.exec(query))
    return Page(found[:PAGE], found[PAGE - 1][0].public_id if len(found) > PAGE else None)
