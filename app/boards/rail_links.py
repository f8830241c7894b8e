"""The links of the side rail, with their counts."""

from typing import Any

from flask import current_app, url_for
from sqlmodel import Session, col, func, select

from app.boards.kept import kept
from app.boards.links import MOST_COUNTED, Link, Section, links_to, up_to_many
from app.campaigns.means import ways
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState
from app.catalogue.model import Software
from app.delivery.model import Delivery, DeliveryState
from app.estimates.model import Estimate, EstimateState
from app.kit.words import _
from app.needs.model import Need, NeedState
from app.people.access import Actor
from app.people.model import Kind, Role, RoleGrant
from app.roadmap.model import ItemState, RoadmapItem


def sections_for(db: Session, actor: Actor) -> list[Section]:
    """The road, then what belongs to the organization acted for; counts are at most a minute old."""
    road = kept("road", lambda: _count_road(db))
    ours = kept(("ours", actor.organization.id), lambda: _count_ours(db, actor.organization.id))
    sections = [
        Section(title=_("The road"), links=links_to([
            ("catalogue.index", _("Software catalog"), road["software"]),
            ("needs.index", _("Needs"), road["needs"]),
            ("roadmap.index", _("Roadmap"), road["items"]),
            ("estimates.index", _("Estimates"), road["estimates"]),
            ("campaigns.index", _("Campaigns"), road["campaigns"]),
            ("delivery.index", _("Milestones"), road["deliveries"]),
        ])),
        Section(title=_("The fund") if actor.is_fund else _("Our organization"), links=_ours(actor, ours)),
    ]  # fmt: skip
    return [section for section in sections if section["links"]]


def _ours(actor: Actor, counts: dict[str, int]) -> list[Link]:
    details: Link = {
        "label": _("Our details"), "url": url_for("people.show", name=actor.organization.public_id),
    }  # fmt: skip
    people = links_to([
        ("people.people", _("People"), counts["people"]), ("people.interests", _("Ties of interest"), None),
    ])  # fmt: skip
    if actor.is_fund:
        of_the_fund = links_to([
            ("people.index", _("Organizations"), None),
            *([("payouts.treasurer", _("Treasurer's desk"), None)] if may_treasure(actor) else []),
            ("boards.commitment", _("Yearly commitments"), None),
            ("escrow.index", _("Calls for funds"), None),
            ("escrow.suspense", _("Money in doubt"), None),
            ("payouts.index", _("Payouts"), None),
            *_bank_files(actor),
        ])  # fmt: skip
        audit: list[Link] = (
            [{"label": _("Audit"), "url": url_for("boards.audit")}] if may_audit(actor) else []
        )
        return of_the_fund + audit + people + _bank()
    if actor.organization.kind == Kind.MAINTAINER:
        own = links_to([
            ("payouts.index", _("Payouts to us"), None), ("payouts.account", _("Where we are paid"), None),
        ])  # fmt: skip
        return own + people + [details] + _bank()
    pledges: Link = {
        "label": _("Our pledges"),
        "url": url_for("campaigns.pledge_list"),
        "count": up_to_many(counts["pledges"]),
    }
    paying = links_to([
        ("escrow.index", _("Calls to us"), None),
        *([("escrow.means", _("Means of payment"), None)] if _leaves_means(actor) else []),
        ("payouts.index", _("Refunds to us"), None),
    ])  # fmt: skip
    year = links_to([("boards.commitment", _("Our yearly commitment"), None)])
    return [pledges, *paying, *year, *people, details, *_bank()]


def _bank_files(actor: Actor) -> list[tuple[str, str, int | None]]:
    """What is spoken about with a real bank, where there is one."""
    if "bank" not in current_app.config["SETTINGS"].rails or not actor.has(
        Role.TREASURER, Role.OFFICER, Role.AUDITOR
    ):
        return []
    return [
        ("escrow.statements", _("Bank statements"), None),
        ("payouts.files", _("Files for the bank"), None),
        ("escrow.mandate_list", _("Debit mandates"), None),
        ("escrow.bank", _("The bank account"), None),
    ]


def _leaves_means(actor: Actor) -> bool:
    """Whether the person may leave a card or a mandate, where some rail can pull."""
    pulls = any(means.pulls for _rail, means in ways(current_app.config["SETTINGS"].rails))
    return pulls and actor.has(Role.BUYER, Role.FINANCE)


def may_treasure(actor: Actor) -> bool:
    """Whether the person may look at the treasurer's desk."""
    return actor.is_fund and actor.has(Role.TREASURER, Role.OFFICER, Role.AUDITOR)


def may_audit(actor: Actor) -> bool:
    """Whether the person may look at alarms and run the audit."""
    return actor.is_fund and actor.has(Role.AUDITOR, Role.OFFICER, Role.TREASURER, Role.ARBITRATOR)


def _bank() -> list[Link]:
    if not current_app.config["SETTINGS"].demo:
        return []
    return links_to([("rails.index", _("The practice bank"), None)])


def _count_road(db: Session) -> dict[str, int]:
    """How many of each thing on the road anybody may see, up to ten thousand; one query."""
    public = [state for state in EstimateState if state not in (EstimateState.DRAFT, EstimateState.WITHDRAWN)]
    running = [DeliveryState.HANDED_IN, DeliveryState.REFUSED, DeliveryState.DISPUTED]
    counted = {
        "software": _up_to(select(Software.id)),
        "needs": _up_to(select(Need.id).where(Need.state == NeedState.PUBLISHED)),
        "items": _up_to(select(RoadmapItem.id).where(RoadmapItem.state != ItemState.DROPPED)),
        "estimates": _up_to(select(Estimate.id).where(col(Estimate.state).in_(public))),
        "campaigns": _up_to(select(Campaign.id).where(Campaign.state != CampaignState.DRAFT)),
        "deliveries": _up_to(select(Delivery.id).where(col(Delivery.state).in_(running))),
    }
    return _count(db, counted)


def _count_ours(db: Session, organization_id: int) -> dict[str, int]:
    """How many people act for an organization and how many of its pledges stand; one query."""
    live = (RoleGrant.organization_id == organization_id, col(RoleGrant.ended_at).is_(None))
    return _count(db, {
        "pledges": _up_to(select(Pledge.id).where(
            Pledge.organization_id == organization_id,
            col(Pledge.state).in_([PledgeState.SIGNED, PledgeState.AWAITING_APPROVAL, PledgeState.DRAFTED]),
        )),
        "people": _up_to(select(RoleGrant.person_id).where(*live).distinct()),
    })  # fmt: skip


def _up_to(query: Any) -> Any:
    return select(func.count()).select_from(query.limit(MOST_COUNTED).subquery()).scalar_subquery()


def _count(db: Session, counted: dict[str, Any]) -> dict[str, int]:
    row = db.execute(select(*counted.values())).one()
    return dict(zip(counted, map(int, row), strict=True))
