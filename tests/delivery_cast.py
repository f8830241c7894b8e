"""Where a milestone stands and what an arbitrator writes, for the tests of deliveries."""

from sqlmodel import Session, select

from app.campaigns.model import Campaign
from app.delivery import arbitration
from app.delivery.model import Delivery, Dispute
from app.delivery.stages import Stage as MilestoneStage
from app.delivery.stages import standing_of
from tests.money_cast import Backing
from tests.money_stage import Stage

THREE = (
    Backing("Banque Lumen", 400_000),
    Backing("Assurances du Port", 300_000),
    Backing("Réseau Nord", 300_000),
)


def where(stage: Stage, number: int = 1) -> MilestoneStage:
    """The stage of a milestone now."""
    milestone = stage.milestones[number - 1]
    return stage.look(lambda db: standing_of(db, db.get_one(Campaign, stage.campaign.id), milestone).stage)


def opinion(stage: Stage, delivery: Delivery, who: int, percent: int) -> Dispute:
    """An arbitrator writes an opinion."""

    def work(db: Session) -> Dispute:
        found = db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).one()
        return arbitration.write_opinion(
            db, found, share=percent * 100, reason="I read both.", by=stage.arbitrators[who], at=stage.at
        )

    return stage.act(work)
