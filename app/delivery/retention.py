"""The retention: what of an accepted milestone waits until its result is in a release of the software."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.evidence import read_addresses
from app.delivery.model import Delivery, DeliveryState
from app.delivery.outcome import (
    complete_if_ended,
    give_back_retention,
    locked,
    release_retention,
    require_going_on,
)
from app.delivery.standing import holds_retention, maintainer_id, parts_of
from app.escrow import hold_limits
from app.escrow.calls import call_of_part
from app.kit.rules import Conflict, Missing, require
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record

# A release that has not come by then does not come: what was kept back is owed back to the backers.
LONGEST = timedelta(days=365)


def name_release(
    db: Session, delivery: Delivery, *, version: str, address: str, by: Actor, at: datetime
) -> Delivery:
    """The maintainer names the release its result is in; somebody of the fund looks at it."""
    require_role(by, Role.MEMBER)
    campaign, delivery = locked(db, delivery)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    require_going_on(campaign)
    _require_waiting(delivery)
    require(version.strip(), "Please name the release: its version or its tag.", field="release")
    delivery.upstream_version = version.strip()
    delivery.upstream_address = read_addresses(address).splitlines()[0]
    delivery.upstream_named_by_id = by.person.id
    record(
        db, "name release", delivery, by=by, at=at, before=delivery.state, campaign_id=campaign.id,
        version=delivery.upstream_version, address=delivery.upstream_address,
    )  # fmt: skip
    return delivery


def see_release(db: Session, delivery: Delivery, *, is_there: bool, by: Actor, at: datetime) -> Delivery:
    """An officer without a tie has looked: the result is in the release, or it is not, and another has to be named."""
    require_role(by, Role.OFFICER)
    campaign, delivery = locked(db, delivery)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    require_going_on(campaign)
    _require_waiting(delivery)
    if not delivery.upstream_version:
        raise Conflict("The maintainer has not named a release.")
    if not is_there:
        version, delivery.upstream_version, delivery.upstream_address = delivery.upstream_version, "", ""
        record(
            db, "not in release", delivery, by=by, at=at, before=delivery.state, campaign_id=campaign.id,
            version=version,
        )  # fmt: skip
        return delivery
    delivery.upstream_seen_at = at
    record(
        db, "see release", delivery, by=by, at=at, before=delivery.state, campaign_id=campaign.id,
        version=delivery.upstream_version,
    )  # fmt: skip
    if delivery.state != DeliveryState.ACCEPTED_WITH_RESERVES:
        release_retention(db, campaign, delivery, at=at)
        complete_if_ended(db, campaign, at=at)
    return delivery


def release_before_limit(
    db: Session, delivery: Delivery, *, reason: str, by: Actor, at: datetime
) -> Delivery:
    """Release what was kept back before its rail stops holding it, with a reason everyone reads; no reserve is open."""
    require_role(by, Role.OFFICER)
    require(by.is_fund, "Your role does not allow this.", status=403)
    campaign, delivery = locked(db, delivery)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    require_going_on(campaign)
    _require_waiting(delivery)
    if delivery.state == DeliveryState.ACCEPTED_WITH_RESERVES:
        raise Conflict("A reserve of this milestone is open: it is answered first.")
    if not _is_near_limit(db, delivery, at):
        raise Conflict("Its rail may hold this money longer: there is nothing to decide yet.")
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    record(
        db, "release before limit", delivery, by=by, at=at, before=delivery.state, campaign_id=campaign.id,
        reason=reason.strip(),
    )  # fmt: skip
    release_retention(db, campaign, delivery, at=at)
    complete_if_ended(db, campaign, at=at)
    return delivery


def _is_near_limit(db: Session, delivery: Delivery, at: datetime) -> bool:
    campaign = db.get_one(Campaign, delivery.campaign_id)
    called = [call for part in parts_of(db, delivery) if (call := call_of_part(db, part))]
    return any(
        hold_limits.is_near(until, campaign, at)
        for call in called
        if (until := hold_limits.limit_of(db, call, campaign))
    )


def retentions_due(db: Session, at: datetime) -> list[int]:
    """Deliveries whose release never came within a year."""
    query = select(Delivery.id).where(
        Delivery.retention_basis_points > 0, col(Delivery.decided_at) <= at - LONGEST,
        col(Delivery.retention_released_at).is_(None), col(Delivery.retention_returned_at).is_(None),
        col(Delivery.upstream_seen_at).is_(None),
    )  # fmt: skip
    return list(db.exec(query.order_by(col(Delivery.id))))


def end_retention(db: Session, delivery: Delivery, *, at: datetime) -> None:
    """A year has passed without the release: what was kept back goes back."""
    campaign, delivery = locked(db, delivery)
    if delivery.decided_at is None or at < delivery.decided_at + LONGEST or delivery.upstream_seen_at:
        return
    give_back_retention(db, campaign, delivery, at=at)
    complete_if_ended(db, campaign, at=at)


def _require_waiting(delivery: Delivery) -> None:
    if not holds_retention(delivery) or delivery.upstream_seen_at:
        raise Conflict("Nothing of this milestone is kept back.")
