"""The doors of the treasurer's desk: what each rail holds, what waits, and lines nobody has explained."""

from typing import Annotated, Any

from flask import current_app, g, redirect, render_template, url_for
from pydantic import StringConstraints

from app.campaigns.wording import RAIL_WORDS
from app.escrow import doubt_limits, hold_limits
from app.kit.forms import Form, Line, currency, read
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.payouts import comparison, desk, movements, refund_limits
from app.payouts.doors import bp
from app.payouts.outside import address_of
from app.people.access import acting, at, only
from app.people.model import Role
from app.rails.here import rail_here

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)


class ExplanationForm(Form):
    """Why a line of the outside is there."""

    outside_id: Annotated[Line, StringConstraints(max_length=80)]
    reason: Annotated[Line, StringConstraints(max_length=200)]


@bp.get("/desk")
@only(*READERS)
def treasurer() -> Any:
    """The treasurer's desk."""
    names = current_app.config["SETTINGS"].rails
    return render_template(
        "payouts/desk.html",
        rails=desk.rails(g.db, names, at=at()),
        piles=desk.piles(g.db),
        deposits=desk.newest_deposits(g.db),
        refunds_waiting=refund_limits.waiting(g.db, at=at())[: desk.MOST],
        doubtful=doubt_limits.near(g.db, names, at=at())[: desk.MOST],
        held_long=hold_limits.held_long(g.db, names, at=at())[: desk.MOST],
        has_bank="bank" in names,
        currency=currency.get(),
        may_act=acting().has(Role.TREASURER),
    )


@bp.get("/desk/<rail>")
@only(*READERS)
def rail_page(rail: str) -> Any:
    """One rail: what it holds and owes, and every line on which it and the book differ."""
    if rail not in current_app.config["SETTINGS"].rails:
        raise Missing
    [stands] = desk.rails(g.db, (rail,), at=at())
    return render_template(
        "payouts/rail.html",
        stands=stands,
        outside_pages={one.outside_id: address_of(rail, one.outside_id) for one in stands.differences},
        explanations=desk.explanations(g.db, rail),
        currency=currency.get(),
        may_act=acting().has(Role.TREASURER),
        lines_missing=comparison.LINES_MISSING,
    )


@bp.get("/movements/<name>")
@only(*READERS)
def movement(name: str) -> Any:
    """One movement, by rail and name there: the rail's lines, the book's entries, our rows, where to see it outside."""
    rail, _colon, name = name.partition(":")
    there = rail_here(rail)
    about = movements.ours(g.db, rail, name)
    lines = movements.told(g.db, there, name)
    if not lines and not about.is_known:
        raise Missing
    return render_template(
        "payouts/movement.html",
        rail_code=rail,
        name=name,
        about=about,
        lines=lines,
        entries=movements.entries(g.db, about, RAIL_WORDS),
        outside_url=address_of(rail, name),
        currency=currency.get(),
    )


@bp.post("/desk/<rail>/comparison")
@only(Role.TREASURER)
@refusals_on("payouts.rail_page")
def compare(rail: str) -> Any:
    """Hold the outside against the book now."""
    found = comparison.compare(g.db, rail_here(rail), at=at())
    say(
        _("Compared: they agree.") if found.is_equal else _("Compared: they differ."),
        "ok" if found.is_equal else "bad",
    )
    return redirect(url_for(".rail_page", rail=rail), 303)


@bp.post("/desk/<rail>/explanations")
@only(Role.TREASURER)
@refusals_on("payouts.rail_page")
def explain(rail: str) -> Any:
    """Say why a line is there that is nobody's payment."""
    form = read(ExplanationForm)
    comparison.explain(g.db, rail, form.outside_id, reason=form.reason, by=acting(), at=at())
    say(_("The line is explained."))
    return redirect(url_for(".rail_page", rail=rail), 303)
