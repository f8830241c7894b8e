"""The papers of a campaign, and under what each is filed: campaign, kind, number."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from sqlmodel import Session, col, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.campaigns.model import Campaign, Pledge
from app.delivery.model import Delivery
from app.estimates.model import Estimate, Milestone
from app.kit.words import _
from app.people.access import Actor


@dataclass(frozen=True)
class Paper:
    """One paper: where it is read, and under what it is filed."""

    kind: str
    number: str
    path: str


def papers_of(db: Session, campaign: Campaign, reader: Actor | None) -> list[Paper]:
    """Every paper of a campaign that this reader may ask for, in the order they were made."""
    estimate = db.get_one(Estimate, campaign.estimate_id)
    found = [Paper(_("Quotes"), estimate.number, url_for("estimates.quote", name=estimate.public_id))]
    found += [
        Paper(_("Certificates"), f"{milestone.number}.{delivery.attempt}", path_of(delivery))
        for delivery, milestone in _decided(db, campaign)
    ]
    name = campaign.public_id
    found.append(Paper(_("Book"), "", url_for("escrow.chain", name=name)))
    if reader and _backs(db, campaign, reader):
        found.append(Paper(_("Book"), "", url_for("escrow.my_lines", name=name)))
    return found


def path_of(delivery: Delivery) -> str:
    """Where the certificate of a delivery is read."""
    return url_for("delivery.certificate", name=delivery.public_id)


def _decided(db: Session, campaign: Campaign) -> list[tuple[Delivery, Milestone]]:
    query = (
        select(Delivery, Milestone)
        .join(Milestone, col(Milestone.id) == col(Delivery.milestone_id))
        .where(Delivery.campaign_id == campaign.id, col(Delivery.share_basis_points).is_not(None))
    )
    return list(db.exec(query.order_by(col(Delivery.id))))


def _backs(db: Session, campaign: Campaign, reader: Actor) -> bool:
    query = select(Pledge.id).where(
        Pledge.campaign_id == campaign.id, Pledge.organization_id == reader.organization.id
    )
    return db.exec(query.limit(1)).first() is not None


def campaign_of(db: Session, path: str) -> Campaign | None:
    """The campaign a paper at this path belongs to."""
    try:
        endpoint, arguments = current_app.url_map.bind(request.host).match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    name = arguments.get("name", "")
    if endpoint == "estimates.quote":
        query = select(Campaign).join(Estimate, col(Estimate.id) == col(Campaign.estimate_id))
        return db.exec(query.where(Estimate.public_id == name)).first()
    if endpoint == "delivery.certificate":
        query = select(Campaign).join(Delivery, col(Delivery.campaign_id) == col(Campaign.id))
        return db.exec(query.where(Delivery.public_id == name)).first()
    if endpoint in ("escrow.chain", "escrow.my_lines"):
        return db.exec(select(Campaign).where(Campaign.public_id == name)).first()
    return None
