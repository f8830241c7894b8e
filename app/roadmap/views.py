"""The doors of the roadmap: the list, an item, planning, declining."""

import json
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlmodel import col, select

from app.catalogue.model import Software
from app.kit.forms import currency, read
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.needs.model import Need, NeedState
from app.needs.rules import require_visible
from app.people.access import ANYONE, acting, at, only
from app.people.model import Kind, Organization, Role
from app.people.step import Step
from app.roadmap import choosing, forms, rules
from app.roadmap.demand import demand_of_items, demand_of_needs, unanswered
from app.roadmap.model import Answer, ItemState, RoadmapItem, Verdict

bp = Blueprint("roadmap", __name__, url_prefix="/roadmap")

PAGE = 30


@bp.get("")
@only(ANYONE)
def index() -> Any:
    """Roadmap items, newest first, of one software or of all."""
    software_name, state = request.args.get("software", ""), request.args.get("state", "")
    query = (
        select(RoadmapItem, Software, Organization)
        .join(Software, col(Software.id) == col(RoadmapItem.software_id))
        .join(Organization, col(Organization.id) == col(RoadmapItem.organization_id))
        .order_by(col(RoadmapItem.public_id).desc())
        .limit(PAGE + 1)
    )
    software = find(Software, software_name) if software_name else None
    if software:
        query = query.where(RoadmapItem.software_id == software.id)
    if state in list(ItemState):
        query = query.where(RoadmapItem.state == state)
    if after := request.args.get("after"):
        query = query.where(RoadmapItem.public_id < after)
    found = list(g.db.exec(query))
    shown = found[:PAGE]
    return render_template(
        "roadmap/index.html",
        items=shown,
        demand=demand_of_items(g.db, [item.id for item, _software, _maintainer in shown]),
        software=software,
        softwares=choosing.on_the_roadmap(g.db, software),
        state_chosen=state,
        may_propose=_is_maintainer(),
        next_url=_next_url(software_name, state, shown[-1][0]) if len(found) > PAGE else None,
    )


@bp.get("/new")
@only(Role.MEMBER)
def new() -> Any:
    """The form of a new item; without a software, the choice of one."""
    rules.require_maintainer(acting())
    chosen = forms.chosen_needs(g.db)
    software = _software_asked_for(chosen)
    if software is None:
        return render_template("roadmap/choose_software.html", softwares=choosing.to_plan_for(g.db, acting()))
    return render_template(
        "roadmap/new.html", software=software, given=request.form, **_picker(software, chosen)
    )


@bp.post("/new")
@only(Role.MEMBER)
@refusals_on("roadmap.new")
def propose() -> Any:
    """Put an item on the roadmap, or look for more needs to answer with it."""
    if forms.is_looking_for_needs():
        return new()
    form = read(forms.ItemForm, ignore=forms.NEEDS)
    item = rules.propose(
        g.db,
        find(Software, request.args.get("software", "")),
        title=form.title,
        summary=form.summary,
        needs=forms.chosen_needs(g.db),
        planned_on=form.planned_on,
        by=acting(),
        at=at(),
    )
    say(_("The item is on the roadmap. Those who share its needs can see it now."))
    return redirect(url_for(".show", name=item.public_id), 303)


@bp.get("/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One item: what it is, which needs it answers, who waits for it, what it costs, who pays."""
    item = find(RoadmapItem, name)
    needs = rules.needs_of(g.db, item)
    actor = g.get("actor")
    return render_template(
        "roadmap/show.html",
        item=item,
        software=g.db.get_one(Software, item.software_id),
        maintainer=g.db.get_one(Organization, item.organization_id),
        needs=needs,
        demand=demand_of_items(g.db, [item.id])[item.id],
        demand_of=demand_of_needs(g.db, [need.id for need in needs]),
        drop_reason=_drop_reason(item),
        currency=currency.get(),
        is_ours=_is_maintainer() and actor.organization.id == item.organization_id,
        may_quote=_is_maintainer() and item.state == ItemState.PLANNED,
    )


@bp.post("/<name>/plan")
@only(Role.MEMBER)
@refusals_on("roadmap.show")
def plan(name: str) -> Any:
    """Say by when the item is meant to be there."""
    form = read(forms.PlanForm)
    rules.plan(g.db, find(RoadmapItem, name), planned_on=form.planned_on, by=acting(), at=at())
    say(_("The item is planned: it can be quoted now."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/drop")
@only(Role.MEMBER)
@refusals_on("roadmap.show")
def drop(name: str) -> Any:
    """Give the item up, with a reason."""
    form = read(forms.ReasonForm)
    rules.drop(g.db, find(RoadmapItem, name), reason=form.reason, by=acting(), at=at())
    say(_("The item is dropped. Your reason stands on its page."))
    return redirect(url_for(".show", name=name), 303)


@bp.get("/<name>/needs")
@only(Role.MEMBER)
def more_needs(name: str) -> Any:
    """The choice of further needs an item answers."""
    item = find(RoadmapItem, name)
    if item.organization_id != acting().organization.id:
        raise Missing
    software = g.db.get_one(Software, item.software_id)
    return render_template(
        "roadmap/more_needs.html",
        item=item,
        software=software,
        **_picker(software, forms.chosen_needs(g.db)),
    )


@bp.post("/<name>/needs")
@only(Role.MEMBER)
@refusals_on("roadmap.more_needs")
def answer(name: str) -> Any:
    """Let the item answer the needs ticked, or look for more."""
    if forms.is_looking_for_needs():
        return more_needs(name)
    rules.answer(g.db, find(RoadmapItem, name), forms.chosen_needs(g.db), by=acting(), at=at())
    return redirect(url_for(".show", name=name), 303)


@bp.get("/answers/<name>")
@only(ANYONE)
def answers_of(name: str) -> Any:
    """What maintainers say to a need, and what one may say as a maintainer: a part of the need's page."""
    need = _need(name)
    query = (
        select(Answer, Organization, RoadmapItem)
        .join(Organization, col(Organization.id) == col(Answer.organization_id))
        .outerjoin(RoadmapItem, col(RoadmapItem.id) == col(Answer.item_id))
        .where(Answer.need_id == need.id)
        .order_by(col(Answer.id))
    )
    may_answer = (
        _is_maintainer() and need.state == NeedState.PUBLISHED and not rules.answer_of(g.db, need, acting())
    )
    return page(
        "roadmap/answers.html", block="piece",
        need=need, answers=list(g.db.exec(query)), may_answer=may_answer, Verdict=Verdict,
    )  # fmt: skip


@bp.get("/answers/<name>/decline")
@only(Role.MEMBER)
def decline_page(name: str) -> Any:
    """The form that says no to a need."""
    rules.require_maintainer(acting())
    need = _need(name)
    return render_template(
        "roadmap/decline.html", need=need, demand=demand_of_needs(g.db, [need.id])[need.id]
    )


@bp.post("/answers/<name>/decline")
@only(Role.MEMBER)
@refusals_on("roadmap.decline_page")
def decline(name: str) -> Any:
    """Say no to a need, with a reason."""
    form = read(forms.ReasonForm)
    rules.decline(g.db, _need(name), reason=form.reason, by=acting(), at=at())
    say(_("Your answer stands on the page of the need."))
    return redirect(url_for("needs.show", name=name), 303)


def _need(name: str) -> Need:
    need = find(Need, name)
    require_visible(need, g.get("actor"))
    return need


def _next_url(software_name: str, state: str, last: RoadmapItem) -> str:
    return url_for(".index", software=software_name or None, state=state or None, after=last.public_id)


def _is_maintainer() -> bool:
    actor = g.get("actor")
    return bool(
        actor and actor.has(Role.MEMBER) and actor.organization.kind == Kind.MAINTAINER and actor.is_verified
    )


def _software_asked_for(chosen: list[Need]) -> Software | None:
    if name := request.args.get("software"):
        return find(Software, name)
    return g.db.get_one(Software, chosen[0].software_id) if chosen else None


def _picker(software: Software, chosen: list[Need]) -> dict[str, Any]:
    """The needs to tick: those ticked already, then those that most wait for."""
    words = forms.searched_words()
    others = unanswered(g.db, software, acting().organization, words=words)
    ticked = {need.id for need in chosen}
    offered = [*chosen, *(need for need in others if need.id not in ticked)]
    return {
        "offered": offered,
        "ticked": ticked,
        "searched": words,
        "currency": currency.get(),
        "demand_of": demand_of_needs(g.db, [need.id for need in offered]),
    }


def _drop_reason(item: RoadmapItem) -> str:
    """The reason is part of the act, which the log keeps."""
    if item.state != ItemState.DROPPED:
        return ""
    query = select(Step).where(Step.thing == "RoadmapItem", Step.thing_id == item.id, Step.act == "drop")
    step = g.db.exec(query).first()
    return str(json.loads(step.facts).get("reason", "")) if step else ""
