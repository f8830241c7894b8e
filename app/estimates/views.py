"""The doors of estimates: the list, one estimate, its draft, the fund's decision, the quote on paper."""

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col

from app.catalogue.model import Software
from app.documents.vat import standard_rate, vat_on
from app.estimates import forms, rules
from app.estimates.listing import approved_beside, listed, totals_of
from app.estimates.model import Estimate, EstimateState
from app.estimates.paper import file_name, quote_pdf
from app.estimates.terms import MOST_MILESTONES
from app.kit.forms import currency, read
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import LANGUAGES, _, language
from app.people.access import ANYONE, acting, at, only
from app.people.model import Kind, Organization, Role
from app.roadmap.demand import demand_of_items
from app.roadmap.model import RoadmapItem
from app.roadmap.rules import require_maintainer

bp = Blueprint("estimates", __name__, url_prefix="/estimates")

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
        has_own=_is_maintainer(),
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
    estimate = _visible(name)
    actor = g.get("actor")
    item = g.db.get_one(RoadmapItem, estimate.item_id)
    milestones = rules.milestones_of(g.db, estimate)
    total = rules.total_cents(milestones)
    return render_template(
        "estimates/show.html",
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
        is_ours=_is_maintainer() and actor.organization.id == estimate.organization_id,
        may_decide=bool(
            actor and actor.has(Role.OFFICER) and actor.is_fund and estimate.state == EstimateState.SUBMITTED
        ),
    )


@bp.get("/<name>/edit")
@only(Role.MEMBER)
def edit(name: str) -> Any:
    """The form of a draft."""
    estimate = _own(name)
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
    rules.revise(g.db, _visible(name), forms.read_terms(), by=acting(), at=at())
    say(_("The draft is kept. Only your organization sees it."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/submission")
@only(Role.MEMBER)
@refusals_on("estimates.show")
def submit(name: str) -> Any:
    """Hand the estimate to the fund."""
    rules.submit(g.db, _visible(name), by=acting(), at=at())
    say(_("The estimate is submitted. The fund decides next."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/withdrawal")
@only(Role.MEMBER)
@refusals_on("estimates.show")
def withdraw(name: str) -> Any:
    """Give the draft up."""
    rules.withdraw(g.db, _visible(name), by=acting(), at=at())
    say(_("The draft is withdrawn."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/approval")
@only(Role.OFFICER)
@refusals_on("estimates.show")
def approve(name: str) -> Any:
    """The fund's yes."""
    form = read(forms.DecisionForm)
    rules.approve(g.db, _visible(name), reason=form.reason, by=acting(), at=at())
    say(_("The estimate is approved: a campaign can be prepared for it."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/rejection")
@only(Role.OFFICER)
@refusals_on("estimates.show")
def reject(name: str) -> Any:
    """The fund's no."""
    form = read(forms.ReasonForm)
    rules.reject(g.db, _visible(name), reason=form.reason, by=acting(), at=at())
    say(_("The estimate is rejected. Your reason stands on its page."))
    return redirect(url_for(".show", name=name), 303)


@bp.get("/<name>/quote.pdf")
@only(ANYONE)
def quote(name: str) -> Response:
    """The quote as a file, in the reader's language or the one asked for."""
    estimate = _visible(name)
    spoken = request.args.get("language", language())
    if spoken not in LANGUAGES:
        raise Missing
    answer = make_response(quote_pdf(g.db, estimate, spoken))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name(estimate, spoken)}"'
    return answer


def _visible(name: str) -> Estimate:
    estimate = find(Estimate, name)
    rules.require_visible(estimate, g.get("actor"))
    return estimate


def _own(name: str) -> Estimate:
    estimate = _visible(name)
    if estimate.organization_id != acting().organization.id:
        raise Missing
    return estimate


def _next_url(state: str, mine: str, last: Estimate) -> str:
    return url_for(".index", state=state or None, mine=mine or None, after=last.public_id)


def _is_maintainer() -> bool:
    actor = g.get("actor")
    return bool(
        actor and actor.has(Role.MEMBER) and actor.organization.kind == Kind.MAINTAINER and actor.is_verified
    )


def _form_page(item: RoadmapItem, estimate: Estimate | None) -> Any:
    milestones = rules.milestones_of(g.db, estimate) if estimate else []
    rate = standard_rate(acting().organization.country, at().date()) or 0
    return render_template(
        "estimates/form.html",
        item=item,
        estimate=estimate,
        software=g.db.get_one(Software, item.software_id),
        rows=forms.shown_rows(milestones),
        given=forms.shown_fields(estimate, rate),
        most_rows=MOST_MILESTONES,
        currency=estimate.currency if estimate else currency.get(),
    )
