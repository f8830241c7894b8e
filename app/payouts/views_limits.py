"""The doors of money a provider will not hold much longer: given back and called again, or released."""

from typing import Annotated, Any

from flask import g, redirect, render_template, url_for
from pydantic import StringConstraints
from sqlmodel import col, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, Pledge
from app.delivery import retention
from app.delivery.model import Delivery
from app.delivery.standing import holds_retention
from app.escrow import calls, hold_limits
from app.escrow.model import Call, Release
from app.estimates.model import Milestone
from app.kit.forms import Form, Line, Text, read
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.payouts.doors import bp
from app.payouts.model import Payout, PayoutLine, PayoutState
from app.people.access import acting, at, only
from app.people.interests import ties
from app.people.model import Organization, Role

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)


class AgainForm(Form):
    """Why money goes back and is called again."""

    reason: Annotated[Text, StringConstraints(max_length=1000)]


class EarlyForm(Form):
    """Which delivery's retention is released before the limit, and why."""

    delivery: Annotated[Line, StringConstraints(max_length=32)]
    reason: Annotated[Text, StringConstraints(max_length=1000)]


@bp.get("/held/<name>")
@only(*READERS)
def hold_limit(name: str) -> Any:
    """One paid call on a rail that will not hold its money much longer, and the ways out."""
    call = find(Call, name)
    campaign = g.db.get_one(Campaign, call.campaign_id)
    until = hold_limits.limit_of(g.db, call, campaign)
    held = [
        (g.db.get_one(Milestone, part.milestone_id), part, left) for part, left in hold_limits.still_held(g.db, call)
    ]  # fmt: skip
    tied = ties(g.db, acting(), campaigns.parties(g.db, campaign), at=at(), roles=[Role.OFFICER])
    is_near = until is not None and hold_limits.is_near(until, campaign, at())
    return render_template(
        "payouts/hold_limit.html",
        call=call,
        campaign=campaign,
        backer=g.db.get_one(Organization, g.db.get_one(Pledge, call.pledge_id).organization_id),
        until=until,
        is_near=is_near,
        held=held,
        again_cents=sum(part.price_cents + part.vat_cents for part in hold_limits.untouched(g.db, call)),
        kept_back=_kept_back(call),
        payouts=_unsent(call),
        may_act=acting().has(Role.OFFICER) and is_near and not tied,
        tied=tied[0].sentence if tied and acting().has(Role.OFFICER) else None,
    )


def _kept_back(call: Call) -> list[tuple[Delivery, Milestone]]:
    """Accepted milestones this call paid for of which something is kept back."""
    numbers = {part.milestone_id for part, _left in hold_limits.still_held(g.db, call)}
    query = select(Delivery).where(col(Delivery.milestone_id).in_(numbers)).order_by(col(Delivery.id))
    return [
        (one, g.db.get_one(Milestone, one.milestone_id)) for one in g.db.exec(query) if holds_retention(one)
    ]


def _unsent(call: Call) -> list[Payout]:
    """Payouts of what was released of this call and has not left its rail."""
    parts = {line.part_id for line in calls.lines_of(g.db, call)}
    query = (
        select(Payout)
        .join(PayoutLine, col(PayoutLine.payout_id) == col(Payout.id))
        .join(Release, col(Release.id) == col(PayoutLine.release_id))
        .where(
            col(Release.part_id).in_(parts),
            col(Payout.state).not_in([PayoutState.SENT, PayoutState.PAID, PayoutState.SETTLED]),
        )
        .distinct()
    )
    return list(g.db.exec(query.order_by(col(Payout.id))))


@bp.post("/held/<name>/call-again")
@only(Role.OFFICER)
@refusals_on("payouts.hold_limit")
def call_again(name: str) -> Any:
    """Owe the money back and call it anew."""
    form = read(AgainForm)
    again = hold_limits.call_again(g.db, find(Call, name), reason=form.reason, by=acting(), at=at())
    say(_("Owed back, and called again as no. %(number)s. The refund can be prepared.", number=again.number))
    return redirect(url_for("escrow.show", name=again.public_id), 303)


@bp.post("/held/<name>/release")
@only(Role.OFFICER)
@refusals_on("payouts.hold_limit")
def release_early(name: str) -> Any:
    """Release what was kept back of an accepted milestone, before the provider decides."""
    find(Call, name)
    form = read(EarlyForm)
    delivery = find(Delivery, form.delivery)
    retention.release_before_limit(g.db, delivery, reason=form.reason, by=acting(), at=at())
    say(_("Released: the payout can be prepared."))
    return redirect(url_for(".hold_limit", name=name), 303)
