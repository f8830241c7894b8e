"""What waits for those who build: needs to answer, estimates to finish, milestones to hand in, money to come for."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, col, exists, func, or_, select

from app.boards.waiting import Waiting
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.model import Campaign, CampaignState, Part, PlannedTranche
from app.campaigns.reading import is_live
from app.catalogue.model import Software
from app.delivery.model import Delivery, DeliveryState
from app.delivery.standing import ENDED, RUNNING
from app.escrow.model import Call, CallCause, CallState, Tranche
from app.escrow.sums import balances_of
from app.estimates.model import Estimate, EstimateState, Milestone
from app.kit.money import Money
from app.kit.words import _, day, ngettext
from app.needs.model import Need, NeedState
from app.payouts.model import PayeeAccount, Payout, PayoutState
from app.people.access import Actor
from app.people.model import Role
from app.people.step import Step
from app.roadmap.model import Answer, ItemState, RoadmapItem
from app.roadmap.rules import stands

MOST = 10
MOST_NEEDS = 1000


def needs_to_answer(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Needs of my software that were neither planned nor declined, counted up to a thousand."""
    if not actor.has(Role.MEMBER):
        return
    answered = exists().where(
        col(Answer.need_id) == col(Need.id), col(Answer.organization_id) == actor.organization.id, stands()
    )
    open_needs = (
        select(Need.software_id)
        .join(Software, col(Software.id) == col(Need.software_id))
        .where(
            Software.maintainer_id == actor.organization.id, Need.state == NeedState.PUBLISHED, ~answered,
        )
        .limit(MOST_NEEDS)
        .subquery()
    )  # fmt: skip
    query = (
        select(Software, func.count())
        .join(open_needs, open_needs.c.software_id == col(Software.id))
        .group_by(col(Software.id))
        .order_by(func.count().desc(), col(Software.id))
        .limit(MOST)
    )
    for software, count in db.exec(query):
        yield Waiting(
            ngettext(
                "One need of %(software)s has no answer", "%(num)s needs of %(software)s have no answer",
                count, software=software.name,
            ),
            _("Plan an item that answers them, or decline with a reason"),
            url_for("roadmap.new", software=software.public_id),
            _("Answer"),
        )  # fmt: skip


def items_to_quote(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Planned items nobody of us has quoted."""
    if not actor.has(Role.MEMBER):
        return
    live = [EstimateState.DRAFT, EstimateState.SUBMITTED, EstimateState.APPROVED]
    quoted = exists().where(
        col(Estimate.item_id) == col(RoadmapItem.id),
        col(Estimate.organization_id) == actor.organization.id,
        col(Estimate.state).in_(live),
    )
    query = (
        select(RoadmapItem, Software)
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .where(
            RoadmapItem.organization_id == actor.organization.id,
            RoadmapItem.state == ItemState.PLANNED,
            ~quoted,
        )
        .order_by(col(RoadmapItem.id))
        .limit(MOST)
    )
    for item, software in db.exec(query):
        yield Waiting(
            _("Write the estimate of “%(title)s”", title=item.title),
            _("%(software)s · planned; without a price nobody can pay for it", software=software.name),
            url_for("estimates.new", item=item.public_id),
            _("Write"),
        )


def estimates_to_finish(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Drafts the fund has not seen."""
    if not actor.has(Role.MEMBER):
        return
    query = (
        select(Estimate, RoadmapItem)
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .where(Estimate.organization_id == actor.organization.id, Estimate.state == EstimateState.DRAFT)
        .order_by(col(Estimate.id))
        .limit(MOST)
    )
    for estimate, item in db.exec(query):
        yield Waiting(
            _("Submit the estimate of “%(title)s”", title=item.title),
            _("%(number)s · a draft: the fund sees it once it is submitted", number=estimate.number),
            url_for("estimates.show", name=estimate.public_id),
            _("Read again"),
        )


def to_hand_in(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Milestones whose money is complete and that are not with their backers."""
    if not actor.has(Role.MEMBER):
        return
    number = col(PlannedTranche.number)
    unpaid = exists().where(
        col(Call.campaign_id) == col(Campaign.id), col(Call.tranche_number) == number,
        col(Call.cause) == CallCause.TRANCHE, col(Call.state).not_in([CallState.PAID, CallState.VOID]),
    )  # fmt: skip
    undone = exists().where(
        col(InKindContribution.milestone_id) == col(Milestone.id),
        col(InKindContribution.state) == InKindState.DEFAULTED,
    )
    in_hand = exists().where(
        col(Delivery.milestone_id) == col(Milestone.id), col(Delivery.state).in_([*RUNNING, *ENDED])
    )
    stopped = exists().where(
        col(Step.thing) == "Milestone", col(Step.thing_id) == col(Milestone.id), col(Step.act) == "long stop"
    )
    query = (
        select(Milestone, Campaign)
        .join(Estimate, col(Estimate.id) == col(Milestone.estimate_id))
        .join(Campaign, col(Campaign.estimate_id) == col(Estimate.id))
        .join(PlannedTranche, col(PlannedTranche.milestone_id) == col(Milestone.id))
        .join(Tranche, (col(Tranche.campaign_id) == col(Campaign.id)) & (col(Tranche.number) == number))
        .where(
            Estimate.organization_id == actor.organization.id, Campaign.state == CampaignState.SECURED,
            exists().where(col(Part.milestone_id) == col(Milestone.id), is_live()),
            ~unpaid, ~in_hand, ~stopped, ~undone,
        )
        .order_by(col(Milestone.due_on), col(Milestone.id))
        .limit(MOST)
    )  # fmt: skip
    for milestone, campaign in db.exec(query):
        yield Waiting(
            _("Hand in “%(title)s”", title=milestone.title),
            _(
                "%(campaign)s · %(amount)s excluding VAT · 60 days after its due date the money goes back by itself",
                campaign=campaign.title, amount=Money(milestone.price_cents, campaign.currency),
            ),
            url_for("delivery.hand_in_page", name=milestone.public_id),
            _("Hand in"),
            milestone.due_on,
        )  # fmt: skip


def refused(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Deliveries the backers refused: taken back, or disputed."""
    if not actor.has(Role.MEMBER):
        return
    query = (
        select(Delivery, Milestone, Campaign)
        .join(Milestone, col(Milestone.id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .where(Estimate.organization_id == actor.organization.id, Delivery.state == DeliveryState.REFUSED)
        .order_by(col(Delivery.id))
        .limit(MOST)
    )
    for delivery, milestone, campaign in db.exec(query):
        yield Waiting(
            _("Answer the refusal of “%(title)s”", title=milestone.title),
            _(
                "%(campaign)s · take it back and hand in again, or let two arbitrators decide",
                campaign=campaign.title,
            ),
            url_for("delivery.show", name=delivery.public_id),
            _("Read the reasons"),
        )


def account_to_name(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Money is owed, or will be, and nobody said where to."""
    if not actor.has(Role.FINANCE):
        return
    secured = (
        select(col(Estimate.id))
        .join(Campaign, col(Campaign.estimate_id) == col(Estimate.id))
        .where(Estimate.organization_id == actor.organization.id, Campaign.state == CampaignState.SECURED)
    )
    named = exists().where(col(PayeeAccount.organization_id) == actor.organization.id)
    owed = exists().where(col(Payout.payee_id) == actor.organization.id, col(Payout.state) == PayoutState.DUE)
    if db.exec(select(1).where(~named, or_(owed, secured.exists()))).first():
        yield Waiting(
            _("Say to which account you are paid"),
            _("What is released to you cannot be sent before"),
            url_for("payouts.account"),
            _("Name the account"),
        )


def came_back(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Payouts the bank sent back, and those on hold: the account may be wrong."""
    if not actor.has(Role.FINANCE):
        return
    query = (
        select(Payout, Campaign)
        .join(Campaign, col(Campaign.id) == col(Payout.campaign_id))
        .where(
            Payout.payee_id == actor.organization.id, Payout.state == PayoutState.DUE, Payout.attempt > 0,
            Payout.reason != "",
        )
        .order_by(col(Payout.id))
        .limit(MOST)
    )  # fmt: skip
    found = list(db.exec(query))
    owed = balances_of(db, [payout.account_code for payout, _campaign in found])
    for payout, campaign in found:
        amount = Money(owed.get(payout.account_code, 0), payout.currency)
        yield Waiting(
            _("Check the account you are paid on: %(amount)s could not be paid", amount=amount),
            _("%(campaign)s · %(reason)s · due since %(day)s",
              campaign=campaign.title, reason=payout.reason, day=day(payout.due_at.date(), "short")),
            url_for("payouts.account"),
            _("Check"),
        )  # fmt: skip


FINDERS = (
    needs_to_answer, items_to_quote, estimates_to_finish, to_hand_in, refused, account_to_name, came_back,
)  # fmt: skip
