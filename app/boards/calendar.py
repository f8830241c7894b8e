"""Every clock of a campaign, in the order it strikes: what happens on which day, and what if nothing is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns.ballot import Motion, MotionState
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, CampaignState, Pledge
from app.campaigns.reading import milestones_of, scoped_milestones
from app.campaigns.wording_motions import about_of
from app.delivery.clocks import LONG_STOP
from app.delivery.model import Delivery, DeliveryState, Dispute, DisputeState, Reserve, ReserveState
from app.delivery.retention import LONGEST
from app.delivery.standing import due_of, has_ended, holds_retention
from app.escrow.guards import SPARE_DAYS, hold_days
from app.escrow.model import Call, CallState, Deposit, DepositState
from app.estimates.model import Estimate, Milestone
from app.kit.words import _, last_day_of, local_day, ngettext
from app.people.access import Actor

UNPAID = (CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE)


@dataclass(frozen=True)
class Clock:
    """One day of a campaign: what is due, what follows if nothing is done, and the page where it is done."""

    on: date
    what: str
    consequence: str
    endpoint: str
    name: str
    key: str


def clocks_of(db: Session, campaign: Campaign, actor: Actor | None, at: datetime) -> list[Clock]:
    """The days to come and those that passed unmet, the first one first; of money held, only who may know it."""
    if campaign.state in (CampaignState.DRAFT, CampaignState.OPEN):
        found = [*_of_round(db, campaign)]
    elif campaign.state == CampaignState.SECURED:
        found = [
            *_of_calls(db, campaign), *_of_milestones(db, campaign), *_of_deliveries(db, campaign),
            *_of_work(db, campaign), *_of_gaps(db, campaign), *_of_holding(db, campaign, actor),
        ]  # fmt: skip
    else:
        found = [*_of_deliveries(db, campaign)]
    return sorted([*found, *_of_questions(db, campaign)], key=lambda clock: (clock.on, clock.key))


def _of_round(db: Session, campaign: Campaign) -> Iterator[Clock]:
    yield Clock(
        campaign.deadline_on, _("Last day to pledge"),
        _("With the minimum reached the parts are cut; otherwise every pledge ends by itself."),
        "campaigns.show", campaign.public_id, "deadline",
    )  # fmt: skip
    estimate = db.get_one(Estimate, campaign.estimate_id)
    if estimate.valid_until:
        yield Clock(
            estimate.valid_until, _("The estimate is valid until this day"), "", "estimates.show",
            estimate.public_id, "estimate",
        )  # fmt: skip
    for milestone in milestones_of(db, campaign.estimate_id):
        yield _due(milestone, milestone.due_on, "campaigns.show", campaign.public_id)


def _due(milestone: Milestone, on: date, endpoint: str, name: str) -> Clock:
    return Clock(
        on, _("“%(title)s” is due", title=milestone.title),
        _("60 days later, without a delivery, what is held for it goes back."), endpoint, name,
        f"milestone:{milestone.number}",
    )  # fmt: skip


def _of_calls(db: Session, campaign: Campaign) -> Iterator[Clock]:
    """One day for all calls of a tranche that end together: who has not paid is nobody else's to know."""
    query = (
        select(Call.tranche_number, Call.window_ends_at)
        .where(Call.campaign_id == campaign.id, col(Call.state).in_(UNPAID))
        .distinct().order_by(col(Call.window_ends_at))
    )  # fmt: skip
    for number, ends_at in db.exec(query):
        yield Clock(
            last_day_of(ends_at), _("Last day to pay the calls of tranche %(number)s", number=number),
            _("A call not paid then is a default: the campaign's rule runs."), "escrow.money", campaign.public_id,
            f"tranche:{number}:{ends_at:%Y%m%d}",
        )  # fmt: skip


def _of_milestones(db: Session, campaign: Campaign) -> Iterator[Clock]:
    for milestone in scoped_milestones(db, campaign):
        if has_ended(db, campaign, milestone):
            continue
        due = due_of(db, milestone)
        yield _due(milestone, due, "campaigns.show", campaign.public_id)
        yield Clock(
            due + LONG_STOP, _("“%(title)s”: last day before its money goes back", title=milestone.title),
            _("Without a delivery by then, each backer gets back what is held for it."), "escrow.money",
            campaign.public_id, f"long-stop:{milestone.number}",
        )  # fmt: skip


def _of_deliveries(db: Session, campaign: Campaign) -> Iterator[Clock]:
    query = select(Delivery).where(Delivery.campaign_id == campaign.id).order_by(col(Delivery.id))
    for delivery in db.exec(query):
        title = db.get_one(Milestone, delivery.milestone_id).title
        if delivery.state == DeliveryState.HANDED_IN:
            yield Clock(
                last_day_of(delivery.review_ends_at), _("Last day to answer “%(title)s”", title=title),
                _("Silence counts as accepting, never for who filed a reserve."), "delivery.show", delivery.public_id,
                f"review:{delivery.public_id}",
            )  # fmt: skip
        if holds_retention(delivery) and delivery.decided_at:
            yield Clock(
                local_day(delivery.decided_at + LONGEST), _("“%(title)s”: the retention ends", title=title),
                _("Without a release of the software by then, what was kept back returns to the backers."),
                "delivery.show", delivery.public_id, f"retention:{delivery.public_id}",
            )  # fmt: skip
        yield from _of_reserves(db, delivery, title)
        yield from _of_dispute(db, delivery, title)


def _of_reserves(db: Session, delivery: Delivery, title: str) -> Iterator[Clock]:
    query = select(Reserve).where(
        Reserve.delivery_id == delivery.id, col(Reserve.state).in_([ReserveState.FILED, ReserveState.MENDED])
    )
    together: dict[tuple[date, bool], list[Reserve]] = {}
    for reserve in db.exec(query.order_by(col(Reserve.id))):
        until = reserve.answer_until if reserve.state == ReserveState.MENDED else None
        on = last_day_of(until) if until else reserve.due_on
        together.setdefault((on, until is not None), []).append(reserve)
    for (on, answers), reserves in together.items():
        num = len(reserves)
        yield Clock(
            on,
            ngettext("“%(title)s”: a mended reserve waits for its answer",
                     "“%(title)s”: %(num)s mended reserves wait for an answer", num, title=title) if answers
            else ngettext("“%(title)s”: a reserve is to be mended", "“%(title)s”: %(num)s reserves are to be mended",
                          num, title=title),
            "", "delivery.show", delivery.public_id, f"reserve:{reserves[0].public_id}",
        )  # fmt: skip


def _of_dispute(db: Session, delivery: Delivery, title: str) -> Iterator[Clock]:
    dispute = db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).first()
    if dispute is None:
        return
    found = []
    if dispute.state == DisputeState.STATING:
        found.append((dispute.statements_end_at, _("“%(title)s”: last day to state one's case", title=title)))
    elif dispute.state in (DisputeState.DECIDING, DisputeState.TIED) and dispute.decide_by:
        found.append((dispute.decide_by, _("“%(title)s”: the arbitrators decide by then", title=title)))
    if dispute.publish_at and not dispute.published_at:
        found.append(
            (dispute.publish_at, _("“%(title)s”: the reasons of the award are published", title=title))
        )
    for ends_at, what in found:
        yield Clock(
            last_day_of(ends_at), what, "", "delivery.dispute_page", delivery.public_id,
            f"dispute:{dispute.public_id}:{ends_at:%Y%m%d}",
        )  # fmt: skip


def _of_work(db: Session, campaign: Campaign) -> Iterator[Clock]:
    query = select(InKindContribution).where(
        InKindContribution.campaign_id == campaign.id,
        col(InKindContribution.state).in_([InKindState.AGREED, InKindState.HANDED_OVER]),
    )
    for work in db.exec(query.order_by(col(InKindContribution.id))):
        number = db.get_one(Milestone, work.milestone_id).number
        if work.state == InKindState.HANDED_OVER and work.review_ends_at:
            on = last_day_of(work.review_ends_at)
            what = _("The time sheet for milestone %(number)s is answered", number=number)
            then = _("Silence counts as accepting.")
        else:
            on, what = work.due_on, _("The work for milestone %(number)s is handed over", number=number)
            then = _("Not handed over, it is a default: the campaign's rule runs.")
        yield Clock(
            on, what, then, "campaigns.work_of_campaign", campaign.public_id, f"work:{work.public_id}"
        )


def _of_gaps(db: Session, campaign: Campaign) -> Iterator[Clock]:
    query = select(Shortfall).where(
        Shortfall.campaign_id == campaign.id, Shortfall.state == ShortfallState.OPEN
    )
    for gap in db.exec(query.order_by(col(Shortfall.id))):
        yield Clock(
            last_day_of(gap.ends_at), _("Last day to fill what is missing"),
            _("Not filled, the campaign is stopped and each backer gets back what is still held."),
            "escrow.shortfall", gap.public_id, f"gap:{gap.public_id}",
        )  # fmt: skip


def _of_questions(db: Session, campaign: Campaign) -> Iterator[Clock]:
    query = select(Motion).where(Motion.campaign_id == campaign.id, Motion.state == MotionState.OPEN)
    for motion in db.exec(query.order_by(col(Motion.id))):
        yield Clock(
            last_day_of(motion.ends_at),
            _("Last day to vote: %(question)s", question=about_of(db, campaign, motion)["question"]),
            "", "campaigns.motion", motion.public_id, f"motion:{motion.public_id}",
        )  # fmt: skip


def _of_holding(db: Session, campaign: Campaign, actor: Actor | None) -> Iterator[Clock]:
    """How long a rail holds what was paid: for the fund, and each backer its own."""
    if actor is None:
        return
    query = (
        select(Deposit, Call)
        .join(Call, col(Call.id) == col(Deposit.call_id))
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(Call.campaign_id == campaign.id, Deposit.state == DepositState.RECEIVED)
        .order_by(col(Deposit.id))
    )
    if not actor.sees_everything:
        query = query.where(Pledge.organization_id == actor.organization.id)
    for deposit, call in db.exec(query):
        days = hold_days(deposit.rail)
        if days is None:
            continue
        last = local_day(deposit.received_at) + timedelta(days=days)
        for on, what, key in (
            (
                last - timedelta(days=SPARE_DAYS),
                _("Alarm: call %(number)s is held for %(days)s days more", number=call.number, days=SPARE_DAYS),
                "alarm",
            ),
            (last, _("The way of paying holds call %(number)s no longer", number=call.number), "hold"),
        ):  # fmt: skip
            yield Clock(
                on, what, _("Before it, the fund releases it, or refunds it and calls again."), "escrow.show",
                call.public_id, f"{key}:{deposit.public_id}",
            )  # fmt: skip
