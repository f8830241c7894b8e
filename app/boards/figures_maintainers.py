"""Where a maintainer's money is: promised, held for it, released to it, paid."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.boards.figures import Amounts, in_review, sums_by_kind
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
    """The maintainer's newest campaigns (fifty), in three queries however many."""
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
    ids = [campaign.id for campaign, _software in found]
    sums, reviewed = _amounts(db, ids), in_review(db, ids)
    return [
        _work(campaign, software, sums.get(campaign.id, {}), campaign.id in reviewed)
        for campaign, software in found
    ]


def _work(campaign: Campaign, software: str, sums: dict[str, Cents], is_in_review: bool) -> Work:
    paid_out = sums.pop("paid_out", 0)
    amounts = Amounts(0, **sums)
    return Work(
        campaign, software, _promised(campaign), amounts.held, amounts.released, paid_out, is_in_review
    )


def _promised(campaign: Campaign) -> Cents:
    ended = campaign.state in (CampaignState.FAILED, CampaignState.CANCELLED)
    return 0 if ended else campaign.signed_cents


def _amounts(db: Session, ids: list[int]) -> dict[int, dict[str, Cents]]:
    of_call, of_release, of_pledge = col(Call.campaign_id), col(Release.campaign_id), col(Pledge.campaign_id)
    released = select(of_release, func.sum(Release.price_cents)).where(of_release.in_(ids))
    return sums_by_kind(
        db,
        paid=select(of_call, func.sum(Deposit.price_cents))
        .join(Deposit, col(Deposit.call_id) == col(Call.id))
        .where(of_call.in_(ids), Deposit.state == DepositState.RECEIVED),
        released=released,
        refunded=select(of_pledge, func.sum(Refund.price_cents))
        .join(Refund, col(Refund.pledge_id) == col(Pledge.id))
        .where(of_pledge.in_(ids)),
        paid_out=released.join(PayoutLine, col(PayoutLine.release_id) == col(Release.id))
        .join(Payout, col(Payout.id) == col(PayoutLine.payout_id))
        .where(Payout.state == PayoutState.PAID),
    )
