"""The doors of the treasurer's desk: what each rail holds, what waits, and lines nobody has explained."""

from typing import Annotated, Any

from flask import current_app, g, redirect, render_template, url_for
from pydantic import StringConstraints

from app.kit.forms import Form, Line, currency, read
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.payouts import comparison, desk
from app.payouts.doors import bp
from app.people.access import acting, at, only
from app.people.model import Role
from app.rails.here import rail_here


class ExplanationForm(Form):
    """Why a line of the outside is there."""

    outside_id: Annotated[Line, StringConstraints(max_length=80)]
    reason: Annotated[Line, StringConstraints(max_length=200)]


@bp.get("/desk")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR)
def treasurer() -> Any:
    """The treasurer's desk."""
    names = current_app.config["SETTINGS"].rails
    return render_template(
        "payouts/desk.html",
        rails=desk.rails(g.db, names),
        piles=desk.piles(g.db),
        deposits=desk.newest_deposits(g.db),
        held_long=desk.held_long(g.db, names, at()),
        has_bank="bank" in names,
        currency=currency.get(),
        may_act=acting().has(Role.TREASURER),
        lines_missing=comparison.LINES_MISSING,
    )


@bp.post("/desk/<rail>/comparison")
@only(Role.TREASURER)
@refusals_on("payouts.rail_again")
def compare(rail: str) -> Any:
    """Hold the outside against the book now."""
    found = comparison.compare(g.db, rail_here(rail), at=at())
    say(
        _("Compared: they agree.") if found.is_equal else _("Compared: they differ."),
        "ok" if found.is_equal else "bad",
    )
    return redirect(url_for(".treasurer"), 303)


@bp.post("/desk/<rail>/explanations")
@only(Role.TREASURER)
@refusals_on("payouts.rail_again")
def explain(rail: str) -> Any:
    """Say why a line is there that is nobody's payment."""
    form = read(ExplanationForm)
    comparison.explain(g.db, rail, form.outside_id, reason=form.reason, by=acting(), at=at())
    comparison.compare(g.db, rail_here(rail), at=at())
    say(_("The line is explained."))
    return redirect(url_for(".treasurer"), 303)


@bp.get("/desk/<rail>")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR)
def rail_again(rail: str) -> Any:
    """The desk, reached from one of its rails."""
    if rail not in current_app.config["SETTINGS"].rails:
        raise Missing
    return treasurer()
