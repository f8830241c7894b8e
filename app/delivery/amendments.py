"""Another milestone in the place of one, or several: proposed by the maintainer, agreed by its backers' rule."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import dividing, motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind, MotionState
from app.campaigns.in_kind_sums import agreed_by_milestone
from app.campaigns.model import Campaign, CampaignState
from app.delivery.amended import AmendmentPiece
from app.delivery.standing import RUNNING, has_ended, latest_delivery, maintainer_id
from app.escrow.dividing import divide_line, is_called
from app.estimates import amending
from app.estimates.amending import Piece
from app.estimates.model import Amendment, Milestone
from app.kit.clock import day_of
from app.kit.rules import Conflict, Missing, require
from app.people.access import Actor, require_role
from app.people.model import Role
from app.people.step import record


def propose(
    db: Session, campaign: Campaign, milestone: Milestone, pieces: Sequence[Piece], *, reason: str, by: Actor,
    at: datetime,
) -> Motion:  # fmt: skip
    """The maintainer proposes what takes the milestone's place; its backers vote. The price stays as a whole."""
    require_role(by, Role.MEMBER)
    if maintainer_id(db, campaign) != by.organization.id:
        raise Missing
    campaign = campaigns.lock(db, campaign.id)
    require(
        milestone.id in {m.id for m in campaigns.scoped_milestones(db, campaign)},
        "This milestone is not financed.",
    )
    _require_untouched(db, campaign, milestone, len(pieces))
    amending.check(milestone, pieces)
    today = day_of(at, campaign.zone)
    require(all(piece.due_on > today for piece in pieces), "Each day has to lie ahead.")
    require(reason.strip(), "Please give the reason: everyone can read it.", field="reason")
    motion = motions.put(
        db, campaign, MotionKind.AMENDMENT, words=reason, milestone_id=milestone.id, by=by, at=at
    )
    db.flush()
    for number, piece in enumerate(pieces, start=1):
        db.add(AmendmentPiece(
            motion_id=motion.id, number=number, title=piece.title.strip(), criteria=_tidy(piece.criteria),
            due_on=piece.due_on, price_cents=piece.price_cents, at=at,
        ))  # fmt: skip
    return motion


def _tidy(criteria: str) -> str:
    return "\n".join(line.strip() for line in criteria.splitlines() if line.strip())


def _require_untouched(db: Session, campaign: Campaign, milestone: Milestone, pieces: int) -> None:
    if has_ended(db, campaign, milestone):
        raise Conflict("This milestone has ended.")
    last = latest_delivery(db, milestone)
    if last and last.state in RUNNING:
        raise Conflict("This milestone is with its backers already.")
    if last and pieces > 1:
        raise Conflict("This milestone was handed in once: it can be worded anew, but not split any more.")
    if pieces > 1 and agreed_by_milestone(db, campaign).get(milestone.id):
        raise Conflict("Work is agreed for this milestone: it can be worded anew, but not split.")


def amend_as_voted(db: Session, motion: Motion, *, at: datetime) -> None:
    """The backers said yes: the milestone is replaced, and every part of it divided, to the cent."""
    campaign, motion = motions.locked(db, motion)
    milestone, pieces = db.get_one(Milestone, motion.milestone_id), pieces_of(db, motion)
    is_possible = campaign.state == CampaignState.SECURED and _is_possible(db, campaign, milestone, pieces)
    motions.carry_out(db, motion, is_possible=is_possible, at=at)
    if not is_possible:
        return
    cause, called = cause_of(motion), is_called(db, campaign, milestone)
    made = amending.replace(db, milestone, pieces, cause=cause, at=at)
    if len(made) > 1:
        dividing.plan(db, campaign, made, is_called=called)
        for part, parts in dividing.divide(db, campaign, made, cause=cause, at=at):
            divide_line(db, part, parts)
    record(
        db, "amend", milestone, by=None, at=at, campaign_id=campaign.id, milestone=milestone.number, motion=motion.id,
        into=[[one.number, one.price_cents, one.due_on.isoformat()] for one in made],
    )  # fmt: skip


def _is_possible(db: Session, campaign: Campaign, milestone: Milestone, pieces: Sequence[Piece]) -> bool:
    """Whether nothing came in between that the backers were not asked about."""
    try:
        _require_untouched(db, campaign, milestone, len(pieces))
    except Conflict:
        return False
    is_financed = milestone.id in {m.id for m in campaigns.scoped_milestones(db, campaign)}
    return is_financed and sum(piece.price_cents for piece in pieces) == milestone.price_cents


def cause_of(motion: Motion) -> str:
    """What the parts it retires and the milestones that come out of it name as their cause."""
    return f"amendment {motion.id}"


def pieces_of(db: Session, motion: Motion) -> list[Piece]:
    """What is proposed, in order."""
    query = select(AmendmentPiece).where(AmendmentPiece.motion_id == motion.id)
    return [
        Piece(title=one.title, criteria=one.criteria, due_on=one.due_on, price_cents=one.price_cents)
        for one in db.exec(query.order_by(col(AmendmentPiece.number)))
    ]


def outcome_of(db: Session, motion: Motion) -> list[Amendment]:
    """What was carried out, a row for each milestone that came out of it; nothing before."""
    query = select(Amendment).where(Amendment.cause == cause_of(motion))
    return list(db.exec(query.order_by(col(Amendment.number))))


def carried_out(db: Session, campaign: Campaign) -> list[tuple[Motion, Amendment, list[Milestone]]]:
    """Every amendment of a campaign: the question, what the milestone said before, what took its place."""
    query = select(Motion).where(
        Motion.campaign_id == campaign.id,
        Motion.kind == MotionKind.AMENDMENT,
        Motion.state == MotionState.DONE,
    )
    found = []
    for motion in db.exec(query.order_by(col(Motion.id))):
        outcome = outcome_of(db, motion)
        found.append((motion, outcome[0], [db.get_one(Milestone, one.milestone_id) for one in outcome]))
    return found
