"""The doors for reading: the tabs, one payout, what was paid out for a milestone."""

from typing import Any

from flask import g, render_template, request, url_for

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.amounts import amounts_of
from app.delivery.doors import around
from app.delivery.standing import latest_delivery
from app.estimates.model import Milestone
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find
from app.kit.words import local_day
from app.payouts import elsewhere, listing, shown
from app.payouts.doors import TABS, bp, may_move, reader, visible_payout
from app.payouts.model import Payout, PayoutState
from app.payouts.payees import is_changed
from app.payouts.refund_limits import why_waits
from app.payouts.rules import claimed_against, fingerprint, missing_on_rail
from app.people.access import ANYONE, SIGNED_IN, acting, at, only
from app.people.interests import ties
from app.people.model import Organization, Role

PAGE = 40


@bp.get("/payouts")
@only(SIGNED_IN)
def index() -> Any:
    """Money on its way out: the fund's, or one's own organization's."""
    actor = acting()
    tabs = listing.tabs(g.db, actor)
    tab = request.args.get("tab", "")
    if tab not in TABS:
        tab = next((one.key for one in tabs if one.count), "due")
    after = request.args.get("after", "")
    rows = listing.one_page(g.db, actor, tab, after=after, most=PAGE)
    return render_template(
        "payouts/index.html",
        tabs=tabs,
        tab=next(one for one in tabs if one.key == tab),
        rows=rows[:PAGE],
        may_move=may_move(actor),
        person_id=actor.person.id,
        sees_all=actor.sees_everything,
        is_empty=not any(one.count for one in tabs),
        next_url=url_for(".index", tab=tab, after=rows[PAGE - 1].payout.public_id)
        if len(rows) > PAGE
        else None,
    )


@bp.get("/payouts/of-milestone/<name>")
@only(ANYONE)
def of_milestone(name: str) -> Any:
    """How far what was released for a milestone has been paid out: a part of the milestone's page."""
    of = around(find(Milestone, name))
    delivery = latest_delivery(g.db, of.milestone)
    if delivery is None or not delivery.share_basis_points:
        raise Missing
    return page(
        "payouts/of_milestone.html", block="piece",
        milestone=of.milestone, campaign=of.campaign, maintainer=of.maintainer,
        progress=listing.of_milestone(g.db, of.milestone.id),
        betrays=amounts_of(g.db, of.campaign, delivery, reader()).betrays,
    )  # fmt: skip


@bp.get("/payouts/<name>")
@only(SIGNED_IN)
def show(name: str) -> Any:
    """One payout: what it pays, how much, to whom, on which account; prepared by one, approved by another."""
    payout = visible_payout(name)
    actor = acting()
    campaign = g.db.get_one(Campaign, payout.campaign_id)
    lines = shown.lines_of(g.db, payout)
    cents = shown.amounts(g.db, [payout])[payout.id]
    to_name, to_account = shown.account_as_seen(g.db, payout, actor)
    other = elsewhere.latest(g.db, payout)
    return render_template(
        "payouts/payout.html",
        payout=payout,
        campaign=campaign,
        payee=g.db.get_one(Organization, payout.payee_id),
        lines=lines,
        lines_total=sum(line.total_cents for line in lines),
        cents=cents,
        to_name=to_name,
        to_account=to_account,
        acts=shown.history(g.db, payout, actor),
        prepared_by=shown.person_name(g.db, payout.prepared_by_id),
        approved_by=shown.person_name(g.db, payout.approved_by_id),
        is_preparer=payout.prepared_by_id == actor.person.id,
        is_void=payout.state == PayoutState.PREPARED and fingerprint(g.db, payout) != payout.pinned,
        claimed=claimed_against(g.db, payout) if _is_waiting(payout) else 0,
        is_changed=_is_waiting(payout) and is_changed(g.db, payout),
        missing=missing_on_rail(g.db, payout) if _is_waiting(payout) else 0,
        waits=why_waits(g.db, payout, at=at()) if _is_waiting(payout) else None,
        paid_elsewhere=other,
        written_by=shown.person_name(g.db, other.written_by_id if other else None),
        is_writer=other is not None and other.written_by_id == actor.person.id,
        may_pay_elsewhere=may_move(actor) and elsewhere.may_be(g.db, payout, at=at()),
        today=local_day(at()),
        tied=_tied(campaign, payout),
        may_move=may_move(actor),
        sees_all=actor.sees_everything,
        is_own=payout.payee_id == actor.organization.id,
    )


def _is_waiting(payout: Payout) -> bool:
    return payout.state in (PayoutState.DUE, PayoutState.PREPARED, PayoutState.APPROVED, PayoutState.ON_HOLD)


def _tied(campaign: Campaign, payout: Payout) -> str | None:
    """Why a person of the fund has to stand aside, if they have to, and who may act instead."""
    actor = acting()
    if not actor.is_fund:
        return None
    found = ties(
        g.db, actor, campaigns.parties(g.db, campaign), at=at(),
        roles=[Role.TREASURER], besides=[payout.prepared_by_id],
    )  # fmt: skip
    return found[0].sentence if found else None
