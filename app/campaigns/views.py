"""The doors of campaigns: the list, one campaign, its preparation and what the fund decides about it."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, or_, select

from app.campaigns import (
    forms,
    keys,
    progress,
    rules,
    views_grants,
    views_motions,
    views_pieces,
    views_pledges,
    views_pledging,
    views_preparing,
    views_simulation,
    views_work,
    wording,
    wording_rules,
)  # fmt: skip
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.model import Campaign, CampaignState, Pledge
from app.campaigns.round_rules import rules_of
from app.campaigns.standing import standing_of
from app.catalogue.model import Software
from app.estimates.amending import amendments_in
from app.estimates.model import Estimate
from app.kit.forms import read
from app.kit.web import refusals_on, say
from app.kit.words import _, local_day
from app.needs.model import Need, NeedState
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.interests import ties
from app.people.model import Kind, Organization, Role
from app.roadmap.demand import demand_of_items
from app.roadmap.model import Answer, RoadmapItem

__all__ = [
    "bp", "views_grants", "views_motions", "views_pieces", "views_pledges", "views_pledging", "views_preparing",
    "views_simulation", "views_work",
]  # fmt: skip

PAGE = 30
FIRST_BACKERS = 8


@bp.get("/campaigns")
@only(ANYONE)
def index() -> Any:
    """Campaigns one may see, newest first."""
    state = request.args.get("state", "")
    query = views_pieces.listed().order_by(col(Campaign.id).desc()).limit(PAGE + 1).where(_may_be_listed())
    if state in list(CampaignState):
        query = query.where(Campaign.state == state)
    if after := request.args.get("after"):
        last = select(Campaign.id).where(Campaign.public_id == after).scalar_subquery()
        query = query.where(Campaign.id < last)
    found = list(g.db.exec(query))
    rows = found[:PAGE]
    return render_template(
        "campaigns/index.html",
        rows=rows,
        sums=progress.sums_of(g.db, [(row[0], row[3].id) for row in rows], g.get("actor")),
        states=[(value, _(word)) for value, word in wording.STATE_WORDS.items()],
        state_chosen=state,
        today=local_day(at()),
        next_url=url_for(".index", state=state or None, after=rows[-1][0].public_id)
        if len(found) > PAGE
        else None,
    )


def _may_be_listed() -> Any:
    actor: Actor | None = g.get("actor")
    if actor and actor.sees_everything:
        return col(Campaign.id).is_not(None)
    has_opened = col(Campaign.opened_at).is_not(None)
    return or_(has_opened, Organization.id == actor.organization.id) if actor else has_opened


@bp.get("/campaigns/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One campaign: what it pays for, how far it is, what one's own part would be, what the rules are."""
    campaign = visible_campaign(name)
    actor: Actor | None = g.get("actor")
    estimate = g.db.get_one(Estimate, campaign.estimate_id)
    item = g.db.get_one(RoadmapItem, estimate.item_id)
    milestones = rules.milestones_of(g.db, estimate.id)
    tranches = rules.planned_tranches(g.db, campaign)
    rows = progress.backings_of(g.db, campaign)
    financed = {milestone.id for milestone in rules.scoped_milestones(g.db, campaign)}
    is_ours = progress.is_maintainer(actor, estimate.organization_id)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        is_amended=bool(amendments_in(g.db, campaign.estimate_id)),
        estimate=estimate,
        item=item,
        software=g.db.get_one(Software, item.software_id),
        maintainer=g.db.get_one(Organization, estimate.organization_id),
        demand=demand_of_items(g.db, [item.id])[item.id],
        needs=_count_needs(item),
        milestones=milestones,
        tranches=tranches,
        financed=financed,
        standing=standing_of(g.db, campaign),
        sums=progress.sums_of(g.db, [(campaign, estimate.organization_id)], actor)[campaign.id],
        poles=progress.poles(campaign, milestones),
        backers=progress.by_organization(progress.backers(rows, actor)),
        first_backers=FIRST_BACKERS,
        pledges=_own_pledges(campaign),
        may_pledge=_may_pledge(campaign, is_ours),
        is_ours=is_ours,
        is_officer=bool(actor and actor.is_fund and actor.has(Role.OFFICER)),
        ties=ties(g.db, actor, rules.parties(g.db, campaign), at=at(), roles=[Role.OFFICER])
        if actor and actor.is_fund
        else [],
        proposal=views_pledging.own_proposal(campaign) if _may_pledge(campaign, is_ours) else None,
        own_users=keys.users_of(g.db, campaign, actor.organization.id) if actor else 0,
        today=local_day(at()),
        now=at(),
        matching=views_grants.of_campaign(campaign),
        work_counts=rules_of(g.db, campaign).in_kind_most_basis_points > 0,
        rule_sentences=wording_rules.rule_sentences(wording_rules.rule_terms(g.db, campaign)),
    )


def _count_needs(item: RoadmapItem) -> int:
    query = (
        select(Need.id)
        .join(Answer, col(Answer.need_id) == col(Need.id))
        .where(Answer.item_id == item.id, Need.state == NeedState.PUBLISHED)
    )
    return len(list(g.db.exec(query)))


def _own_pledges(campaign: Campaign) -> list[Pledge]:
    actor: Actor | None = g.get("actor")
    if actor is None or actor.organization.kind != Kind.CORPORATE:
        return []
    query = select(Pledge).where(
        Pledge.campaign_id == campaign.id, Pledge.organization_id == actor.organization.id
    )
    return list(g.db.exec(query.order_by(col(Pledge.id))))


def _may_pledge(campaign: Campaign, is_ours: bool) -> bool:
    actor: Actor | None = g.get("actor")
    is_buyer = bool(actor and actor.has(Role.BUYER) and actor.organization.kind == Kind.CORPORATE)
    return is_buyer and not is_ours and campaign.state == CampaignState.OPEN and at() < campaign.deadline_at


@bp.get("/campaigns/<name>/backers")
@only(ANYONE)
def backers(name: str) -> Any:
    """Everyone who promised, as far as the reader may see."""
    campaign = visible_campaign(name)
    rows = progress.backings_of(g.db, campaign)
    return render_template(
        "campaigns/backers.html",
        campaign=campaign,
        sums=progress.sums_of(
            g.db, [(campaign, progress.maintainer_of(g.db, campaign).id)], g.get("actor")
        )[campaign.id],
        backers=progress.by_organization(progress.backers(rows, g.get("actor"))),
    )  # fmt: skip


# ---- What the fund decides -------------------------------------------------------------------------------------


@bp.post("/campaigns/<name>/opening")
@only(Role.OFFICER)
@refusals_on("campaigns.show")
def open_round(name: str) -> Any:
    """Open it for pledges."""
    rules.open_round(g.db, visible_campaign(name), by=acting(), at=at())
    say(_("The campaign is open for pledges. Its rules are frozen from now on."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/campaigns/<name>/cancellation")
@only(Role.OFFICER)
@refusals_on("campaigns.show")
def cancel(name: str) -> Any:
    """Give it up before it is secured."""
    form = read(forms.ReasonForm)
    rules.cancel(g.db, visible_campaign(name), reason=form.reason, by=acting(), at=at())
    say(_("The campaign is cancelled. Every pledge ended by itself, nobody pays."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/campaigns/<name>/closing")
@only(Role.OFFICER)
@refusals_on("campaigns.show")
def secure(name: str) -> Any:
    """Close it before its deadline, the minimum being reached."""
    rules.secure_early(g.db, visible_campaign(name), by=acting(), at=at())
    say(_("The campaign is secured. You can call the first tranche now."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/campaigns/<name>/stop")
@only(Role.OFFICER)
@refusals_on("campaigns.show")
def stop(name: str) -> Any:
    """End a secured campaign early."""
    form = read(forms.ReasonForm)
    campaign = visible_campaign(name)
    rules.stop(g.db, campaign, reason=form.reason, by=acting(), at=at())
    say(_("The campaign is stopped. What is still held goes back to each backer."))
    return redirect(url_for(".show", name=name), 303)
