"""How far down the road a campaign is: read from the log of acts, which every room writes."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, CampaignState
from app.people.step import Step

PLEDGING, HELD, WORKING, WALKED = 3, 4, 5, 7
DECIDED = ("accepted", "part accepted", "rejected")


@dataclass(frozen=True)
class Standing:
    """The place on the road (0 to 7), and how many milestones are decided for good."""

    here: int
    decided: int


def standing_of(db: Session, campaign: Campaign) -> Standing:
    """Where the campaign stands now."""
    if campaign.secured_at is None:
        return Standing(PLEDGING, 0)
    query = select(Step.thing, Step.thing_id, Step.after).where(
        Step.campaign_id == campaign.id, col(Step.thing).in_(["Delivery", "Milestone"])
    )
    steps = list(db.exec(query))
    decided = {
        (thing, thing_id) for thing, thing_id, after in steps if thing == "Milestone" or after in DECIDED
    }
    if campaign.state == CampaignState.COMPLETED:
        return Standing(WALKED, len(decided))
    return Standing(WORKING if steps else HELD, len(decided))
