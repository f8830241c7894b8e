"""What waits for those who need and pay: pledges to sign, calls to pay, deliveries to answer."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, col, func, select

from app.boards.saying import last_day
from app.boards.waiting import Waiting
from app.boards.waiting_vat import own_number
from app.campaigns.model import Campaign, CampaignState, Part, Pledge, PledgeState
from app.campaigns.reading import is_for, is_live
from app.delivery.model import Acceptance, Delivery, DeliveryState, ServiceCertificate
from app.delivery.standing import GRANTED, weights_of
from app.escrow.announced import being_pulled
from app.escrow.model import Call, CallState
from app.estimates.model import Milestone
from app.kit.money import Money, portion
from app.kit.words import _, day, money
from app.needs.model import Need, NeedState
from app.people.access import Actor
from app.people.model import Person, Role

MOST = 10


def own_drafts(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Promises I wrote down and have not signed."""
    if not actor.has(Role.BUYER):
        return
    query = (
        select(Pledge, Campaign)
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .where(
            Pledge.organization_id == actor.organization.id, Pledge.prepared_by_id == actor.person.id,
            Pledge.state == PledgeState.DRAFTED, Campaign.state == CampaignState.OPEN, Campaign.deadline_at > at,
        )
        .order_by(col(Pledge.id))
        .limit(MOST)
    )  # fmt: skip
    for pledge, campaign in db.exec(query):
        yield Waiting(
            _("Sign your pledge of %(amount)s", amount=Money(pledge.amount_cents, pledge.currency)),
            _("%(title)s · it counts only once it is signed", title=campaign.title),
            url_for("campaigns.pledge", name=pledge.public_id),
            _("Read and sign"),
            last_day(campaign.deadline_at),
        )


def to_approve(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Colleagues' pledges above their limit."""
    if not actor.has(Role.APPROVER):
        return
    query = (
        select(Pledge, Campaign, Person)
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .join(Person, col(Person.id) == col(Pledge.prepared_by_id))
        .where(
            Pledge.organization_id == actor.organization.id, Pledge.prepared_by_id != actor.person.id,
            Pledge.state == PledgeState.AWAITING_APPROVAL, Campaign.state == CampaignState.OPEN,
            Campaign.deadline_at > at,
        )
        .order_by(col(Pledge.id))
        .limit(MOST)
    )  # fmt: skip
    for pledge, campaign, buyer in db.exec(query):
        yield Waiting(
            _("Sign the pledge of %(amount)s", amount=Money(pledge.amount_cents, pledge.currency)),
            _("%(title)s · prepared by %(name)s, beyond their limit", title=campaign.title, name=buyer.name),
            url_for("campaigns.pledge", name=pledge.public_id),
            _("Read again"),
            last_day(campaign.deadline_at),
        )


def to_pay(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Calls for funds that are not paid."""
    if not actor.has(Role.BUYER, Role.FINANCE):
        return
    unpaid = (
        CallState.ISSUED, CallState.PART_PAID, CallState.OVERDUE, CallState.DEFAULTED, CallState.CHARGED_BACK,
    )  # fmt: skip
    query = (
        select(Call, Pledge, Campaign)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .where(is_for(actor.organization.id), col(Call.state).in_(unpaid), ~being_pulled(at))
        .order_by(col(Call.window_ends_at), col(Call.id))
        .limit(MOST)
    )
    for call, pledge, campaign in db.exec(query):
        said = [campaign.title, _missing(call)]
        if pledge.po_number:
            said.append(_("order %(number)s", number=pledge.po_number))
        if call.state == CallState.DEFAULTED:
            said.append(_("the fund decides whether to wait or to stop the campaign"))
        yield Waiting(
            _("Pay call for funds no. %(number)s", number=call.number),
            " · ".join(said),
            url_for("escrow.show", name=call.public_id),
            _("Pay"),
            last_day(call.window_ends_at),
        )


def _missing(call: Call) -> str:
    missing = Money(call.total_cents - call.paid_cents, call.currency)
    if call.state == CallState.CHARGED_BACK:
        return _("%(amount)s taken back by your bank", amount=missing)
    if call.paid_cents:
        return _("%(amount)s still missing", amount=missing)
    return money(missing.cents, missing.currency)


def to_answer(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Deliveries my organization has not accepted or refused."""
    if not actor.has(Role.BUYER, Role.APPROVER, Role.MEMBER):
        return
    answered = select(col(Acceptance.delivery_id)).where(Acceptance.organization_id == actor.organization.id)
    query = (
        select(Delivery, Milestone, Campaign, func.sum(Part.price_cents + Part.vat_cents))
        .join(Milestone, col(Milestone.id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .join(Part, col(Part.milestone_id) == col(Delivery.milestone_id))
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(
            Pledge.organization_id == actor.organization.id, col(Pledge.follows_id).is_(None),
            Delivery.state == DeliveryState.HANDED_IN,
            Delivery.review_ends_at > at, Part.price_cents > 0, is_live(),
            col(Delivery.id).not_in(answered),
        )
        .group_by(col(Delivery.id), col(Milestone.id), col(Campaign.id))
        .order_by(col(Delivery.review_ends_at), col(Delivery.id))
        .limit(MOST)
    )  # fmt: skip
    for delivery, milestone, campaign, cents in db.exec(query):
        if actor.organization.id not in weights_of(db, delivery):
            continue  # it works on this milestone itself
        until = last_day(delivery.review_ends_at)
        yield Waiting(
            _("Answer the delivery “%(title)s”", title=milestone.title),
            _(
                "%(campaign)s · your part is %(amount)s · without an answer you count as accepting after %(day)s",
                campaign=campaign.title, amount=Money(int(cents), campaign.currency), day=day(until, "short"),
            ),
            url_for("delivery.show", name=delivery.public_id),
            _("Examine"),
            until,
        )  # fmt: skip


def to_certify(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Accepted work a public body has not certified: nothing is paid before."""
    if not actor.organization.is_public_body or not actor.has(Role.BUYER, Role.APPROVER, Role.FINANCE):
        return
    certified = select(ServiceCertificate.id).where(
        col(ServiceCertificate.delivery_id) == col(Delivery.id),
        col(ServiceCertificate.pledge_id) == col(Pledge.id),
    )
    query = (
        select(Delivery, Milestone, Campaign, Part)
        .join(Milestone, col(Milestone.id) == col(Delivery.milestone_id))
        .join(Campaign, col(Campaign.id) == col(Delivery.campaign_id))
        .join(Part, col(Part.milestone_id) == col(Delivery.milestone_id))
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(
            Pledge.organization_id == actor.organization.id, col(Pledge.is_after_acceptance), Part.price_cents > 0,
            is_live(),
            col(Delivery.state).in_(GRANTED), ~certified.exists(),
        )
        .order_by(col(Delivery.id))
        .limit(MOST)
    )  # fmt: skip
    for delivery, milestone, campaign, part in db.exec(query):
        share = delivery.share_basis_points or 0
        cents = portion(part.price_cents, share) + portion(part.vat_cents, share)
        yield Waiting(
            _("Certify the service “%(title)s”", title=milestone.title),
            _(
                "%(campaign)s · %(amount)s is called once you certify; until then the maintainer waits for it",
                campaign=campaign.title, amount=Money(cents, campaign.currency),
            ),
            url_for("delivery.show", name=delivery.public_id),
            _("Certify"),
        )  # fmt: skip


def drafts_of_needs(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Needs written and not published."""
    if not actor.has(Role.MEMBER):
        return
    query = (
        select(Need)
        .where(Need.organization_id == actor.organization.id, Need.state == NeedState.DRAFT)
        .order_by(col(Need.position).desc())
        .limit(5)
    )
    for need in db.exec(query):
        yield Waiting(
            _("Publish the need “%(title)s”", title=need.title),
            _("A draft · nobody outside your organization sees it, so nobody can share it"),
            url_for("needs.show", name=need.public_id),
            _("Read again"),
        )


FINDERS = (own_drafts, to_approve, to_pay, to_answer, to_certify, own_number, drafts_of_needs)
