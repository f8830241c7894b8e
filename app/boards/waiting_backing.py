"""What waits around grants and work: rules to read, work to value, to sign, to do and to accept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import url_for
from sqlmodel import Session, col, exists, select

from app.boards.saying import last_day
from app.boards.ties import is_free_of_ties, own_organizations
from app.boards.waiting import Waiting
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.matching import grants_open_to
from app.campaigns.matching_model import GrantState, MatchingGrant, PublicMoney
from app.campaigns.model import Campaign, CampaignState, OnDefault
from app.campaigns.round_rules import rules_of
from app.campaigns.wording_backing import days_text
from app.estimates.model import Estimate
from app.kit.money import Money
from app.kit.words import _
from app.people.access import Actor
from app.people.model import Organization, Role

MOST = 10


def work_to_sign(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Work of ours the maintainer has valued."""
    if not actor.has(Role.BUYER, Role.APPROVER):
        return
    query = _ours(actor).where(
        InKindContribution.state == InKindState.VALUED, Campaign.state == CampaignState.OPEN,
        Campaign.deadline_at > at,
    )  # fmt: skip
    for work, campaign in db.exec(query):
        yield Waiting(
            _("Sign the work order of %(amount)s", amount=Money(work.value_cents, campaign.currency)),
            _("%(title)s · %(days)s days; they count only once the order is signed",
              title=campaign.title, days=days_text(work.quarter_days)),
            url_for("campaigns.one_work", name=work.public_id), _("Read and sign"), last_day(campaign.deadline_at),
        )  # fmt: skip


def work_to_do(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Agreed work of ours that is not handed over."""
    if not actor.has(Role.MEMBER, Role.BUYER):
        return
    query = _ours(actor).where(
        InKindContribution.state == InKindState.AGREED, Campaign.state == CampaignState.SECURED
    )
    for work, campaign in db.exec(query.order_by(col(InKindContribution.due_at))):
        yield Waiting(
            _("Hand over %(days)s days of work", days=days_text(work.quarter_days)),
            _("%(title)s · note them on the time sheet; not handed over in time, they are a default",
              title=campaign.title),
            url_for("campaigns.one_work", name=work.public_id), _("Open the time sheet"), work.due_on,
        )  # fmt: skip


def work_to_value(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Days offered to us that nobody has valued or declined."""
    if not actor.has(Role.MEMBER):
        return
    query = _for_us(actor).where(
        InKindContribution.state == InKindState.OFFERED, Campaign.state == CampaignState.OPEN,
        Campaign.deadline_at > at,
    )  # fmt: skip
    for work, campaign, worker in db.exec(query):
        yield Waiting(
            _("Value %(days)s days of work offered by %(name)s",
              days=days_text(work.quarter_days), name=worker.name),
            _("%(title)s · they count for nothing before", title=campaign.title),
            url_for("campaigns.one_work", name=work.public_id), _("Value or decline"),
            last_day(campaign.deadline_at),
        )  # fmt: skip


def work_to_answer(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Time sheets handed over to us."""
    if not actor.has(Role.MEMBER):
        return
    query = _for_us(actor).where(
        InKindContribution.state == InKindState.HANDED_OVER, Campaign.state == CampaignState.SECURED
    )
    for work, campaign, worker in db.exec(query):
        yield Waiting(
            _("Answer the time sheet of %(name)s", name=worker.name),
            _("%(title)s · without an answer it counts as accepted", title=campaign.title),
            url_for("campaigns.one_work", name=work.public_id), _("Read it"),
            last_day(work.review_ends_at) if work.review_ends_at else None,
        )  # fmt: skip


def money_to_declare(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Open campaigns of ours that a grant would match, once we have said what other public money we receive."""
    if not actor.has(Role.MEMBER, Role.ADMIN):
        return
    declared = exists().where(col(PublicMoney.campaign_id) == col(Campaign.id))
    query = (
        select(Campaign)
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .where(
            Estimate.organization_id == actor.organization.id, Campaign.state == CampaignState.OPEN,
            Campaign.deadline_at > at, ~declared,
        )
        .order_by(col(Campaign.id)).limit(MOST)
    )  # fmt: skip
    for campaign in db.exec(query):
        if grants_open_to(db, campaign, at=at):
            yield Waiting(
                _("Declare what other public money pays “%(title)s”", title=campaign.title),
                _("Nothing is matched before, even if there is none"),
                url_for("campaigns.show", name=campaign.public_id, _anchor="declare"), _("Declare"),
                last_day(campaign.deadline_at),
            )  # fmt: skip


def grants_to_read(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Matching grants that were offered and match nothing yet."""
    if not actor.has(Role.OFFICER):
        return
    query = (
        select(MatchingGrant, Organization)
        .join(Organization, col(Organization.id) == col(MatchingGrant.organization_id))
        .where(
            MatchingGrant.state == GrantState.OFFERED,
            col(MatchingGrant.organization_id).not_in(own_organizations(actor, at)),
        )
        .order_by(col(MatchingGrant.id)).limit(MOST)
    )  # fmt: skip
    for grant, giver in db.exec(query):
        yield Waiting(
            _("Read the rule of the grant “%(title)s”", title=grant.title),
            _("%(name)s · %(amount)s; it matches nothing before",
              name=giver.name, amount=Money(grant.total_cents, grant.currency)),
            url_for("campaigns.grant", name=grant.public_id), _("Read and activate"),
        )  # fmt: skip


def grants_to_sign(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Matching grants a colleague wrote down."""
    if not actor.has(Role.APPROVER):
        return
    query = select(MatchingGrant).where(
        MatchingGrant.organization_id == actor.organization.id, MatchingGrant.state == GrantState.PREPARED,
        MatchingGrant.offered_by_id != actor.person.id, col(MatchingGrant.lapses_at) > at,
    )  # fmt: skip
    for grant in db.exec(query.order_by(col(MatchingGrant.id)).limit(MOST)):
        yield Waiting(
            _("Sign the grant “%(title)s” of %(amount)s", title=grant.title,
              amount=Money(grant.total_cents, grant.currency)),
            _("It binds nobody until you have signed; not signed in time, it ends by itself"),
            url_for("campaigns.grant", name=grant.public_id), _("Read and sign"),
            last_day(grant.lapses_at) if grant.lapses_at else None,
        )  # fmt: skip


def late_work(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Work that was not done in time, where the fund decides."""
    if not actor.has(Role.OFFICER):
        return
    query = (
        select(InKindContribution, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
        .join(Organization, col(Organization.id) == col(InKindContribution.organization_id))
        .where(
            InKindContribution.state == InKindState.DEFAULTED, Campaign.state == CampaignState.SECURED,
            is_free_of_ties(actor, at),
        )
        .order_by(col(InKindContribution.due_at)).limit(MOST)
    )  # fmt: skip
    for work, campaign, worker in db.exec(query):
        decides = rules_of(db, campaign).on_default == OnDefault.FUND
        yield Waiting(
            _("Decide about the work %(name)s did not hand over", name=worker.name),
            _("%(title)s · its milestone waits until you give more days or stop the campaign", title=campaign.title)
            if decides else _("%(title)s · its rule runs; you may give more days instead", title=campaign.title),
            url_for("campaigns.one_work", name=work.public_id), _("Decide"), work.due_on,
        )  # fmt: skip


def _ours(actor: Actor) -> Any:
    return (
        select(InKindContribution, Campaign)
        .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
        .where(InKindContribution.organization_id == actor.organization.id)
        .limit(MOST)
    )


def _for_us(actor: Actor) -> Any:
    return (
        select(InKindContribution, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(InKindContribution.campaign_id))
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .join(Organization, col(Organization.id) == col(InKindContribution.organization_id))
        .where(Estimate.organization_id == actor.organization.id)
        .order_by(col(InKindContribution.id))
        .limit(MOST)
    )
