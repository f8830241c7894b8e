"""The needs' doors: the list, one need, writing; those of backlogs stand in views_backlogs.py."""

from typing import Any

from flask import g, redirect, request, url_for

from app.catalogue import rules as catalogue
from app.catalogue.forms import ReasonForm
from app.catalogue.model import Software
from app.kit.forms import currency, read
from app.kit.htmx import asked_for_a_piece, page
from app.kit.rules import Refused
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.needs import rules, views_backlogs
from app.needs.doors import bp, may_write, reader
from app.needs.forms import EndorsementForm, NeedForm
from app.needs.model import Need, NeedKind, NeedState
from app.needs.search import PAGE, Wanted, find_needs
from app.needs.shown import kind_words, step_reason
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.model import Organization, Role

__all__ = ["bp", "views_backlogs"]

SHOWN_ENDORSEMENTS = 100
SHOWN_ON_SOFTWARE = 10


# ---- The list --------------------------------------------------------------------------------------------------


@bp.get("")
@only(ANYONE)
def index() -> Any:
    """Needs, newest first: searched while typing, or by the button."""
    asked = {name: request.args.get(name, "").strip() for name in ("q", "software", "kind", "state", "mine")}
    wanted = _wanted(asked, reader())
    before = request.args.get("before", "")
    found = find_needs(g.db, wanted, before=int(before) if before.isdecimal() else None) if wanted else []
    shown, more = found[:PAGE], len(found) > PAGE
    kept: dict[str, Any] = {name: text for name, text in asked.items() if text}
    return page(
        "needs/index.html",
        "list",
        asked=asked,
        is_filtered=bool(kept),
        is_later=bool(before),
        next_url=url_for("needs.index", **kept, before=shown[-1].position) if more else None,
        may_write=may_write(reader()),
        is_signed_in=reader() is not None,
        suggestions=[] if asked_for_a_piece() else catalogue.suggestions(g.db),
        kinds=kind_words(),
        software_shown=_software_words(asked["software"]),
        **_rows(shown),
    )


def _wanted(asked: dict[str, str], actor: Actor | None) -> Wanted | None:
    """What the address asks for; None where it names a software that is not there."""
    software = None
    if asked["software"]:
        try:
            software = catalogue.named(g.db, asked["software"])
        except Refused:
            return None
    return Wanted(
        text=asked["q"],
        software_id=software.id if software else None,
        kind=NeedKind(asked["kind"]) if asked["kind"] in list(NeedKind) else None,
        state=NeedState(asked["state"]) if asked["state"] in list(NeedState) else NeedState.PUBLISHED,
        is_mine=bool(asked["mine"]),
        organization_id=actor.organization.id if actor else None,
    )


def _software_words(asked: str) -> str:
    """A software asked for by its public name is shown by the name people know."""
    try:
        return catalogue.words_for(g.db, catalogue.named(g.db, asked)) if asked else ""
    except Refused:
        return asked


def _rows(shown: list[Need]) -> dict[str, Any]:
    """What the rows of a list say beside the needs themselves: three queries, however many rows."""
    return {
        "shown": shown,
        "support": rules.support_of(g.db, shown),
        "software": rules.names_of(g.db, Software, {need.software_id for need in shown}),
        "organizations": rules.names_of(g.db, Organization, {need.organization_id for need in shown}),
    }


@bp.get("/of-software/<name>")
@only(ANYONE)
def of_software(name: str) -> Any:
    """The newest needs about one software, as a part of its page."""
    software = find(Software, name)
    if not asked_for_a_piece():
        return redirect(url_for("needs.index", software=name), 303)
    shown = find_needs(g.db, Wanted(software_id=software.id), most=SHOWN_ON_SOFTWARE)
    return page("needs/_of_software.html", about=software, **_rows(shown))


# ---- One need --------------------------------------------------------------------------------------------------


@bp.get("/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One need: what is missing, who misses it, what the maintainer answers."""
    need, actor = find(Need, name), reader()
    rules.require_visible(need, actor)
    is_own = actor is not None and actor.organization.id == need.organization_id
    ours = rules.endorsement_by(g.db, need, actor.organization.id) if actor else None
    return page(
        "needs/show.html",
        need=need,
        kinds=kind_words(),
        software=g.db.get_one(Software, need.software_id),
        organization=g.db.get_one(Organization, need.organization_id),
        support=rules.support_of(g.db, [need])[need.id],
        budget=rules.budget_of(g.db, need, actor),
        currency=currency.get(),
        endorsements=rules.endorsements_of(g.db, need, most=SHOWN_ENDORSEMENTS),
        sees_budgets=actor is not None and actor.sees_everything,
        ours=ours,
        is_own=is_own and may_write(actor),
        may_endorse=may_write(actor) and not is_own and ours is None and need.state == NeedState.PUBLISHED,
        is_signed_in=actor is not None,
        year=at().year,
        withdrawn_because=step_reason(g.db, need, "withdraw") if need.state == NeedState.WITHDRAWN else "",
    )


@bp.post("/<name>/endorsements")
@only(Role.MEMBER)
@refusals_on("needs.show")
def endorse(name: str) -> Any:
    """Say that one's organization misses this too."""
    rules.endorse(g.db, find(Need, name), read(EndorsementForm), by=acting(), at=at())
    say(_("Your organization now stands with those that miss this."))
    return redirect(url_for("needs.show", name=name), 303)


@bp.post("/<name>/publication")
@only(Role.MEMBER)
@refusals_on("needs.show")
def publish(name: str) -> Any:
    """Show a draft to everybody."""
    rules.publish(g.db, find(Need, name), by=acting(), at=at())
    say(_("The need is published."))
    return redirect(url_for("needs.show", name=name), 303)


@bp.post("/<name>/withdrawal")
@only(Role.MEMBER)
@refusals_on("needs.show")
def withdraw(name: str) -> Any:
    """Take one's own need back."""
    rules.withdraw(g.db, find(Need, name), reason=read(ReasonForm).reason, by=acting(), at=at())
    say(_("The need is withdrawn."))
    return redirect(url_for("needs.show", name=name), 303)


# ---- Writing ---------------------------------------------------------------------------------------------------


@bp.get("/new")
@only(Role.MEMBER)
def write_page() -> Any:
    """The form for a new need."""
    rules.require_writer(acting())
    return _form_page(None, url_for("needs.write"), _software_words(request.args.get("software", "")))


@bp.post("")
@only(Role.MEMBER)
@refusals_on("needs.write_page")
def write() -> Any:
    """Keep a new need as a draft, or publish it at once."""
    form = read(NeedForm)
    return _kept(rules.write(g.db, form, by=acting(), at=at()), form)


@bp.get("/<name>/edit")
@only(Role.MEMBER)
def edit_page(name: str) -> Any:
    """The form for a draft."""
    need, actor = find(Need, name), acting()
    rules.require_visible(need, actor)
    rules.require_writer(actor)
    if need.state != NeedState.DRAFT or need.organization_id != actor.organization.id:
        return redirect(url_for("needs.show", name=name), 303)
    software = catalogue.words_for(g.db, g.db.get_one(Software, need.software_id))
    return _form_page(need, url_for("needs.edit", name=name), software)


@bp.post("/<name>")
@only(Role.MEMBER)
@refusals_on("needs.edit_page")
def edit(name: str) -> Any:
    """Keep a changed draft, or publish it."""
    form = read(NeedForm)
    return _kept(rules.edit(g.db, find(Need, name), form, by=acting(), at=at()), form)


def _kept(need: Need, form: NeedForm) -> Any:
    if form.then == "publish":
        rules.publish(g.db, need, by=acting(), at=at())
        say(_("The need is published."))
    else:
        say(_("The draft is kept. Only your organization sees it."))
    return redirect(url_for("needs.show", name=need.public_id), 303)


def _form_page(need: Need | None, action: str, software: str) -> Any:
    return page(
        "needs/write.html",
        need=need,
        action=action,
        software=software,
        kinds=list(kind_words().items()),
        suggestions=catalogue.suggestions(g.db),
    )
