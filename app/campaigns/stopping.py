"""The end before the end: the backers of a secured campaign may vote to stop it."""

from datetime import datetime

from sqlmodel import Session

from app.campaigns import motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.binding import stakes_of
from app.campaigns.model import Campaign, CampaignState
from app.kit.rules import Refused
from app.people.access import Actor, require_role


def propose_stop(db: Session, campaign: Campaign, *, reason: str, by: Actor, at: datetime) -> Motion:
    """A backer asks the others to stop the campaign, with a reason everyone can read; its own word is yes."""
    require_role(by, *motions.SPEAKERS)
    campaign = campaigns.lock(db, campaign.id)
    if by.organization.id not in stakes_of(db, campaign):
        raise Refused("Only the backers it is about vote.", status=403)
    motions.require_words(reason)
    motion = motions.put(db, campaign, MotionKind.STOP, words=reason, by=by, at=at)
    return motions.speak(db, motion, is_yes=True, by=by, at=at)


def stop_as_voted(db: Session, motion: Motion, *, at: datetime) -> None:
    """The backers voted to stop: what is still held goes back to each of them."""
    campaign, motion = motions.locked(db, motion)
    is_possible = campaign.state == CampaignState.SECURED
    motions.carry_out(db, motion, is_possible=is_possible, at=at)
    if is_possible:
        campaigns.stop_by_rule(db, campaign, reason=motion.words, at=at)
