"""The doors of a gap: what is missing, what the campaign's rule does about it, and who takes over how much."""

from typing import Any

from flask import current_app, g, redirect, render_template, url_for
from sqlmodel import col, select

from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.missing import Shortfall, ShortfallState
from app.campaigns.model import Campaign, OnDefault, Pledge
from app.escrow import accounts, freezing, offers, takeovers
from app.escrow.doors import bp
from app.escrow.forms import LiftForm, TakeOverForm
from app.escrow.frozen import Freeze, FreezeState
from app.escrow.model import Call, Deposit
from app.kit.forms import read
from app.kit.htmx import asked_for_a_piece, page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _, last_day_of, money
from app.ledger.book import balance
from app.people.access import ANYONE, SIGNED_IN, Actor, acting, at, only
from app.people.interests import ties
from app.people.model import Kind, Organization, Role


@bp.get("/shortfalls/<name>")
@only(ANYONE)
def shortfall(name: str) -> Any:
    """A gap: what the rule does, until when, and what the reader may take over."""
    found = find(Shortfall, name)
    campaign = g.db.get_one(Campaign, found.campaign_id)
    actor: Actor | None = g.get("actor")
    is_open = found.state == ShortfallState.OPEN and at() < found.ends_at
    own_id = actor.organization.id if actor else None
    signed = takeovers.of(g.db, found)
    offer = takeovers.offer_to(g.db, campaign, found, own_id)
    return render_template(
        "escrow/shortfall.html", shortfall=found, campaign=campaign, is_open=is_open, offer=offer,
        own=next((one for one in signed if one.organization_id == own_id), None),
        sees_amounts=bool(actor and actor.is_verified),
        may_sign=is_open and found.rule == OnDefault.TOP_UP
        and bool(actor and actor.has(Role.BUYER) and actor.organization.kind == Kind.CORPORATE),
        motion=g.db.exec(
            select(Motion).where(Motion.kind == MotionKind.SCOPE, Motion.thing_id == found.id)
        ).first(),
    )  # fmt: skip


@bp.post("/shortfalls/<name>/takeovers")
@only(Role.BUYER)
@refusals_on("escrow.shortfall")
def take_over(name: str) -> Any:
    """A buyer signs to take over a part of the gap."""
    found = find(Shortfall, name)
    campaign = g.db.get_one(Campaign, found.campaign_id)
    form = read(TakeOverForm)
    text = _(
        "%(buyer)s takes over %(amount)s excluding VAT of what another backer of “%(title)s” did not pay, if the whole "
        "gap is filled by the end of %(day)s. It is called then. Otherwise this ends by itself.",
        buyer=acting().organization.name, amount=money(form.amount, campaign.currency), title=campaign.title,
        day=last_day_of(found.ends_at),
    )  # fmt: skip
    offers.sign(
        g.db, found, amount_cents=form.amount, rail=current_app.config["SETTINGS"].rails[0],
        po_number=form.po_number, text=text, by=acting(), at=at(),
    )  # fmt: skip
    say(_("Signed. It is called once the whole gap is filled; otherwise it ends by itself."))
    return redirect(url_for(".shortfall", name=name), 303)


@bp.get("/shortfalls/of-campaign/<name>")
@only(ANYONE)
def shortfalls_of_campaign(name: str) -> Any:
    """The gaps of a campaign: a part of its page."""
    campaign = find(Campaign, name)
    query = select(Shortfall).where(Shortfall.campaign_id == campaign.id)
    rows = list(g.db.exec(query.order_by(col(Shortfall.id).desc()).limit(20)))
    return page(
        "escrow/shortfalls.html",
        block="piece",
        campaign=campaign,
        rows=rows,
        is_alone=not asked_for_a_piece(),
    )


@bp.post("/freezes/<name>/end")
@only(Role.TREASURER)
@refusals_on("escrow.freeze")
def lift_freeze(name: str) -> Any:
    """A treasurer lifts the freeze of a backer's further parts."""
    freezing.lift(g.db, find(Freeze, name), reason=read(LiftForm).freeze_reason, by=acting(), at=at())
    say(_("Lifted: this backer's parts are spent again. The claim stands until it is paid."))
    return redirect(url_for(".freeze", name=name), 303)


@bp.get("/freezes/<name>")
@only(SIGNED_IN)
def freeze(name: str) -> Any:
    """A backer whose further parts are frozen: why, what that means, and how it ends. For it and for the fund."""
    found = find(Freeze, name)
    pledge = g.db.get_one(Pledge, found.pledge_id)
    actor = acting()
    is_own = actor.organization.id in (pledge.organization_id, pledge.payer_id)
    if not is_own and not actor.sees_everything:
        raise Missing
    campaign = g.db.get_one(Campaign, found.campaign_id)
    is_treasurer = actor.is_fund and actor.has(Role.TREASURER)
    deposit = g.db.get_one(Deposit, found.deposit_id)
    return render_template(
        "escrow/freeze.html", freeze=found, campaign=campaign, is_own=is_own,
        backer=g.db.get_one(Organization, pledge.organization_id), call=g.db.get_one(Call, deposit.call_id),
        claim_cents=balance(g.db, accounts.claim(pledge).code),
        may_lift=is_treasurer and found.state == FreezeState.STANDING,
        ties=ties(g.db, actor, campaigns.parties(g.db, campaign), at=at(), roles=[Role.TREASURER])
        if is_treasurer else [],
    )  # fmt: skip
