"""What backers are asked, in plain sentences."""

from sqlmodel import Session

from app.campaigns.ballot import Motion, MotionKind, MotionState
from app.campaigns.model import Campaign
from app.estimates.model import Milestone
from app.kit.words import N_, _, day, money

STATE_WORDS = {
    MotionState.OPEN: (N_("Open"), "waits"),
    MotionState.CARRIED: (N_("Carried"), "done"),
    MotionState.DONE: (N_("Carried"), "done"),
    MotionState.LOST: (N_("Not carried"), "hollow"),
    MotionState.WITHDRAWN: (N_("Taken back"), "hollow"),
    MotionState.OVERTAKEN: (N_("Answered otherwise"), "hollow"),
}


def about_of(db: Session, campaign: Campaign, motion: Motion) -> dict[str, str]:
    """The question, what a yes does and what a no does, and how far it has come, in the reader's language."""
    title = db.get_one(Milestone, motion.milestone_id).title if motion.milestone_id else campaign.title
    question, yes, no = _SAID[MotionKind(motion.kind)]
    facts = {
        "title": title, "amount": money(motion.cents or 0, campaign.currency),
        "day": day(motion.day) if motion.day else "",
    }  # fmt: skip
    word, mark = STATE_WORDS[MotionState(motion.state)]
    return {
        "question": _(question, **facts),
        "yes": _(yes, **facts),
        "no": _(no, **facts),
        "state": _(word),
        "mark": mark,
    }


_SAID = {
    MotionKind.SETTLEMENT: (
        N_("Settle the dispute over “%(title)s” for %(amount)s?"),
        N_("If it is carried and the other side agrees, %(amount)s (excluding VAT) are released to the maintainer, the "
           "rest of the milestone goes back to its backers, and the dispute ends."),
        N_("If it is not carried, the dispute goes on."),
    ),
    MotionKind.EXTENSION: (
        N_("Give “%(title)s” time until %(day)s?"),
        N_("If it is carried, the milestone is due on %(day)s. Its price and its parts stay as they are."),
        N_("If it is not carried, the day that was agreed stands."),
    ),
    MotionKind.AMENDMENT: (
        N_("Change what “%(title)s” delivers?"),
        N_("If it is carried, the milestone is replaced by what is proposed. The price stays as a whole: each backer's "
           "part is divided over what takes its place, to the cent, and money that is held stays held for it."),
        N_("If it is not carried, the milestone stays as it is."),
    ),
    MotionKind.SCOPE: (
        N_("Go on with a smaller scope of “%(title)s”?"),
        N_("If it is carried, milestones nobody pays for any more are cut, the last ones first, and the campaign goes "
           "on."),
        N_("If it is not carried, the campaign is stopped and each backer gets back exactly what is still held of its "
           "own money."),
    ),
    MotionKind.STOP: (
        N_("Stop the campaign “%(title)s”?"),
        N_("If it is carried, the campaign is stopped: unpaid calls become void, and each backer gets back exactly "
           "what is still held of its own money. It cannot be undone."),
        N_("If it is not carried, the campaign goes on."),
    ),
}  # fmt: skip
