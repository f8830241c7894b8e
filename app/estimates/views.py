"""The doors of estimates: the list, one estimate, its draft, the fund's decision, the quote on paper."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col

from app.catalogue.model import Software
from app.documents.vat import standard_rate, vat_on
from app.estimates import forms, history, rules, shown, views_comparison, views_revisions
from app.estimates.doors import bp, is_maintainer, line_word, own, visible
from app.estimates.listing import approved_beside, listed, totals_of
from app.estimates.model import Estimate, EstimateLine, EstimateState
from app.estimates.reading import effort, lines_of, team_of, terms_of
from app.estimates.terms import MOST_MILESTONES
from app.kit.forms import currency, read
from app.kit.htmx import page
from app.kit.money import split
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import LANGUAGES, _, language, money
from app.people.access import ANYONE, acting, at, only
from app.people.interests import ties
from app.people.model import Organization, Role
from app.roadmap.demand import demand_of_items
from app.roadmap.model import RoadmapItem
from app.roadmap.rules import require_maintainer

__all__ = ["bp", "views_comparison", "views_revisions"]

PAGE = 30


@bp.get("")
@only(ANYONE)
def index() -> Any:
    """Estimates one may see, newest first; one's own drafts among them."""
    state, mine = request.args.get("state", ""), request.args.get("mine", "")
    actor = g.get("actor")
    query = listed(g.get("actor")).order_by(col(Estimate.public_id).desc()).limit(PAGE + 1)
    if state in list(EstimateState):
        query = query.where(Estimate.state == state)
    if mine and actor:
        query = query.where(Estimate.organization_id == actor.organization.id)
    if after := request.args.get("after"):
        query = query.where(Estimate.public_id < after)
    found = list(g.db.exec(query))
    shown = found[:PAGE]
    return render_template(
        "estimates/index.html",
        rows=shown,
        totals=totals_of(g.db, [row[0].id for row in shown]),
        state_chosen=state,
        mine=bool(mine and actor),
        has_own=is_maintainer(),
        next_url=_next_url(state, mine, shown[-1][0]) if len(found) > PAGE else None,
    )


@bp.get("/of-item/<name>")
@only(ANYONE)
def of_item(name: str) -> Any:
    """The estimates of one roadmap item, to compare: a part of the item's page."""
    item = find(RoadmapItem, name)
    rows = list(
        g.db.exec(listed(g.get("actor")).where(Estimate.item_id == item.id).order_by(col(Estimate.id).desc()))
    )
    return page(
        "estimates/of_item.html", block="piece",
        item=item, rows=rows, totals=totals_of(g.db, [row[0].id for row in rows]),
    )  # fmt: skip


@bp.get("/new")
@only(Role.MEMBER)
def new() -> Any:
    """The form of a new estimate, for a planned item."""
    require_maintainer(acting())
    item = find(RoadmapItem, request.args.get("item", ""))
    return _form_page(item, None)


@bp.post("/new")
@only(Role.MEMBER)
@refusals_on("estimates.new")
def draft() -> Any:
    """Keep a new draft, or give one more row to fill in."""
    if forms.wants_another_row():
        return new()
    item = find(RoadmapItem, request.args.get("item", ""))
    estimate = rules.draft(g.db, item, forms.read_terms(), by=acting(), at=at())
    say(_("The draft is kept. Only your organization sees it."))
    return redirect(url_for(".show", name=estimate.public_id), 303)


@bp.get("/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One estimate: what is paid for what, by when, under which conditions; and what waits for whom."""
    estimate = visible(name)
    actor = g.get("actor")
    item = g.db.get_one(RoadmapItem, estimate.item_id)
    milestones = rules.milestones_of(g.db, estimate)
    total = rules.total_cents(milestones)
    lines = lines_of(g.db, milestones)
    team = team_of(g.db, estimate)
    is_ours = is_maintainer() and actor.organization.id == estimate.organization_id
    return render_template(
        "estimates/show.html",
        lines=lines,
        line_word=line_word,
        days=history.days,
        has_lines=any(lines.values()),
        team=list(zip(team, split(total, [one.share_basis_points for one in team]), strict=True))
        if team
        else [],
        said=_said(estimate, [line for some in lines.values() for line in some]),
        revisions=[
            one for one in history.revisions(g.db, estimate) if is_ours or one.state not in rules.PRIVATE
        ],
        may_revise=is_ours and history.may_be_revised(estimate),
        ties=ties(g.db, actor, {estimate.organization_id}, at=at(), roles=[Role.OFFICER])
        if actor and actor.is_fund
        else [],
        estimate=estimate,
        milestones=milestones,
        minimum=rules.minimum_cents(milestones),
        total=total,
        vat=vat_on(total, estimate.vat_rate_basis_points),
        item=item,
        software=g.db.get_one(Software, item.software_id),
        maintainer=g.db.get_one(Organization, estimate.organization_id),
        demand=demand_of_items(g.db, [item.id])[item.id],
        rival=approved_beside(g.db, estimate),
        rivals=rules.rivals(g.db, estimate) if estimate.state == EstimateState.SUBMITTED else [],
        is_ours=is_ours,
        may_decide=bool(
            actor and actor.has(Role.OFFICER) and actor.is_fund and estimate.state == EstimateState.SUBMITTED
        ),
    )


@bp.get("/<name>/edit")
@only(Role.MEMBER)
def edit(name: str) -> Any:
    """The form of a draft."""
    estimate = own(name)
    if estimate.state != EstimateState.DRAFT:
        return redirect(url_for(".show", name=name), 303)
    return _form_page(g.db.get_one(RoadmapItem, estimate.item_id), estimate)


@bp.post("/<name>/edit")
@only(Role.MEMBER)
@refusals_on("estimates.edit")
def revise(name: str) -> Any:
    """Keep the draft as it is now, or give one more row to fill in."""
    if forms.wants_another_row():
        return edit(name)
    rules.revise(g.db, visible(name), forms.read_terms(), by=acting(), at=at())
    say(_("The draft is kept. Only your organization sees it."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/submission")
@only(Role.MEMBER)
@refusals_on("estimates.show")
def submit(name: str) -> Any:
    """Hand the estimate to the fund."""
    rules.submit(g.db, visible(name), by=acting(), at=at())
    say(_("The estimate is submitted. The fund decides next."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/withdrawal")
@only(Role.MEMBER)
@refusals_on("estimates.show")
def withdraw(name: str) -> Any:
    """Give the draft up."""
    rules.withdraw(g.db, visible(name), by=acting(), at=at())
    say(_("The draft is withdrawn."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/approval")
@only(Role.OFFICER)
@refusals_on("estimates.show")
def approve(name: str) -> Any:
    """The fund's yes."""
    form = read(forms.DecisionForm)
    rules.approve(g.db, visible(name), reason=form.reason, by=acting(), at=at())
    say(_("The estimate is approved: a campaign can be prepared for it."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/rejection")
@only(Role.OFFICER)
@refusals_on("estimates.show")
def reject(name: str) -> Any:
    """The fund's no."""
    form = read(forms.ReasonForm)
    rules.reject(g.db, visible(name), reason=form.reason, by=acting(), at=at())
    say(_("The estimate is rejected. Your reason stands on its page."))
    return redirect(url_for(".show", name=name), 303)


@bp.get("/<name>/quote.pdf")
@only(ANYONE)
def quote(name: str) -> Response:
    """The quote as a file, in the reader's language or the one asked for."""
    from app.estimates.paper import file_name, quote_pdf  # what draws papers is loaded with the first one

    estimate = visible(name)
    spoken = request.args.get("language", language())
    if spoken not in LANGUAGES:
        raise Missing
    answer = make_response(quote_pdf(g.db, estimate, spoken))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name(estimate, spoken)}"'
    return answer


def _said(estimate: Estimate, lines: list[EstimateLine]) -> dict[str, str]:
    """Upkeep, warranty and days in words."""
    made_of = effort(lines)
    upkeep = history.months(estimate.upkeep_months) or "—"
    if made_of.upkeep_cents:
        upkeep = f"{upkeep}, {money(made_of.upkeep_cents, estimate.currency)}"
    return {
        "upkeep": upkeep,
        "warranty": history.months(estimate.warranty_months),
        "days": history.days(made_of.day_hundredths) if made_of.day_hundredths else "",
    }


def _next_url(state: str, mine: str, last: Estimate) -> str:
    return url_for(".index", state=state or None, mine=mine or None, after=last.public_id)


def _form_page(item: RoadmapItem, estimate: Estimate | None) -> Any:
    terms = terms_of(g.db, estimate, rules.milestones_of(g.db, estimate)) if estimate else None
    rate = standard_rate(acting().organization.country, at().date()) or 0
    return render_template(
        "estimates/form.html",
        item=item,
        estimate=estimate,
        software=g.db.get_one(Software, item.software_id),
        rows=shown.milestone_rows(terms),
        members=shown.member_rows(terms),
        given=shown.fields(estimate, rate),
        most_rows=MOST_MILESTONES,
        currency=estimate.currency if estimate else currency.get(),
    )
