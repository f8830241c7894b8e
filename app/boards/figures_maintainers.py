"""Where a maintainer's money is: promised, held for it, released to it, paid."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.boards.figures import Amounts, in_review, sums_by_number
from app.campaigns.model import Campaign, CampaignState, Pledge
from app.catalogue.model import Software
from app.escrow.model import Call, Deposit, DepositState, Refund, Release
from app.estimates.model import Estimate
from app.kit.money import Cents
from app.payouts.model import Payout, PayoutLine, PayoutState
from app.people.access import Actor
from app.roadmap.model import RoadmapItem

MOST = 50


@dataclass(frozen=True)
class Work:
    """One campaign of a maintainer; cents without VAT. `paid_out` has left for its account."""

    campaign: Campaign
    software: str
    promised: Cents
    held: Cents
    released: Cents
    paid_out: Cents
    is_in_review: bool = False


def work_of(db: Session, actor: Actor) -> list[Work]:
    """The maintainer's newest campaigns (fifty), in six queries however many."""
    query = (
        select(Campaign, Software.name)
        .join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        .join(RoadmapItem, col(RoadmapItem.id) == col(Estimate.item_id))
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .where(Estimate.organization_id == actor.organization.id, Campaign.state != CampaignState.DRAFT)
        .order_by(col(Campaign.id).desc())
        .limit(MOST)
    )
    found = list(db.exec(query))
    amounts = _amounts(db, [campaign.id for campaign, _software in found])
    paid_out = _paid_out(db, [campaign.id for campaign, _software in found])
    reviewed = in_review(db, [campaign.id for campaign, _software in found])
    return [
        Work(
            campaign, software, _promised(campaign), amounts[campaign.id].held, amounts[campaign.id].released,
            paid_out.get(campaign.id, 0), campaign.id in reviewed,
        )
        for campaign, software in found
    ]  # fmt: skip


def _promised(campaign: Campaign) -> Cents:
    ended = campaign.state in (CampaignState.FAILED, CampaignState.CANCELLED)
    return 0 if ended else campaign.signed_cents


def _amounts(db: Session, ids: list[int]) -> dict[int, Amounts]:
    of_call, of_release, of_pledge = col(Call.campaign_id), col(Release.campaign_id), col(Pledge.campaign_id)
    paid = sums_by_number(db, select(of_call, func.sum(Deposit.price_cents)).join(
        Call, col(Call.id) == col(Deposit.call_id)).where(
        of_call.in_(ids), Deposit.state == DepositState.RECEIVED).group_by(of_call))  # fmt: skip
    released = sums_by_number(db, select(of_release, func.sum(Release.price_cents)).where(
        of_release.in_(ids)).group_by(of_release))  # fmt: skip
    refunded = sums_by_number(db, select(of_pledge, func.sum(Refund.price_cents)).join(
        Pledge, col(Pledge.id) == col(Refund.pledge_id)).where(of_pledge.in_(ids)).group_by(of_pledge))  # fmt: skip
    return {
        number: Amounts(0, 0, paid.get(number, 0), released.get(number, 0), refunded.get(number, 0))
        for number in ids
    }


def _paid_out(db: Session, ids: list[int]) -> dict[int, Cents]:
    query = (
        select(col(Release.campaign_id), func.sum(Release.price_cents))
        .join(PayoutLine, col(PayoutLine.release_id) == col(Release.id))
        .join(Payout, col(Payout.id) == col(PayoutLine.payout_id))
        .where(col(Release.campaign_id).in_(ids), Payout.state == PayoutState.PAID)
        .group_by(col(Release.campaign_id))
    )
    return sums_by_number(db, query)
