"""What waits for officers about campaigns: to open, to close early, to call the next tranche, to decide on."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, and_, col, exists, select

from app.boards.saying import last_day
from app.boards.ties import is_free_of_ties
from app.boards.waiting import Waiting
from app.campaigns.model import Campaign, CampaignState, Part, PlannedTranche
from app.delivery.model import Delivery
from app.delivery.standing import ENDED
from app.escrow.model import Tranche
from app.kit.money import Money
from app.kit.words import _, day
from app.people.access import Actor
from app.people.model import Role
from app.people.step import Step

MOST = 10
MOST_MILESTONES = 500


def campaigns_to_move(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Drafts to open, and open campaigns that have reached their minimum."""
    if not actor.has(Role.OFFICER):
        return
    reached = and_(
        col(Campaign.state) == CampaignState.OPEN, col(Campaign.signed_cents) >= col(Campaign.minimum_cents),
        col(Campaign.deadline_at) > at,
    )  # fmt: skip
    query = (
        select(Campaign)
        .where((col(Campaign.state) == CampaignState.DRAFT) | reached, is_free_of_ties(actor, at))
        .order_by(col(Campaign.deadline_at), col(Campaign.id))
        .limit(2 * MOST)
    )
    for campaign in db.exec(query):
        until = last_day(campaign.deadline_at)
        url = url_for("campaigns.show", name=campaign.public_id)
        if campaign.state == CampaignState.DRAFT:
            yield Waiting(
                _("Open the campaign “%(title)s”", title=campaign.title),
                _("A draft · its deadline is %(day)s, and nobody can pledge yet", day=day(until, "short")),
                url, _("Look at it"), until,
            )  # fmt: skip
            continue
        yield Waiting(
            _("“%(title)s” has reached its minimum", title=campaign.title),
            _(
                "%(pledged)s are pledged · close it now, or wait: it is secured by itself after %(day)s",
                pledged=Money(campaign.signed_cents, campaign.currency), day=day(until, "short"),
            ),
            url, _("Look at it"),
        )  # fmt: skip


def tranches_to_call(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Secured campaigns whose earlier milestones have ended: the next tranche can be called."""
    if not actor.has(Role.OFFICER):
        return
    query = (
        select(Campaign, PlannedTranche.number, PlannedTranche.milestone_id, Tranche.id)
        .join(PlannedTranche, col(PlannedTranche.campaign_id) == col(Campaign.id))
        .outerjoin(
            Tranche,
            and_(
                col(Tranche.campaign_id) == col(Campaign.id),
                col(Tranche.number) == col(PlannedTranche.number),
            ),
        )
        .where(
            Campaign.state == CampaignState.SECURED,
            is_free_of_ties(actor, at),
            exists().where(col(Part.milestone_id) == col(PlannedTranche.milestone_id)),
        )
        .order_by(col(Campaign.id), col(PlannedTranche.number))
        .limit(MOST_MILESTONES)
    )
    planned: dict[int, tuple[Campaign, list[tuple[int, int, bool]]]] = {}
    for campaign, number, milestone_id, tranche_id in db.exec(query):
        planned.setdefault(campaign.id, (campaign, []))[1].append(
            (number, milestone_id, tranche_id is not None)
        )
    ended = _ended(db, {row[1] for _campaign, rows in planned.values() for row in rows})
    for campaign, rows in planned.values():
        following = min((number for number, _milestone, is_called in rows if not is_called), default=None)
        if following is None:
            continue
        if any(number < following and milestone not in ended for number, milestone, _is_called in rows):
            continue
        yield Waiting(
            _("Call the funds of tranche %(number)s of “%(title)s”", number=following, title=campaign.title),
            _("Work on its milestones can start once every call is paid"),
            url_for("campaigns.show", name=campaign.public_id),
            _("Look at it"),
        )


def _ended(db: Session, milestone_ids: set[int]) -> set[int]:
    if not milestone_ids:
        return set()
    decided = select(Delivery.milestone_id).where(
        col(Delivery.milestone_id).in_(milestone_ids), col(Delivery.state).in_(ENDED)
    )
    stopped = select(Step.thing_id).where(
        Step.thing == "Milestone", col(Step.thing_id).in_(milestone_ids), Step.act == "long stop"
    )
    return set(db.exec(decided.union(stopped)).scalars())  # type: ignore[call-overload]
