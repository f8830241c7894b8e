"""What waits because a payment was taken back after its release: the backer's further parts, for a treasurer."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, col, select

from app.boards.ties import is_free_of_ties
from app.boards.waiting import Waiting
from app.campaigns.model import Campaign, Pledge
from app.escrow.frozen import Freeze, FreezeState
from app.kit.money import Money
from app.kit.words import _
from app.people.access import Actor
from app.people.model import Organization, Role

MOST = 10


def frozen_parts(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Backers whose parts are frozen: they pay again, or a treasurer lifts it."""
    if not actor.has(Role.TREASURER):
        return
    query = (
        select(Freeze, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(Freeze.campaign_id))
        .join(Pledge, col(Pledge.id) == col(Freeze.pledge_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(Freeze.state == FreezeState.STANDING, is_free_of_ties(actor, at))
        .order_by(col(Freeze.id))
        .limit(MOST)
    )
    for freeze, campaign, backer in db.exec(query):
        yield Waiting(
            _("The parts of %(name)s are frozen", name=backer.name),
            _(
                "%(campaign)s · %(amount)s were taken back after their release",
                campaign=campaign.title, amount=Money(freeze.claim_cents, campaign.currency),
            ),
            url_for("escrow.freeze", name=freeze.public_id),
            _("Decide"),
            None,
        )  # fmt: skip
