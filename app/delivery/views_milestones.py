"""The doors of milestones: the list, one milestone, handing it in."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, select

from app.campaigns.model import Campaign
from app.delivery import listing, rules
from app.delivery.doors import bp, context, delivers, milestone_around, reader
from app.delivery.forms import HandInForm
from app.delivery.model import Delivery
from app.delivery.seen import own_part
from app.delivery.stages import Stage as MilestoneStage
from app.delivery.stages import standing_of
from app.delivery.standing import due_of
from app.estimates.amending import amendments_of
from app.kit.clock import add_business_days, day_of
from app.kit.forms import read
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.model import Role
from app.roadmap.demand import demand_of_items

PAGE = 30
# Nobody can do anything here before the money is there.
NOT_YET = (MilestoneStage.TO_CALL, MilestoneStage.TO_PAY)


@bp.get("/milestones")
@only(ANYONE)
def index() -> Any:
    """Milestones being financed: those with a next step of mine first, then all of them."""
    actor = reader()
    chosen = request.args.get("state", "")
    mine = bool(request.args.get("mine")) and actor is not None
    after = request.args.get("after", "")
    found = listing.milestones(g.db, chosen=chosen, mine=actor if mine else None, after=after, most=PAGE)
    shown = found[:PAGE]
    waiting = listing.waiting(g.db, actor) if actor and not (after or chosen or mine) else []
    return render_template(
        "delivery/index.html",
        rows=_with_standing(shown),
        waiting=[row for row in _with_standing(waiting) if row[3].stage not in NOT_YET],
        filters={key: _(words) for key, words in listing.FILTERS.items()},
        chosen=chosen if chosen in listing.FILTERS else "",
        mine=mine,
        is_later=bool(after),
        next_url=_next_url(chosen, mine, shown[-1][0].public_id) if len(found) > PAGE else None,
    )


@bp.get("/milestones/of-campaign/<name>")
@only(ANYONE)
def of_campaign(name: str) -> Any:
    """A campaign's milestones and where each stands: a part of the campaign's page."""
    campaign = find(Campaign, name)
    if not campaign.opened_at:
        raise Missing
    rows = [(m, standing_of(g.db, campaign, m)) for m in listing.of_campaign(g.db, campaign)]
    return page("delivery/of_campaign.html", block="piece", campaign=campaign, rows=rows)


@bp.get("/milestones/<name>")
@only(ANYONE)
def milestone(name: str) -> Any:
    """One milestone: what must be seen, what it costs, where it stands, what happens next."""
    of = milestone_around(name)
    actor = reader()
    return render_template(
        "delivery/milestone.html",
        **context(of),
        demand=demand_of_items(g.db, [of.item.id])[of.item.id],
        standing=standing_of(g.db, of.campaign, of.milestone),
        attempts=_attempts(of.milestone.id),
        own=own_part(g.db, of.milestone.id, actor) if actor else (0, 0),
        due=due_of(g.db, of.milestone),
        is_ours=delivers(of.campaign),
        is_amended=bool(amendments_of(g.db, of.milestone)),
    )


@bp.get("/milestones/<name>/deliveries")
@only(Role.MEMBER)
def hand_in_page(name: str) -> Any:
    """The form with which a milestone is handed in."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    until = add_business_days(day_of(at(), of.campaign.zone), of.campaign.review_days)
    attempts = _attempts(of.milestone.id)
    return render_template(
        "delivery/hand_in.html",
        **context(of),
        standing=standing_of(g.db, of.campaign, of.milestone),
        before=attempts[0] if attempts else None,
        until=until,
    )


@bp.post("/milestones/<name>/deliveries")
@only(Role.MEMBER)
@refusals_on("delivery.hand_in_page")
def hand_in(name: str) -> Any:
    """Hand the milestone in: its backers' clock starts."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    form = read(HandInForm)
    delivery = rules.hand_in(
        g.db, of.campaign, of.milestone,
        version=form.version, evidence=form.evidence, message=form.message, by=acting(), at=at(),
    )  # fmt: skip
    say(_("Handed in. The backers have been told and answer next."))
    return redirect(url_for(".show", name=delivery.public_id), 303)


def _attempts(milestone_id: int) -> list[Delivery]:
    query = (
        select(Delivery).where(Delivery.milestone_id == milestone_id).order_by(col(Delivery.attempt).desc())
    )
    return list(g.db.exec(query))


def _with_standing(found: list[Any]) -> list[Any]:
    return [(m, campaign, maintainer, standing_of(g.db, campaign, m)) for m, campaign, maintainer in found]


def _next_url(chosen: str, mine: bool, last: str) -> str:
    return url_for(".index", state=chosen or None, mine="1" if mine else None, after=last)
