"""The doors of a campaign's money: where every euro is, the entries behind a figure, the trail of acts."""

from typing import Any

from flask import g, redirect, render_template, request, url_for

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign, CampaignState, Pledge
from app.campaigns.progress import backings_of
from app.campaigns.wording import RAIL_WORDS
from app.escrow import calls, entries, money_page, trail
from app.escrow.doors import Sight, bp, campaign_and_sight
from app.escrow.lines import FIGURES
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _, moment, ngettext
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.interests import ties
from app.people.model import Role


@bp.get("/campaigns/<name>/money")
@only(ANYONE)
def money(name: str) -> Any:
    """Where every euro of a campaign is."""
    campaign, maintainer, sight = campaign_and_sight(name)
    shown = money_page.money_of(g.db, campaign, maintainer.id, sight)
    sources, uses = money_page.flow_picture(shown, exactly=sight.sums)
    financed = campaigns.scoped_milestones(g.db, campaign)
    tranches = campaigns.planned_tranches(g.db, campaign)
    return render_template(
        "escrow/money.html",
        campaign=campaign,
        maintainer=maintainer,
        shown=shown,
        sight=sight,
        sources=sources,
        uses=uses,
        milestones=money_page.by_milestone(g.db, campaign, financed, tranches),
    )


@bp.get("/campaigns/<name>/money/piece")
@only(ANYONE)
def of_campaign(name: str) -> Any:
    """Where the money is, as a part of the campaign's page; and the next call, for the fund's officers."""
    campaign, maintainer, sight = campaign_and_sight(name)
    if campaign.secured_at is None:
        raise Missing
    actor: Actor | None = g.get("actor")
    number = calls.next_tranche(g.db, campaign) if campaign.state == CampaignState.SECURED else None
    planned = campaigns.planned_tranches(g.db, campaign)
    in_next = [m for m in campaigns.scoped_milestones(g.db, campaign) if planned[m.id] == number]
    is_officer = bool(actor and actor.is_fund and actor.has(Role.OFFICER))
    return page(
        "escrow/of_campaign.html", block="piece",
        campaign=campaign, maintainer=maintainer, sight=sight,
        shown=money_page.money_of(g.db, campaign, maintainer.id, sight),
        tranche=number, in_next=in_next, is_officer=is_officer,
        ties=ties(g.db, actor, campaigns.parties(g.db, campaign), at=at(), roles=[Role.OFFICER])
        if actor and is_officer
        else [],
    )  # fmt: skip


@bp.post("/campaigns/<name>/tranches")
@only(Role.OFFICER)
@refusals_on("campaigns.show")
def call_funds(name: str) -> Any:
    """Call the next tranche; the number in the form keeps a second click from calling one more."""
    campaign, _maintainer, _sight = campaign_and_sight(name)
    calls.require_next(g.db, campaign, request.form.get("tranche", ""))
    issued = calls.call_funds(g.db, campaign, by=acting(), at=at())
    say(ngettext("%(num)s call is issued.", "%(num)s calls are issued.", len(issued)))
    return redirect(url_for("campaigns.show", name=name), 303)


@bp.get("/campaigns/<name>/money/entries")
@only(ANYONE)
def entries_of(name: str) -> Any:
    """The entries behind a figure; amounts of others stay theirs."""
    campaign, maintainer, sight = campaign_and_sight(name)
    figure = request.args.get("figure", "")
    if figure not in ("", *FIGURES):
        raise Missing
    visible = _names(campaign, sight)
    pledge = _asked_pledge(campaign, visible)
    before = request.args.get("before", "")
    found = entries.moves_behind(
        g.db, campaign.id, figure=figure, pledge_ids=[pledge.id] if pledge else None,
        before=int(before) if before.isdecimal() else None,
    )  # fmt: skip
    more = len(found) > entries.PAGE
    rows = entries.told(
        found[: entries.PAGE],
        names=visible,
        maintainer=maintainer.name,
        rail_words=RAIL_WORDS,
        sees_sums=sight.sums,
    )
    return render_template(
        "escrow/entries.html",
        campaign=campaign, figure=figure, rows=rows, pledge=pledge,
        backer=visible[pledge.id] if pledge else None,
        keeps_some=any(row.cents is None for row in rows),
        next_url=url_for(
            ".entries_of", name=name, figure=figure or None, pledge=request.args.get("pledge"),
            before=rows[-1].entry_id,
        ) if more else None,
    )  # fmt: skip


def _names(campaign: Campaign, sight: Sight) -> dict[int, str]:
    """The pledges whose money the reader may see, by the name of their backer."""
    return {
        pledge.id: organization.name
        for pledge, organization in backings_of(g.db, campaign)
        if sight.sees(pledge)
    }


def _asked_pledge(campaign: Campaign, visible: dict[int, str]) -> Pledge | None:
    wanted = request.args.get("pledge")
    if not wanted:
        return None
    rows = [pledge for pledge, _ in backings_of(g.db, campaign) if pledge.public_id == wanted]
    if not rows or rows[0].id not in visible:
        raise Missing
    return rows[0]


@bp.get("/campaigns/<name>/trail")
@only(ANYONE)
def trail_of(name: str) -> Any:
    """Every act about a campaign, newest first, as far as the reader may see."""
    campaign, _maintainer, sight = campaign_and_sight(name)
    before = request.args.get("before", "")
    found = trail.steps_of(
        g.db, campaign, sees_all=sight.lines, own=_own(campaign, sight),
        before=int(before) if before.isdecimal() else None,
    )  # fmt: skip
    shown = found[: trail.PAGE]
    return render_template(
        "escrow/trail.html",
        campaign=campaign,
        items=_told(campaign, sight, shown),
        next_url=url_for(".trail_of", name=name, before=shown[-1][0].id) if len(found) > trail.PAGE else None,
    )


def _own(campaign: Campaign, sight: Sight) -> Any:
    if sight.organization_id is None:
        return None
    mine = [
        pledge.id
        for pledge, organization in backings_of(g.db, campaign)
        if organization.id == sight.organization_id
    ]
    return trail.is_own(sight.organization_id, trail.own_things(g.db, mine))


def _told(campaign: Campaign, sight: Sight, found: list[Any]) -> list[dict[str, str]]:
    pledges, organizations = trail.veiled(g.db, campaign)
    deliveries = trail.milestones_by_delivery(g.db, campaign)
    items = []
    for step, number, organization in found:
        own = sight.lines or (organization is not None and organization.id == sight.organization_id)
        is_veiled = step.thing == "Pledge" and step.thing_id in pledges
        is_veiled = is_veiled or (organization is not None and organization.id in organizations)
        words = trail.WORDS.get((step.thing, step.act))
        what = _(words) if words else f"{step.thing}: {step.act}"
        more = [trail.about(step, deliveries), trail.reason(step, is_own=own), trail.aside(step)]
        what = " · ".join([what, *(text for text in more if text)])
        who = _("the clock") if trail.is_the_clock(step) else _("An organization")
        if organization is not None and (own or not is_veiled):
            who = organization.name
        items.append({
            "when": moment(step.at), "exact": step.at.isoformat(), "what": what,
            "who": _("no. %(number)s · %(who)s", number=number, who=who),
        })  # fmt: skip
    return items
