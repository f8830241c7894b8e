"""Two arbitrators without a tie decide a dispute; where they differ, a third chooses between the two.

What is then published was read by both sides first.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.disputes import business_days_after, close, is_side, locked_dispute, outcome_state
from app.delivery.dues import share_of
from app.delivery.model import Delivery, Dispute, DisputeState, Opinion, Reading
from app.delivery.outcome import end, require_going_on
from app.delivery.standing import OPEN_DISPUTES, answers_of, granted_by, latest_opinions, maintainer_id
from app.estimates.model import Milestone
from app.kit.money import WHOLE, BasisPoints, Cents
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record

READING_DAYS = 5
LONGEST_PUBLIC = 9000


def write_opinion(
    db: Session, of: Dispute, *, share: BasisPoints | None = None, cents: Cents | None = None, reason: str,
    by: Actor, at: datetime,
) -> Dispute:  # fmt: skip
    """An arbitrator writes what they would grant: a whole percentage, or an amount of the milestone's price.

    When two write the same, that is the award. When two differ, a third may side with one of them.
    """
    require_role(by, Role.ARBITRATOR)
    campaign, delivery, of = locked_dispute(db, of)
    aside = stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if of.state not in OPEN_DISPUTES:
        raise Conflict("This dispute has ended.")
    require_going_on(campaign)
    if of.state == DisputeState.STATING:
        raise Conflict("Both sides may still state their case: the arbitrators write afterwards.")
    milestone = db.get_one(Milestone, delivery.milestone_id)
    share = _share(share, cents, milestone.price_cents)
    require(reason.strip(), "Please give the reason: both sides and the public read it.", field="reason")
    opinion = Opinion(
        dispute_id=of.id,
        person_id=by.person.id,
        share_basis_points=share,
        cents=cents,
        reason=reason.strip(),
        at=at,
    )
    _check_third(db, of, opinion, milestone)
    db.add(opinion)
    record(
        db, "write opinion", of, by=by, at=at, before=of.state, campaign_id=campaign.id, share=share, amount=cents,
        reason=reason.strip(), aside=aside,
    )  # fmt: skip
    _compare(db, campaign, delivery, of, opinion, milestone, at=at)
    return of


def _share(share: BasisPoints | None, cents: Cents | None, price: Cents) -> BasisPoints:
    if cents is not None and share is None:
        require(0 <= cents <= price, "Not more than the milestone's price, please.", field="amount")
        return share_of(cents, price)
    require(
        cents is None and share is not None and 0 <= share <= WHOLE and share % 100 == 0,
        "A whole percentage from 0 to 100, please.", field="percent",
    )  # fmt: skip
    assert share is not None
    return share


def _check_third(db: Session, of: Dispute, opinion: Opinion, milestone: Milestone) -> None:
    """A third arbitrator has a say only where two differ, and sides with one of them."""
    others = [given for given in latest_opinions(db, of) if given.person_id != opinion.person_id]
    if len(others) < 2:
        return
    granted = sorted({granted_by(given, milestone) for given in others})
    if granted_by(opinion, milestone) not in granted:
        raise Refused(
            "Two arbitrators have written already: please side with one of them.",
            field="amount" if opinion.cents is not None else "percent",
        )


def _compare(
    db: Session, campaign: Campaign, delivery: Delivery, of: Dispute, opinion: Opinion, milestone: Milestone, *,
    at: datetime,
) -> None:  # fmt: skip
    latest = latest_opinions(db, of)
    alike = [given for given in latest if granted_by(given, milestone) == granted_by(opinion, milestone)]
    if len(alike) >= 2:
        _award(db, campaign, delivery, of, alike, at=at)
    elif len(latest) >= 2 and of.state == DisputeState.DECIDING:
        before = of.state
        move(of, DisputeState.TIED)
        record(db, "differ", of, by=None, at=at, before=before, campaign_id=campaign.id)


def _award(
    db: Session, campaign: Campaign, delivery: Delivery, of: Dispute, alike: list[Opinion], *, at: datetime
) -> None:
    """The money follows at once; the reasons are published once both sides have read them."""
    last = alike[-1]
    exact = next((given.cents for given in alike if given.cents is not None), None)
    of.share_basis_points, of.award_cents = last.share_basis_points, exact
    of.public_text = "\n\n".join(given.reason for given in alike)[:LONGEST_PUBLIC]
    of.text_version, of.publish_at = 1, business_days_after(campaign, at, READING_DAYS)
    close(db, campaign, of, DisputeState.AWARDED, "award", by=None, at=at, amount=exact)
    share = last.share_basis_points
    end(
        db,
        campaign,
        delivery,
        outcome_state(share),
        share,
        award=None if share in (0, WHOLE) else exact,
        at=at,
    )


def read_text(db: Session, of: Dispute, *, wish: str = "", by: Actor, at: datetime) -> Reading:
    """A side has read what will be published; it may name words that should be left out, and why.

    It is published at once when the maintainer and every backer who refused have read it without a wish.
    """
    require_role(by, Role.MEMBER, Role.BUYER, Role.APPROVER)
    campaign, delivery, of = locked_dispute(db, of)
    if not is_side(db, campaign, delivery, by):
        raise Missing
    _require_unpublished(of)
    said = readings_of(db, of)
    if by.organization.id in {reading.organization_id for reading in said}:
        raise Conflict("Your organization has read this already.")
    reading = Reading(
        dispute_id=of.id, organization_id=by.organization.id, text_version=of.text_version, wish=wish.strip(),
        pseudonym=by.person.pseudonym, at=at,
    )  # fmt: skip
    db.add(reading)
    record(
        db, "ask to leave out" if reading.wish else "read text", of, by=by, at=at, before=of.state,
        campaign_id=campaign.id, version=of.text_version,
    )  # fmt: skip
    content = {one.organization_id for one in (*said, reading) if not one.wish}
    refusing = {answer.organization_id for answer in answers_of(db, delivery) if not answer.accepts}
    if {maintainer_id(db, campaign), *refusing} <= content:
        _publish(db, campaign, of, at=at)
    return reading


def reword(db: Session, of: Dispute, *, text: str, by: Actor, at: datetime) -> Dispute:
    """An arbitrator of this dispute writes what will be published anew; both sides read it again."""
    require_role(by, Role.ARBITRATOR)
    campaign, _delivery, of = locked_dispute(db, of)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    _require_unpublished(of)
    require(
        by.person.id in {given.person_id for given in latest_opinions(db, of)},
        "Only the arbitrators who wrote in this dispute word what is published.", status=403,
    )  # fmt: skip
    require(text.strip(), "Please give the reason: both sides and the public read it.", field="text")
    of.public_text = text.strip()
    of.text_version += 1
    of.publish_at = business_days_after(campaign, at, READING_DAYS)
    record(db, "reword", of, by=by, at=at, before=of.state, campaign_id=campaign.id, version=of.text_version)
    return of


def publish_read(db: Session, of: Dispute, *, at: datetime) -> None:
    """The days to read it have passed: the reasons are published as they stand."""
    campaign, _delivery, of = locked_dispute(db, of)
    if of.publish_at and at >= of.publish_at and of.published_at is None:
        _publish(db, campaign, of, at=at)


def _publish(db: Session, campaign: Campaign, of: Dispute, *, at: datetime) -> None:
    of.published_at = at
    record(
        db,
        "publish reasons",
        of,
        by=None,
        at=at,
        before=of.state,
        campaign_id=campaign.id,
        version=of.text_version,
    )


def _require_unpublished(of: Dispute) -> None:
    if of.state != DisputeState.AWARDED or of.published_at or not of.text_version:
        raise Conflict("There is nothing to read before it is published.")


def readings_of(db: Session, of: Dispute) -> list[Reading]:
    """Who has read the words that will be published, as they stand now."""
    query = select(Reading).where(Reading.dispute_id == of.id, Reading.text_version == of.text_version)
    return list(db.exec(query.order_by(col(Reading.id))))
