"""What waits because a VAT number is not confirmed: for the fund, and for the organization whose number it is."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, col, select

from app.boards.ties import is_free_of_ties
from app.boards.waiting import Waiting
from app.campaigns.model import Campaign, Pledge
from app.escrow.model import Call, CallState
from app.kit.money import Money
from app.kit.words import _
from app.people import vat_checks
from app.people.access import Actor
from app.people.model import Organization, Role

MOST = 10


def calls_that_wait(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Calls the register has not confirmed, or not yet: the fund may send them out with VAT."""
    if not actor.has(Role.OFFICER):
        return
    query = (
        select(Call, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        # Told means that the register was asked and did not say yes: before, the call goes out by itself.
        .where(Call.state == CallState.WAITING, col(Call.reminded) > 0, is_free_of_ties(actor, at))
        .order_by(col(Call.id))
        .limit(MOST)
    )
    for call, campaign, backer in db.exec(query):
        yield Waiting(
            _("Call no. %(number)s waits for a VAT number", number=call.number),
            _(
                "%(campaign)s · %(amount)s of %(name)s · VIES has not confirmed %(vat)s",
                campaign=campaign.title, amount=Money(call.total_cents, call.currency), name=backer.name,
                vat=backer.vat_number,
            ),
            url_for("escrow.show", name=call.public_id),
            _("Decide"),
            None,
        )  # fmt: skip


def own_number(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """The own VAT number, where the register does not know it."""
    if actor.has(Role.ADMIN) and vat_checks.may_correct(db, actor.organization):
        yield Waiting(
            _("Correct your VAT number"),
            _(
                "VIES, the European register, does not know %(number)s: calls from other countries wait",
                number=actor.organization.vat_number,
            ),
            url_for("people.show", name=actor.organization.public_id),
            _("Correct"),
            None,
        )
