"""The rules of a round: chosen by the fund while it is prepared, frozen when it opens, printed in what backers sign."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.campaigns.model import Binding, Campaign, CampaignState, OnDefault, RoundRules, ShareKey
from app.campaigns.reading import lock, signed_pledges
from app.estimates.model import Estimate
from app.kit.money import BasisPoints
from app.kit.rules import Conflict, require
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Kind, Operator, Organization, OrganizationState, Role
from app.people.step import record

MOST_RETENTION: BasisPoints = 3000
MOST_FEE: BasisPoints = 2500


@dataclass(frozen=True)
class Chosen:
    """What the fund chooses for a round. `fee_basis_points` None is the operator's usual fee."""

    collection_days: int = 30
    review_days: int = 10
    fee_basis_points: BasisPoints | None = None
    share_key: str = ShareKey.FREE
    in_kind_most_basis_points: BasisPoints = 0
    binding: str = Binding.MONEY
    lead_id: int | None = None
    lead_has_veto: bool = False
    quorum_basis_points: BasisPoints = 0
    retention_basis_points: BasisPoints = 0
    is_cascade: bool = False
    on_default: str = OnDefault.FUND
    default_days: int = 14


PLAINEST = Chosen()


_NEWEST = (
    select(RoundRules)
    .where(RoundRules.campaign_id == bindparam("campaign"))
    .order_by(col(RoundRules.id).desc())
    .limit(1)
)


def rules_of(db: Session, campaign: Campaign) -> RoundRules:
    """The rules of a campaign; the first and plainest ones where it was opened before there was a choice."""
    found = db.exec(_NEWEST, params={"campaign": campaign.id}).first()
    return found or RoundRules(campaign_id=campaign.id, at=campaign.drafted_at)


def lead_of(db: Session, campaign: Campaign) -> int | None:
    """Who leads: the organization named in the rules if it has signed, otherwise the one that promised most.

    None where the rules name no lead, and while nobody has signed.
    """
    named = rules_of(db, campaign).lead_id
    if named is None:
        return None
    promised: dict[int, int] = {}
    for pledge in signed_pledges(db, campaign):
        if pledge.follows_id:
            continue  # a match has no vote, and leads nobody
        promised[pledge.organization_id] = promised.get(pledge.organization_id, 0) + pledge.amount_cents
    if named in promised:
        return named
    return min(
        promised, key=lambda organization_id: (-promised[organization_id], organization_id), default=None
    )


def choose(db: Session, campaign: Campaign, chosen: Chosen, *, by: Actor, at: datetime) -> RoundRules:
    """Choose the rules of a draft anew. Raises `Conflict` once it opened: its rules are frozen."""
    require_role(by, Role.OFFICER)
    campaign = lock(db, campaign.id)
    estimate = db.get_one(Estimate, campaign.estimate_id)
    stand_aside(db, by, {estimate.organization_id} | ({chosen.lead_id} if chosen.lead_id else set()), at=at)
    if campaign.state != CampaignState.DRAFT:
        raise Conflict("The rules are frozen: this campaign was opened or given up.")
    check(db, chosen, maintainer_id=estimate.organization_id)
    rules = write(db, campaign, chosen, at=at)
    record(
        db,
        "choose rules",
        campaign,
        by=by,
        at=at,
        before=campaign.state,
        campaign_id=campaign.id,
        **facts(rules),
    )
    return rules


def write(db: Session, campaign: Campaign, chosen: Chosen, *, at: datetime) -> RoundRules:
    """Keep the choice: clocks and fee on the campaign, the others as a row of their own."""
    campaign.collection_days, campaign.review_days = chosen.collection_days, chosen.review_days
    campaign.fee_basis_points = fee_of(db, chosen)
    rules = RoundRules(
        campaign_id=campaign.id, at=at,
        share_key=chosen.share_key, in_kind_most_basis_points=chosen.in_kind_most_basis_points,
        binding=chosen.binding, lead_id=chosen.lead_id, lead_has_veto=chosen.lead_has_veto,
        quorum_basis_points=chosen.quorum_basis_points, retention_basis_points=chosen.retention_basis_points,
        is_cascade=chosen.is_cascade, on_default=chosen.on_default, default_days=chosen.default_days,
    )  # fmt: skip
    db.add(rules)
    db.flush()
    return rules


def fee_of(db: Session, chosen: Chosen) -> BasisPoints:
    """The fee of the round."""
    if chosen.fee_basis_points is not None:
        return chosen.fee_basis_points
    return db.exec(select(Operator)).one().fee_basis_points


def facts(rules: RoundRules) -> dict[str, Any]:
    """The rules as the log of acts keeps them; what opened is compared with this."""
    return {"rules": rules.id, **rules.model_dump(exclude={"id", "at", "campaign_id"})}


def check(db: Session, chosen: Chosen, *, maintainer_id: int) -> None:
    """Go on only if these rules can be kept; raises `Refused` with the field that cannot."""
    require(
        5 <= chosen.collection_days <= 120, "Between 5 and 120 days to pay, please.", field="collection_days"
    )
    require(
        3 <= chosen.review_days <= 60,
        "Between 3 and 60 business days to answer, please.",
        field="review_days",
    )
    require(1 <= chosen.default_days <= 90, "Between 1 and 90 days, please.", field="default_days")
    require(
        chosen.fee_basis_points is None or 0 <= chosen.fee_basis_points <= MOST_FEE,
        "Please enter a percentage between 0 and 25.", field="fee",
    )  # fmt: skip
    require(
        0 <= chosen.retention_basis_points <= MOST_RETENTION,
        "Please enter a percentage between 0 and 30.",
        field="retention",
    )
    require(
        0 <= chosen.in_kind_most_basis_points <= 10_000,
        "Please enter a percentage between 0 and 100.",
        field="in_kind_most",
    )
    require(
        0 <= chosen.quorum_basis_points <= 10_000,
        "Please enter a percentage between 0 and 100.",
        field="quorum",
    )
    for value, known, field in (
        (chosen.share_key, ShareKey, "share_key"), (chosen.binding, Binding, "binding"),
        (chosen.on_default, OnDefault, "on_default"),
    ):  # fmt: skip
        require(value in list(known), "Please choose one of the answers.", field=field)
    _check_lead(db, chosen, maintainer_id)


def _check_lead(db: Session, chosen: Chosen, maintainer_id: int) -> None:
    if chosen.lead_id is None:
        require(
            chosen.binding != Binding.LEAD and not chosen.lead_has_veto,
            "Please name the lead backer.",
            field="lead",
        )
        return
    lead = db.get_one(Organization, chosen.lead_id)
    require(
        lead.kind == Kind.CORPORATE and lead.state == OrganizationState.VERIFIED and lead.id != maintainer_id,
        "Only a verified organization that buys can lead.", field="lead",
    )  # fmt: skip
