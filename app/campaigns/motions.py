"""Questions put to the backers: a settlement, more time, a smaller scope, the end. Their campaign's rule counts.

A carried motion is a fact; the room whose affair it is carries it out, with the worker.
"""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from app.campaigns import in_kind_sums
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind, MotionState, Voice
from app.campaigns.binding import Scale, scale_of, stakes_of
from app.campaigns.model import Campaign, CampaignState
from app.estimates.model import Estimate
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.money import Cents
from app.kit.rules import Conflict, Missing, Refused, require
from app.kit.states import move
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Role
from app.people.step import record

VOTING_DAYS = 10
MOST_SHOWN = 20
SPEAKERS = (Role.BUYER, Role.APPROVER)


def put(
    db: Session, campaign: Campaign, kind: MotionKind, *, words: str, by: Actor | None, at: datetime,
    ends_at: datetime | None = None, milestone_id: int | None = None, thing_id: int | None = None,
    cents: Cents | None = None, day: date | None = None, needs_maintainer: bool = False,
    excluded_pledge_id: int | None = None,
) -> Motion:  # fmt: skip
    """Put a question to the backers, for ten business days unless said otherwise. The campaign is locked."""
    if campaign.state != CampaignState.SECURED:
        raise Conflict("The backers vote only while the campaign is secured.")
    if open_motion(db, campaign, kind, milestone_id=milestone_id, thing_id=thing_id):
        raise Conflict("The backers are asked this already: wait for their answer.")
    last = add_business_days(day_of(at, campaign.zone), VOTING_DAYS)
    motion = Motion(
        campaign_id=campaign.id, kind=kind, words=words.strip(), milestone_id=milestone_id, thing_id=thing_id,
        cents=cents, day=day, organization_id=by.organization.id if by else None, opened_at=at,
        ends_at=ends_at or end_of_day(last, campaign.zone), needs_maintainer=needs_maintainer,
        excluded_pledge_id=excluded_pledge_id,
    )  # fmt: skip
    db.add(motion)
    record(
        db, "put", motion, by=by, at=at, campaign_id=campaign.id, kind=kind.value, reason=motion.words,
        cents=cents, day=day.isoformat() if day else None,
    )  # fmt: skip
    return motion


def open_motion(
    db: Session,
    campaign: Campaign,
    kind: str,
    *,
    milestone_id: int | None = None,
    thing_id: int | None = None,
) -> Motion | None:
    """The question of this kind the backers are asked now."""
    query = select(Motion).where(
        Motion.campaign_id == campaign.id, Motion.kind == kind, Motion.state == MotionState.OPEN,
        Motion.milestone_id == milestone_id, Motion.thing_id == thing_id,
    )  # fmt: skip
    return db.exec(query).first()


def speak(db: Session, motion: Motion, *, is_yes: bool, reason: str = "", by: Actor, at: datetime) -> Motion:
    """A backer says yes or no, once; the question is decided as soon as the campaign's rule says so."""
    require_role(by, *SPEAKERS)
    campaign, motion = locked(db, motion)
    scale = scale_now(db, campaign, motion)
    stakes = stakes_now(db, campaign, motion)
    if by.organization.id not in stakes:
        raise Refused("Only the backers it is about vote.", status=403)
    stand_aside(db, by, {maintainer_of(db, campaign)}, at=at)
    require_open(campaign, motion, at)
    if by.organization.id in {voice.organization_id for voice in voices_of(db, motion)}:
        raise Conflict("Your organization has answered already.")
    db.add(Voice(
        motion_id=motion.id, organization_id=by.organization.id, is_yes=is_yes, reason=reason.strip(),
        weight=scale.weights.get(by.organization.id, 0), pseudonym=by.person.pseudonym, at=at,
    ))  # fmt: skip
    record(
        db, "say yes" if is_yes else "say no", motion, by=by, at=at, before=motion.state,
        campaign_id=campaign.id, reason=reason.strip(),
    )  # fmt: skip
    decide(db, campaign, motion, at=at)
    return motion


def agree(db: Session, motion: Motion, *, by: Actor, at: datetime) -> Motion:
    """The maintainer says yes to what a backer proposes."""
    require_role(by, Role.MEMBER)
    campaign, motion = locked(db, motion)
    if by.organization.id != maintainer_of(db, campaign) or not motion.needs_maintainer:
        raise Missing
    require_open(campaign, motion, at)
    if motion.maintainer_agreed_at:
        raise Conflict("Your organization has answered already.")
    motion.maintainer_agreed_at = at
    record(db, "agree", motion, by=by, at=at, before=motion.state, campaign_id=campaign.id)
    decide(db, campaign, motion, at=at)
    return motion


def withdraw(db: Session, motion: Motion, *, by: Actor, at: datetime) -> Motion:
    """Who asked takes the question back while it is open."""
    require_role(by, *SPEAKERS, Role.MEMBER)
    campaign, motion = locked(db, motion)
    if motion.organization_id != by.organization.id:
        raise Missing
    require_open(campaign, motion, at)
    _end(db, motion, MotionState.WITHDRAWN, "withdraw", by=by, at=at)
    return motion


def decide(db: Session, campaign: Campaign, motion: Motion, *, at: datetime) -> None:
    """Count: carried, lost, or still open. Once the day has passed, who was silent has not said yes."""
    if motion.state != MotionState.OPEN:
        return
    voices = voices_of(db, motion)
    yes = {voice.organization_id for voice in voices if voice.is_yes}
    no = {voice.organization_id for voice in voices if not voice.is_yes}
    scale = scale_now(db, campaign, motion)
    is_over = at >= motion.ends_at or campaign.state != CampaignState.SECURED
    verdict = scale.verdict(yes, no, is_over=is_over)
    if is_over and not scale.is_heard(yes | no):
        verdict = False
    if verdict and motion.needs_maintainer and not motion.maintainer_agreed_at:
        verdict = None
    # Counted once: what each answer weighed stays on record, and the audit counts it again.
    count = {
        "answers": [
            [v.organization_id, int(v.is_yes), scale.weights.get(v.organization_id, 0)] for v in voices
        ],
        "whole": sum(scale.weights.values()),
    }
    if verdict:
        _end(db, motion, MotionState.CARRIED, "carry", by=None, at=at, **count)
    elif verdict is False or is_over:
        _end(db, motion, MotionState.LOST, "lose", by=None, at=at, **count)


def carry_out(db: Session, motion: Motion, *, is_possible: bool = True, at: datetime) -> None:
    """What a carried motion asked for was done, or could not be any more."""
    _end(db, motion, MotionState.DONE if is_possible else MotionState.OVERTAKEN,
         "carry out" if is_possible else "overtake", by=None, at=at)  # fmt: skip


def overtake(db: Session, campaign: Campaign, kind: str, thing_id: int | None, *, at: datetime) -> None:
    """What the backers were asked has been answered otherwise."""
    query = select(Motion).where(
        Motion.campaign_id == campaign.id, Motion.kind == kind, Motion.thing_id == thing_id,
        col(Motion.state).in_([MotionState.OPEN, MotionState.CARRIED]),
    )  # fmt: skip
    for motion in db.exec(query.order_by(col(Motion.id))):
        carry_out(db, motion, is_possible=False, at=at)


def past_end(db: Session, at: datetime) -> list[int]:
    """Open questions whose day has passed, or whose campaign has ended: the worker counts each by itself."""
    query = (
        select(Motion.id)
        .join(Campaign, col(Campaign.id) == col(Motion.campaign_id))
        .where(Motion.state == MotionState.OPEN)
        .where((col(Motion.ends_at) <= at) | (col(Campaign.state) != CampaignState.SECURED))
    )
    return list(db.exec(query.order_by(col(Motion.id))))


def close(db: Session, motion: Motion, *, at: datetime) -> None:
    """The day has passed: count."""
    campaign, motion = locked(db, motion)
    decide(db, campaign, motion, at=at)


def carried(db: Session, kind: MotionKind) -> list[int]:
    """Carried questions of a kind that nobody has carried out yet."""
    query = select(Motion.id).where(Motion.kind == kind, Motion.state == MotionState.CARRIED)
    return list(db.exec(query.order_by(col(Motion.id))))


def all_of(db: Session, campaign: Campaign) -> list[Motion]:
    """What the backers of a campaign are and were asked, newest first."""
    query = select(Motion).where(Motion.campaign_id == campaign.id)
    return list(db.exec(query.order_by(col(Motion.id).desc()).limit(MOST_SHOWN)))


def voices_of(db: Session, motion: Motion) -> list[Voice]:
    """What was answered, in order."""
    return list(db.exec(select(Voice).where(Voice.motion_id == motion.id).order_by(col(Voice.id))))


def stakes_now(db: Session, campaign: Campaign, motion: Motion) -> dict[int, Cents]:
    """What each organization that is asked has at stake.

    Who did not pay, or did not do its work, decides about no gap, its own or another's. Who works on a milestone
    decides nothing about it.
    """
    without = {motion.excluded_pledge_id}
    if motion.kind == MotionKind.SCOPE:
        others = select(Motion).where(
            Motion.campaign_id == campaign.id,
            Motion.kind == MotionKind.SCOPE,
            Motion.state == MotionState.OPEN,
        )
        without |= {other.excluded_pledge_id for other in db.exec(others)}
    stakes = stakes_of(db, campaign, motion.milestone_id, without=[name for name in without if name])
    if motion.milestone_id is not None:
        return in_kind_sums.without(stakes, in_kind_sums.workers_on(db, motion.milestone_id))
    if motion.kind == MotionKind.SCOPE:
        late = {one.organization_id for one in in_kind_sums.defaulted(db, campaign)}
        return in_kind_sums.without(stakes, late)
    return stakes


def scale_now(db: Session, campaign: Campaign, motion: Motion) -> Scale:
    """What each answer weighs."""
    return scale_of(db, campaign, stakes_now(db, campaign, motion))


def maintainer_of(db: Session, campaign: Campaign) -> int:
    """The organization that delivers: it never votes."""
    return db.get_one(Estimate, campaign.estimate_id).organization_id


def require_open(campaign: Campaign, motion: Motion, at: datetime) -> None:
    """Raise `Conflict` once the question is decided or its day has passed."""
    is_open = motion.state == MotionState.OPEN and at < motion.ends_at
    if not is_open or campaign.state != CampaignState.SECURED:
        raise Conflict("This was decided already, or its day has passed.")


def require_words(words: str) -> None:
    """Raise `Refused` without a reason."""
    require(words.strip(), "Please give the reason: everyone can read it.", field="reason")


def locked(db: Session, motion: Motion) -> tuple[Campaign, Motion]:
    """The campaign, then the motion as it is now: both held until the transaction ends."""
    campaign = campaigns.lock(db, motion.campaign_id)
    db.refresh(motion)
    return campaign, motion


def _end(
    db: Session, motion: Motion, state: MotionState, act: str, *, by: Actor | None, at: datetime, **count: Any
) -> None:
    before = motion.state
    move(motion, state)
    motion.ended_at = at
    record(
        db, act, motion, by=by, at=at, before=before, campaign_id=motion.campaign_id, kind=motion.kind, **count
    )  # fmt: skip
