"""Reserves: defects a backer lists when it accepts, each with a day; said to be mended, lifted one by one, or kept.

While one is open, the retention waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.model import Delivery, DeliveryState, Reserve, ReserveState
from app.delivery.outcome import (
    complete_if_ended,
    give_back_retention,
    locked,
    release_retention,
    require_going_on,
)
from app.delivery.standing import maintainer_id
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.rules import Conflict, Missing, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record

MOST_DAYS = 180
MOST_RESERVES = 12
OPEN = (ReserveState.FILED, ReserveState.MENDED)
ANSWERING = (Role.BUYER, Role.APPROVER, Role.MEMBER)


@dataclass(frozen=True)
class Defect:
    """A defect as a backer lists it, and the day by which it should be mended."""

    text: str
    due_on: date


def file_reserves(
    db: Session, campaign: Campaign, delivery: Delivery, defects: Sequence[Defect], *, by: Actor, at: datetime
) -> None:
    """Keep what a backer lists beside its acceptance."""
    require(len(defects) <= MOST_RESERVES, "Please list at most %(most)s reserves.", most=MOST_RESERVES)
    today = day_of(at, campaign.zone)
    for number, defect in enumerate(defects):
        require(defect.text.strip(), "Please say what is to be mended.", field=f"reserve-{number}-text")
        require(
            0 < (defect.due_on - today).days <= MOST_DAYS,
            "Please choose a day within the next %(days)s days.", field=f"reserve-{number}-due_on", days=MOST_DAYS,
        )  # fmt: skip
        reserve = Reserve(
            delivery_id=delivery.id, organization_id=by.organization.id, text=defect.text.strip(),
            due_on=defect.due_on, filed_at=at,
        )  # fmt: skip
        db.add(reserve)
        record(
            db, "file", reserve, by=by, at=at, campaign_id=campaign.id, due=defect.due_on.isoformat(),
            delivery=delivery.id,
        )  # fmt: skip


def mend(db: Session, reserve: Reserve, *, words: str, by: Actor, at: datetime) -> Reserve:
    """The maintainer says a defect is mended, and where; the backer who listed it answers."""
    require_role(by, Role.MEMBER)
    campaign, _delivery, reserve = _locked(db, reserve)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    require_going_on(campaign)
    if reserve.state != ReserveState.FILED:
        raise Conflict("This reserve is not open any more.")
    require(words.strip(), "Please say what was mended, and where it can be seen.", field="words")
    last = add_business_days(day_of(at, campaign.zone), campaign.review_days)
    reserve.answer_until = end_of_day(last, campaign.zone)
    reserve.mended_words = words.strip()
    _go(db, campaign, reserve, ReserveState.MENDED, "mend", by=by, at=at)
    return reserve


def answer_mended(
    db: Session, reserve: Reserve, *, is_lifted: bool, reason: str = "", by: Actor, at: datetime
) -> Reserve:
    """Whoever listed a defect lifts its reserve, or says what is still missing. Its silence lifts nothing."""
    require_role(by, *ANSWERING)
    campaign, delivery, reserve = _locked(db, reserve)
    if reserve.organization_id != by.organization.id:
        raise Missing
    stand_aside(db, by, {maintainer_id(db, campaign)}, at=at)
    require_going_on(campaign)
    if reserve.state not in OPEN or (not is_lifted and reserve.state != ReserveState.MENDED):
        raise Conflict("This reserve is not open any more.")
    require(is_lifted or reason.strip(), "Please say what is still missing.", field="reason")
    reserve.answer_until = None
    if is_lifted:
        _go(db, campaign, reserve, ReserveState.LIFTED, "lift", by=by, at=at)
        _close_if_last(db, campaign, delivery, at=at)
    else:
        _go(db, campaign, reserve, ReserveState.FILED, "keep open", by=by, at=at, reason=reason.strip())
    return reserve


def decide_reserve(
    db: Session, reserve: Reserve, *, is_lifted: bool, reason: str, by: Actor, at: datetime
) -> Reserve:
    """An arbitrator ends a reserve that hangs: its day has passed, or who filed it did not answer what was mended.

    Lifted, it waits no longer; kept, the retention goes back to the backers.
    """
    require_role(by, Role.ARBITRATOR)
    campaign, delivery, reserve = _locked(db, reserve)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    require_going_on(campaign)
    if reserve.state not in OPEN or delivery.state != DeliveryState.ACCEPTED_WITH_RESERVES:
        raise Conflict("This reserve is not open any more.")
    if not hangs(campaign, reserve, at):
        raise Conflict("The day of this reserve has not passed yet: both sides may still act.")
    require(reason.strip(), "Please give the reason: both sides and the public read it.", field="reason")
    state, act = (ReserveState.LIFTED, "lift by award") if is_lifted else (ReserveState.KEPT, "keep by award")
    _go(db, campaign, reserve, state, act, by=by, at=at, reason=reason.strip())
    _close_if_last(db, campaign, delivery, at=at)
    return reserve


def hangs(campaign: Campaign, reserve: Reserve, at: datetime) -> bool:
    """Whether an arbitrator may end a reserve: nobody moved it in its time."""
    if reserve.state == ReserveState.MENDED:
        return reserve.answer_until is not None and at >= reserve.answer_until
    return reserve.state == ReserveState.FILED and at >= end_of_day(reserve.due_on, campaign.zone)


def overtake(db: Session, campaign: Campaign, delivery: Delivery, *, at: datetime) -> None:
    """The delivery was not accepted after all: its reserves are answered by what is handed in next."""
    for reserve in reserves_of(db, delivery):
        if reserve.state in OPEN:
            _go(db, campaign, reserve, ReserveState.OVERTAKEN, "overtake", by=None, at=at)


def reserves_of(db: Session, delivery: Delivery) -> list[Reserve]:
    """What was listed beside the acceptances of a delivery, in order."""
    query = select(Reserve).where(Reserve.delivery_id == delivery.id)
    return list(db.exec(query.order_by(col(Reserve.id))))


def reserving_of(db: Session, delivery: Delivery) -> dict[int, bool]:
    """Who listed reserves beside its acceptance, and whether one of them still stands."""
    found: dict[int, bool] = {}
    for reserve in reserves_of(db, delivery):
        stands = reserve.state not in (ReserveState.LIFTED, ReserveState.OVERTAKEN)
        found[reserve.organization_id] = found.get(reserve.organization_id, False) or stands
    return found


def filed_before(db: Session, delivery: Delivery) -> set[int]:
    """Who filed a reserve about this delivery or an earlier attempt that was never lifted: its silence says nothing."""
    query = (
        select(Reserve.organization_id)
        .join(Delivery, col(Delivery.id) == col(Reserve.delivery_id))
        .where(Delivery.milestone_id == delivery.milestone_id, Reserve.state != ReserveState.LIFTED)
    )
    return set(db.exec(query))


def _close_if_last(db: Session, campaign: Campaign, delivery: Delivery, *, at: datetime) -> None:
    found = reserves_of(db, delivery)
    if delivery.state != DeliveryState.ACCEPTED_WITH_RESERVES or any(one.state in OPEN for one in found):
        return
    before = delivery.state
    is_kept = any(one.state == ReserveState.KEPT for one in found)
    move(delivery, DeliveryState.PART_ACCEPTED if is_kept else DeliveryState.ACCEPTED)
    record(
        db, "end reserves", delivery, by=None, at=at, before=before, campaign_id=campaign.id,
        share=delivery.share_basis_points,
    )  # fmt: skip
    if is_kept:
        give_back_retention(db, campaign, delivery, at=at)
    elif delivery.upstream_seen_at:
        release_retention(db, campaign, delivery, at=at)
    complete_if_ended(db, campaign, at=at)


def _go(
    db: Session, campaign: Campaign, reserve: Reserve, state: ReserveState, act: str, *, by: Actor | None,
    at: datetime, **facts: object,
) -> None:  # fmt: skip
    before = reserve.state
    move(reserve, state)
    if state not in OPEN:
        reserve.ended_at = at
    record(db, act, reserve, by=by, at=at, before=before, campaign_id=campaign.id, **facts)


def _locked(db: Session, reserve: Reserve) -> tuple[Campaign, Delivery, Reserve]:
    campaign, delivery = locked(db, db.get_one(Delivery, reserve.delivery_id))
    db.refresh(reserve)
    return campaign, delivery, reserve
