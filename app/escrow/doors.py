"""What the doors of this room share: the blueprint, and who sees how much of the money."""

from dataclasses import dataclass

from flask import Blueprint, g

from app.campaigns import progress
from app.campaigns.model import Campaign, Pledge
from app.escrow.model import Call
from app.kit.rules import Missing
from app.kit.web import find
from app.people.access import Actor, acting
from app.people.model import Organization

bp = Blueprint("escrow", __name__)


@dataclass(frozen=True)
class Sight:
    """How much of a campaign's money the reader sees: every line, every sum, and which lines are its own."""

    lines: bool
    sums: bool
    organization_id: int | None

    def sees(self, pledge: Pledge) -> bool:
        """Whether the reader sees the amounts of this pledge."""
        return self.lines or pledge.organization_id == self.organization_id


def campaign_and_sight(name: str) -> tuple[Campaign, Organization, Sight]:
    """The campaign, who does its work, and what this reader sees of it. Raises `Missing`."""
    campaign = find(Campaign, name)
    maintainer = progress.maintainer_of(g.db, campaign)
    actor: Actor | None = g.get("actor")
    sees_all = bool(actor and actor.sees_everything)
    if campaign.opened_at is None and not sees_all and not progress.is_maintainer(actor, maintainer.id):
        raise Missing
    sight = Sight(
        sees_all, progress.sees_exactly(actor, maintainer.id), actor.organization.id if actor else None
    )
    return campaign, maintainer, sight


def visible_call(name: str) -> tuple[Call, Pledge, Campaign]:
    """The call of this name with its pledge, for its organization, who pays it, and the fund. Raises `Missing`."""
    call = find(Call, name)
    pledge = g.db.get_one(Pledge, call.pledge_id)
    if (
        acting().organization.id not in (pledge.organization_id, pledge.payer_id)
        and not acting().sees_everything
    ):
        raise Missing
    return call, pledge, g.db.get_one(Campaign, call.campaign_id)
