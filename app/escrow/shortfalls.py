"""What happens when a backer has not paid at the end of its window: the campaign's own rule, never silence.

The others' headroom is used first. What is then missing is offered to them, or milestones are cut, or they vote; where
nothing helps, the campaign is stopped and each backer gets back what its own accounts hold.
"""

from collections import Counter
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns import motions, recutting
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, CampaignState, OnDefault, Pledge
from app.campaigns.round_rules import rules_of
from app.campaigns.sharing import count_to_cut, used_of
from app.escrow import gap, takeovers
from app.escrow.model import Call, CallState
from app.escrow.opening import open_all, running, spoken_for
from app.kit.states import move
from app.kit.words import N_
from app.people.step import record

# What everyone reads when the rule ends a campaign.
UNPAID_REASON = N_("A backer did not pay, and the campaign's rule did not fill the gap.")
UNDONE_REASON = N_("Work was not done in time, and the campaign's rule did not fill the gap.")


def open_shortfall(db: Session, call: Call, *, at: datetime) -> None:
    """The rule begins to run: headroom first, then what the campaign chose when it opened.

    Whoever else is late by now is looked at with it: none of them helps, none stands in the others' way.
    """
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    if call.state == CallState.DEFAULTED:
        _run(db, campaign, at=at)


def open_for_work(db: Session, contribution: InKindContribution, *, at: datetime) -> None:
    """The same rule runs for work that was not done in time: it is a default like any other."""
    campaign = campaigns.lock(db, contribution.campaign_id)
    db.refresh(contribution)
    if contribution.state == InKindState.DEFAULTED:
        _run(db, campaign, at=at)


def _run(db: Session, campaign: Campaign, *, at: datetime) -> None:
    if campaign.state != CampaignState.SECURED:
        return
    rule = rules_of(db, campaign).on_default
    opened = open_all(db, campaign, at=at)
    if rule == OnDefault.REFUND_ALL:
        return
    left = [one for one in opened if not fill(db, campaign, one, at=at)]
    if left and rule == OnDefault.CUT_OPTIONAL:
        reduce(db, campaign, only_optional=True, at=at)
    elif rule == OnDefault.VOTE:
        for one in left:
            motions.put(
                db, campaign, MotionKind.SCOPE, words="", thing_id=one.id, ends_at=one.ends_at,
                excluded_pledge_id=one.pledge_id, by=None, at=at,
            )  # fmt: skip


def fill(
    db: Session,
    campaign: Campaign,
    shortfall: Shortfall,
    *,
    state: ShortfallState = ShortfallState.FILLED,
    at: datetime,
) -> bool:
    """Fill the gap from the others' headroom, then from what was signed for it; False while that is not enough."""
    wanted = gap.missing_of(db, shortfall)
    price = sum(cents for _milestone, cents in wanted)
    rooms = recutting.headroom(db, campaign, without=gap.no_help(db, campaign))
    signed = takeovers.of(db, shortfall)
    free = min(price, max(0, sum(rooms.values()) - spoken_for(db, campaign, shortfall)))
    if free + sum(one.amount_cents for one in signed) < price:
        return False
    gap.give_up(db, shortfall, at=at)
    used = used_of(list(rooms.values()), free)
    room = [(db.get_one(Pledge, name), cents) for name, cents in zip(rooms, used, strict=True) if cents]
    still = price - free
    if still:
        room += takeovers.become_pledges(db, campaign, shortfall, signed, still, at=at)
    if wanted:
        parts = recutting.take_over(db, campaign, wanted, room, at=at)
        gap.call_parts(db, campaign, parts, at=at)
    _end(db, campaign, shortfall, state, "fill" if state == ShortfallState.FILLED else "cut", at=at)
    return True


def reduce(db: Session, campaign: Campaign, *, only_optional: bool, at: datetime) -> bool:
    """Cut milestones nobody has begun, the last ones first, until the others' headroom fills every open gap.

    Changes nothing and says False where that would leave nothing to build, or not enough.
    """
    open_all(db, campaign, at=at)
    open_ones, late = running(db, campaign), gap.in_default(db, campaign)
    missing: Counter[int] = Counter()
    for one in open_ones:
        missing.update({milestone.id: cents for milestone, cents in gap.missing_of(db, one)})
    price = missing.total()
    room = sum(recutting.headroom(db, campaign, without=gap.no_help(db, campaign)).values())
    parts = campaigns.parts_of(db, campaign)
    names = [
        milestone.id
        for milestone in gap.not_begun(db, campaign, gap.leaving(db, campaign), only_optional=only_optional)
    ]
    frees = [gap.freed(db, [part for part in parts if part.milestone_id == name], late) for name in names]
    count = count_to_cut(
        price, room, [(missing[name], free) for name, free in zip(names, frees, strict=True)]
    )
    if count is None or count >= len(campaigns.scoped_milestones(db, campaign)):
        return False
    gap.cut_milestones(db, campaign, names[:count], at=at)
    for one in open_ones:
        fill(db, campaign, one, state=ShortfallState.CUT, at=at)
    return True


def after_vote(db: Session, motion: Motion, *, at: datetime) -> None:
    """The backers chose a smaller scope: it is cut; where nothing can be, the campaign is stopped."""
    campaign, motion = motions.locked(db, motion)
    shortfall = db.get_one(Shortfall, motion.thing_id)
    is_possible = shortfall.state == ShortfallState.OPEN and campaign.state == CampaignState.SECURED
    motions.carry_out(db, motion, is_possible=is_possible, at=at)
    if is_possible and not reduce(db, campaign, only_optional=False, at=at):
        stop(db, campaign, shortfall, at=at)


def to_look_at(db: Session, at: datetime) -> list[int]:
    """Open shortfalls that were paid after all, given more time, overtaken by an end, or whose day has passed."""
    lost = select(col(Motion.thing_id)).where(Motion.kind == MotionKind.SCOPE, Motion.state == "lost")
    query = (
        select(Shortfall.id)
        .outerjoin(Call, col(Call.id) == col(Shortfall.call_id))
        .outerjoin(InKindContribution, col(InKindContribution.id) == col(Shortfall.contribution_id))
        .join(Campaign, col(Campaign.id) == col(Shortfall.campaign_id))
        .where(Shortfall.state == ShortfallState.OPEN)
        .where(
            (col(Call.state) != CallState.DEFAULTED) | (col(Campaign.state) != CampaignState.SECURED)
            | (col(InKindContribution.state) != InKindState.DEFAULTED) | (col(Shortfall.ends_at) <= at)
            | col(Shortfall.id).in_(lost)
        )
    )  # fmt: skip
    return list(db.exec(query.order_by(col(Shortfall.id))))


def look_at(db: Session, shortfall: Shortfall, *, at: datetime) -> None:
    """End a shortfall whose call was paid or waited on; stop the campaign when its day has passed unfilled."""
    campaign = campaigns.lock(db, shortfall.campaign_id)
    db.refresh(shortfall)
    if shortfall.state != ShortfallState.OPEN:
        return
    standing = gap.standing(db, shortfall)
    if standing == gap.Standing.WAITED:
        _end(db, campaign, shortfall, ShortfallState.WAITED, "wait", at=at)
    elif campaign.state != CampaignState.SECURED:
        _end(db, campaign, shortfall, ShortfallState.STOPPED, "stop", at=at)
    elif standing == gap.Standing.MET:
        _end(db, campaign, shortfall, ShortfallState.PAID, "pay", at=at)
    elif not _is_being_decided(db, shortfall, at) and not _is_helped(db, campaign, shortfall, at=at):
        stop(db, campaign, shortfall, at=at)


def _is_helped(db: Session, campaign: Campaign, shortfall: Shortfall, *, at: datetime) -> bool:
    """Whether the rule helps on its last day where it did not on its first: others' calls were open then."""
    if shortfall.rule not in (OnDefault.TOP_UP, OnDefault.CUT_OPTIONAL):
        return False
    if fill(db, campaign, shortfall, at=at):
        return True
    return shortfall.rule == OnDefault.CUT_OPTIONAL and reduce(db, campaign, only_optional=True, at=at)


def _is_being_decided(db: Session, shortfall: Shortfall, at: datetime) -> bool:
    """Whether the backers' vote is carried and waits to be carried out, or is still open."""
    query = select(Motion.state).where(Motion.kind == MotionKind.SCOPE, Motion.thing_id == shortfall.id)
    state = db.exec(query).first()
    if state == "lost":
        return False
    return state in ("open", "carried") or at < shortfall.ends_at


def stop(db: Session, campaign: Campaign, shortfall: Shortfall, *, at: datetime) -> None:
    """The rule did not help: the campaign ends, and what is still held goes back."""
    _end(db, campaign, shortfall, ShortfallState.STOPPED, "stop", at=at)
    campaigns.stop_by_rule(
        db, campaign, reason=UNDONE_REASON if shortfall.contribution_id else UNPAID_REASON, at=at
    )


def of_call(db: Session, call: Call) -> Shortfall | None:
    """The newest gap of a call's pledge, whatever became of it."""
    query = select(Shortfall).where(Shortfall.pledge_id == call.pledge_id)
    return db.exec(query.order_by(col(Shortfall.id).desc())).first()


def _end(
    db: Session, campaign: Campaign, shortfall: Shortfall, state: ShortfallState, act: str, *, at: datetime
) -> None:
    before = shortfall.state
    move(shortfall, state)
    shortfall.ended_at = at
    record(db, act, shortfall, by=None, at=at, before=before, campaign_id=campaign.id, rule=shortfall.rule)
    motions.overtake(db, campaign, MotionKind.SCOPE, shortfall.id, at=at)
