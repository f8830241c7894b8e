"""What officers see of calls nobody paid in time: a decision to take, or what the campaign's rule does already."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlmodel import Session, and_, col, select

from app.boards.saying import last_day
from app.boards.ties import is_free_of_ties
from app.boards.waiting import Waiting
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, CampaignState, OnDefault, Pledge
from app.escrow.model import Call, CallCause, CallState
from app.kit.money import Money
from app.kit.words import N_, _
from app.people.access import Actor
from app.people.model import Organization, Role

MOST = 10
UNDER_WAY = {
    OnDefault.TOP_UP: N_("What call no. %(number)s leaves open is offered to the others"),
    OnDefault.VOTE: N_("The backers vote about what call no. %(number)s leaves open"),
    OnDefault.CUT_OPTIONAL: N_("Call no. %(number)s is not paid, and no milestone could be cut for it"),
    OnDefault.REFUND_ALL: N_("Call no. %(number)s is not paid: the campaign's rule refunds everybody"),
}


def unpaid_calls(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Calls nobody paid in time: what the rule does until when; without a rule, the fund waits on or stops."""
    if not actor.has(Role.OFFICER):
        return
    is_open = and_(
        col(Shortfall.pledge_id) == col(Call.pledge_id), col(Shortfall.state) == ShortfallState.OPEN,
        col(Call.cause) == CallCause.TRANCHE,
    )  # fmt: skip
    query = (
        select(Call, Campaign, Organization, Shortfall)
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .outerjoin(Shortfall, is_open)
        .where(Call.state == CallState.DEFAULTED, is_free_of_ties(actor, at))
        .order_by(col(Call.window_ends_at), col(Call.id))
        .limit(MOST)
    )
    for call, campaign, backer, gap in db.exec(query):
        missing = Money(call.total_cents - call.paid_cents, call.currency)
        yield _under_way(call, campaign, gap) if gap else _to_decide(call, campaign, backer, missing)


def _under_way(call: Call, campaign: Campaign, gap: Shortfall) -> Waiting:
    return Waiting(
        _(UNDER_WAY[OnDefault(gap.rule)], number=call.number),
        _(
            "%(campaign)s · nothing to do: if it is not filled in time, the campaign stops by itself; "
            "you can still give the backer more time",
            campaign=campaign.title,
        ),
        url_for("escrow.shortfall", name=gap.public_id),
        _("See how far it is"),
        last_day(gap.ends_at),
    )


def _to_decide(call: Call, campaign: Campaign, backer: Organization, missing: Money) -> Waiting:
    if campaign.state == CampaignState.SECURED:
        said = _(
            "%(campaign)s · %(name)s has not paid %(amount)s · wait longer, or stop and give back what is held",
            campaign=campaign.title, name=backer.name, amount=missing,
        )  # fmt: skip
    else:
        said = _(
            "%(campaign)s · %(name)s still owes %(amount)s for work that was accepted · give it more time",
            campaign=campaign.title, name=backer.name, amount=missing,
        )  # fmt: skip
    return Waiting(
        _("Decide about call no. %(number)s, which is not paid", number=call.number), said,
        url_for("escrow.show", name=call.public_id, _anchor="decide"), _("Decide"), last_day(call.window_ends_at),
    )  # fmt: skip
