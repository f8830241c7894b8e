"""What the doors of this room share: the blueprint, who may see a campaign or a pledge."""

from flask import Blueprint, g

from app.campaigns.model import Campaign, Pledge
from app.estimates.model import Estimate
from app.kit.rules import Missing
from app.kit.web import find
from app.people.access import Actor, acting

bp = Blueprint("campaigns", __name__)


def visible_campaign(name: str) -> Campaign:
    """The campaign of this name; one that never opened is seen by the fund and its maintainer. Raises `Missing`."""
    campaign = find(Campaign, name)
    if campaign.opened_at is None and not _sees_drafts(campaign):
        raise Missing
    return campaign


def _sees_drafts(campaign: Campaign) -> bool:
    actor: Actor | None = g.get("actor")
    if actor is None:
        return False
    estimate = g.db.get_one(Estimate, campaign.estimate_id)
    return bool(actor.sees_everything or actor.organization.id == estimate.organization_id)


def visible_pledge(name: str) -> Pledge:
    """The pledge of this name, for its organization and the fund. Raises `Missing`."""
    pledge = find(Pledge, name)
    if pledge.organization_id != acting().organization.id and not acting().sees_everything:
        raise Missing
    return pledge


def own_pledge(name: str) -> Pledge:
    """The pledge of this name, for its organization alone. Raises `Missing`."""
    pledge = find(Pledge, name)
    if pledge.organization_id != acting().organization.id:
        raise Missing
    return pledge
