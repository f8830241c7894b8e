"""Where a milestone stands, in one word: computed from its campaign, its money and its last delivery, never stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Part
from app.delivery.model import Delivery, DeliveryState
from app.delivery.standing import accepted_parts_unpaid, latest_delivery, long_stopped
from app.escrow.freezing import frozen_pledges
from app.escrow.model import Call, CallCause, CallState, Tranche
from app.estimates.model import Milestone


class Stage(StrEnum):
    """The words of a milestone's way from promised to paid."""

    PLANNED = "planned"
    LEFT_OUT = "left out"
    TO_CALL = "to call"
    TO_PAY = "to pay"
    TO_DO = "to do"
    IN_REVIEW = "in review"
    REFUSED = "refused"
    RETURNED = "returned"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_RESERVES = "accepted with reserves"
    AWAITS_PAYMENT = "awaits payment"
    PART_ACCEPTED = "part accepted"
    REJECTED = "rejected"
    LATE = "late"
    STOPPED = "stopped"


OF_DELIVERY = {
    DeliveryState.HANDED_IN: Stage.IN_REVIEW,
    DeliveryState.REFUSED: Stage.REFUSED,
    DeliveryState.DISPUTED: Stage.DISPUTED,
    DeliveryState.ACCEPTED: Stage.ACCEPTED,
    DeliveryState.ACCEPTED_WITH_RESERVES: Stage.ACCEPTED_WITH_RESERVES,
    DeliveryState.PART_ACCEPTED: Stage.PART_ACCEPTED,
    DeliveryState.REJECTED: Stage.REJECTED,
}
ENDED_WITHOUT = (CampaignState.FAILED, CampaignState.CANCELLED)


@dataclass(frozen=True)
class Standing:
    """A milestone's stage, its last delivery, and how far its calls are paid."""

    stage: Stage
    last: Delivery | None = None
    tranche: int = 0
    calls: int = 0
    calls_paid: int = 0
    called_at: datetime | None = None

    @property
    def may_hand_in(self) -> bool:
        """Whether the maintainer's next step is to hand in."""
        return self.stage in (Stage.TO_DO, Stage.RETURNED)


def standing_of(db: Session, campaign: Campaign, milestone: Milestone) -> Standing:
    """Where one milestone stands now."""
    if campaign.state in (CampaignState.DRAFT, CampaignState.OPEN):
        return Standing(Stage.PLANNED)
    financed = select(Part.id).where(
        Part.campaign_id == campaign.id, Part.milestone_id == milestone.id, campaigns.is_live()
    )
    if campaign.state in ENDED_WITHOUT or not db.exec(financed).first():
        return Standing(Stage.LEFT_OUT)
    last = latest_delivery(db, milestone)
    number = campaigns.planned_tranches(db, campaign)[milestone.id]
    return _with_money(db, campaign, number, _stage_by_delivery(db, campaign, milestone, last), last)


def _stage_by_delivery(
    db: Session, campaign: Campaign, milestone: Milestone, last: Delivery | None
) -> Stage | None:
    stage = OF_DELIVERY.get(DeliveryState(last.state)) if last else None
    if stage == Stage.ACCEPTED and any(
        part.milestone_id == milestone.id for part in accepted_parts_unpaid(db, campaign)
    ):
        return Stage.AWAITS_PAYMENT
    if stage in (Stage.ACCEPTED, Stage.ACCEPTED_WITH_RESERVES, Stage.PART_ACCEPTED, Stage.REJECTED):
        return stage
    if milestone.id in long_stopped(db, campaign):
        return Stage.LATE
    if campaign.state != CampaignState.SECURED:
        return Stage.STOPPED
    if last and last.state == DeliveryState.RETURNED:
        return Stage.RETURNED
    return stage


def _with_money(
    db: Session, campaign: Campaign, number: int, stage: Stage | None, last: Delivery | None
) -> Standing:
    query = select(Tranche).where(Tranche.campaign_id == campaign.id, Tranche.number == number)
    tranche = db.exec(query).first()
    if tranche is None:
        return Standing(stage or Stage.TO_CALL, last, number)
    rows = list(
        db.exec(
            select(Call.state, Call.pledge_id)
            .where(
                Call.campaign_id == campaign.id,
                Call.tranche_number == number,
                Call.cause == CallCause.TRANCHE,
                Call.state != CallState.VOID,
            )
            .order_by(col(Call.id))
        )
    )
    frozen = frozen_pledges(db, campaign)
    paid = sum(state == CallState.PAID and pledge_id not in frozen for state, pledge_id in rows)
    if stage in (None, Stage.RETURNED) and paid < len(rows):
        stage = Stage.TO_PAY
    return Standing(stage or Stage.TO_DO, last, number, len(rows), paid, tranche.called_at)
