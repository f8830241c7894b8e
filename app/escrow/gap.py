"""The gap a default leaves: which parts nobody pays, what may be cut, who is called instead."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from app.campaigns import in_kind, matching, recutting
from app.campaigns import pledges as promises
from app.campaigns import rules as campaigns
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.missing import Shortfall
from app.campaigns.model import Campaign, Part, Pledge, PledgeState
from app.escrow import calls
from app.escrow import rules as escrow
from app.escrow.freezing import frozen_pledges
from app.escrow.model import Call, CallCause, CallState, Tranche
from app.escrow.received import live
from app.estimates.model import Milestone
from app.kit.money import Cents
from app.kit.states import move
from app.people.step import Step, record

PAID = (CallState.PAID, CallState.CHARGED_BACK)


class Standing(StrEnum):
    """How what a gap waits for stands now."""

    LATE = "late"
    WAITED = "waited"
    MET = "met"


def unpaid_parts(db: Session, pledge: Pledge) -> list[Part]:
    """A pledge's parts that were never paid, called or not."""
    found = []
    for part in recutting.live_parts(db, pledge):
        call = calls.call_of_part(db, part)
        if part.price_cents and (call is None or call.state not in PAID):
            found.append(part)
    return found


def given_up(db: Session, pledge: Pledge) -> list[Part]:
    """What nobody pays once this pledge is given up: its unpaid parts, and what matches it in the same tranches."""
    own = unpaid_parts(db, pledge)
    planned = campaigns.planned_tranches(db, db.get_one(Campaign, pledge.campaign_id))
    unpaid, names = {planned[part.milestone_id] for part in own}, {part.id for part in own}
    paid = {
        planned[part.milestone_id] for part in recutting.live_parts(db, pledge)
        if part.price_cents and part.id not in names
    }  # fmt: skip
    return own + [
        part for match in matching.followers(db, pledge) for part in recutting.live_parts(db, match)
        if planned[part.milestone_id] in unpaid - paid
    ]  # fmt: skip


def by_milestone(db: Session, parts: Sequence[Part]) -> list[tuple[Milestone, Cents]]:
    """What is missing of each milestone, in order."""
    sums: dict[int, Cents] = {}
    for part in parts:
        sums[part.milestone_id] = sums.get(part.milestone_id, 0) + part.price_cents
    rows = [(db.get_one(Milestone, name), cents) for name, cents in sums.items()]
    return sorted(rows, key=lambda row: row[0].number)


def missing_of(db: Session, shortfall: Shortfall) -> list[tuple[Milestone, Cents]]:
    """What a gap leaves unpaid of each milestone, in order: unpaid parts, or the value of work not done."""
    if shortfall.contribution_id is None:
        return by_milestone(db, given_up(db, db.get_one(Pledge, shortfall.pledge_id)))
    work = db.get_one(InKindContribution, shortfall.contribution_id)
    is_late = work.state == InKindState.DEFAULTED
    return [(db.get_one(Milestone, work.milestone_id), work.value_cents)] if is_late else []


def standing(db: Session, shortfall: Shortfall) -> Standing:
    """Whether what is missing is still late, was given more time, or was met after all."""
    if shortfall.contribution_id is not None:
        state = db.get_one(InKindContribution, shortfall.contribution_id).state
        waits = state in (InKindState.AGREED, InKindState.HANDED_OVER)
        return Standing.LATE if state == InKindState.DEFAULTED else Standing.WAITED if waits else Standing.MET
    state = db.get_one(Call, shortfall.call_id).state
    if state == CallState.OVERDUE:
        return Standing.WAITED
    return Standing.LATE if state == CallState.DEFAULTED else Standing.MET


def give_up(db: Session, shortfall: Shortfall, *, at: datetime) -> None:
    """Nobody waits for it any more: neither for the pledge's money nor for the work."""
    if shortfall.contribution_id is not None:
        work = db.get_one(InKindContribution, shortfall.contribution_id)
        if work.state == InKindState.DEFAULTED:
            in_kind.give_up(db, work, at=at)
        return
    pledge, call = db.get_one(Pledge, shortfall.pledge_id), db.get_one(Call, shortfall.call_id)
    _give_up_pledge(db, pledge, given_up(db, pledge), call, cause=f"default {shortfall.id}", at=at)


def late_calls(db: Session, campaign: Campaign) -> list[Call]:
    """The calls made in advance that were not paid in time, the first one first.

    What a public body owes for work that was accepted is a debt, and nobody else's to pay.
    """
    query = select(Call).where(
        Call.campaign_id == campaign.id, Call.state == CallState.DEFAULTED, Call.cause == CallCause.TRANCHE
    )
    return list(db.exec(query.order_by(col(Call.id))))


def no_help(db: Session, campaign: Campaign) -> set[int]:
    """The pledges whose headroom fills no gap: not paid in time, or frozen after a charge-back."""
    return in_default(db, campaign) | frozen_pledges(db, campaign)


def in_default(db: Session, campaign: Campaign) -> set[int]:
    """The pledges whose call was not paid in time: they neither help nor vote."""
    return {call.pledge_id for call in late_calls(db, campaign)}


def leaving(db: Session, campaign: Campaign) -> set[int]:
    """The pledges whose call was not paid in time, and what matches them."""
    late = in_default(db, campaign)
    return late | {match.id for name in late for match in matching.followers(db, db.get_one(Pledge, name))}


def not_begun(
    db: Session, campaign: Campaign, late: Collection[int], *, only_optional: bool
) -> list[Milestone]:
    """Milestones that may be cut, the last one first: nobody could begin them, nothing was handed in."""
    handed_in = select(Step.facts).where(Step.campaign_id == campaign.id, Step.act == "hand in")
    numbers = {int(_milestone_in(facts)) for facts in db.exec(handed_in)}
    found = [
        milestone for milestone in campaigns.scoped_milestones(db, campaign)
        if milestone.number not in numbers and not calls.may_start(db, campaign, milestone.id)
        and not (only_optional and milestone.is_required) and not _is_asked_for(db, campaign, milestone, late)
    ]  # fmt: skip
    return found[::-1]


def _is_asked_for(db: Session, campaign: Campaign, milestone: Milestone, late: Collection[int]) -> bool:
    """Whether somebody who is not late is asked for money for a milestone now: its call would ask for too much."""
    states = {
        call.state for part in campaigns.parts_of(db, campaign)
        if part.milestone_id == milestone.id and part.pledge_id not in late
        and (call := calls.call_of_part(db, part))
    }  # fmt: skip
    return not states <= {CallState.PAID, CallState.VOID}


def _milestone_in(facts: str) -> int:
    return int(json.loads(facts)["milestone"])


def freed(db: Session, parts: Sequence[Part], late: Collection[int]) -> Cents:
    """What cutting these parts would leave of the promises of those who are not late, paid in advance."""
    return sum(
        part.price_cents for part in parts
        if part.pledge_id not in late and not (pledge := db.get_one(Pledge, part.pledge_id)).is_after_acceptance
        and pledge.follows_id is None
    )  # fmt: skip


def cut_milestones(db: Session, campaign: Campaign, milestone_ids: Collection[int], *, at: datetime) -> None:
    """Nobody pays these milestones any more; what is held for them goes back."""
    for part in campaigns.parts_of(db, campaign):
        if part.milestone_id not in milestone_ids:
            continue
        call = calls.call_of_part(db, part)
        if call and call.state == CallState.PAID:
            escrow.give_back_part(db, part, cause="cut", at=at)
        recutting.drop(db, [part], cause="cut", at=at)
    left = {milestone.id for milestone in campaigns.scoped_milestones(db, campaign)}
    in_kind.lapse(db, campaign, at=at, in_scope=left)
    for name in sorted(milestone_ids):
        milestone = db.get_one(Milestone, name)
        record(db, "cut", milestone, by=None, at=at, campaign_id=campaign.id, milestone=milestone.number)


def _give_up_pledge(
    db: Session, pledge: Pledge, missing: Sequence[Part], call: Call, *, cause: str, at: datetime
) -> None:  # fmt: skip
    """The pledge is in default: nobody asks it for what it did not pay, and what it paid in part goes back.

    So does what a match paid for the same work: it follows the pledge.
    """
    void_calls(db, missing, call, at=at)
    for part in missing:
        if part.pledge_id != pledge.id:
            escrow.give_back_part(db, part, cause=cause, at=at)
    recutting.drop(db, missing, cause=cause, at=at)
    if pledge.state == PledgeState.SIGNED:
        promises.default(db, pledge, at=at)


def void_calls(db: Session, parts: Sequence[Part], first: Call, *, at: datetime) -> None:
    """Ask nobody for these parts any more; what was paid of their calls goes back to who paid it."""
    found = {first.id: first} | {call.id: call for part in parts if (call := calls.call_of_part(db, part))}
    for call in found.values():
        if call.state in PAID or call.state == CallState.VOID:
            continue
        pledge = db.get_one(Pledge, call.pledge_id)
        price, tax, fee = live(db, call)
        for line in calls.lines_of(db, call):
            part = db.get_one(Part, line.part_id)
            own_price, own_tax = min(price, line.price_cents), min(tax, line.vat_cents)
            escrow.owe_back(
                db, pledge, part, cause=f"default:{part.id}", cents=(own_price, own_tax, 0), at=at
            )
            price, tax = price - own_price, tax - own_tax
        escrow.owe_back(db, pledge, None, cause=f"default fee:{call.id}", cents=(0, 0, fee), at=at)
        before = call.state
        move(call, CallState.VOID)
        record(db, "void", call, by=None, at=at, before=before, campaign_id=call.campaign_id)


def call_parts(db: Session, campaign: Campaign, parts: Sequence[Part], *, at: datetime) -> list[Call]:
    """Call what was taken over of tranches that are called already; the others are called with their tranche."""
    called = set(db.exec(select(Tranche.number).where(Tranche.campaign_id == campaign.id)))
    planned = campaigns.planned_tranches(db, campaign)
    issued = []
    groups: dict[tuple[int, int], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.pledge_id, planned[part.milestone_id]), []).append(part)
    for (pledge_id, number), own in sorted(groups.items()):
        if number in called:
            pledge = db.get_one(Pledge, pledge_id)
            lines = [(part, part.price_cents, part.vat_cents) for part in own]
            issued.append(calls.issue(
                db, campaign, pledge, lines, key=f"taken over:{own[0].id}", tranche=number,
                cause=CallCause.TRANCHE, at=at,
            ))  # fmt: skip
    return issued
