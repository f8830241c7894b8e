"""The practice bank on a page of its own: whoever is signed in plays the payer and the bank.

What happens here reaches the book as it will from a real bank: through the inbox and the worker.
"""

from typing import Annotated, Any, Literal

from flask import abort, current_app, g, redirect, request, url_for
from pydantic import StringConstraints

from app.kit.forms import Amount, Form, Line, LineIfAny, asked_amount, currency, read
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _, ngettext
from app.people.access import SIGNED_IN, acting, at, only
from app.rails import playing, sandbox, views_notices
from app.rails.doors import bp
from app.rails.rail import Happened
from app.rails.sandbox import SandboxLine

__all__ = ["bp", "views_notices"]

PAGE = 40


class PayForm(Form):
    """A payment as the bank's customer types it; the button says how it goes."""

    how: playing.How
    reference: Annotated[LineIfAny, StringConstraints(max_length=60)] = ""
    amount: Amount
    name: Annotated[Line, StringConstraints(max_length=160)]
    account: Annotated[Line, StringConstraints(max_length=40)]
    reason: LineIfAny = ""


class TurnForm(Form):
    """What the bank does with a payment."""

    happened: Literal["charged back", "paid out", "bounced"]
    reason: LineIfAny = ""


@bp.get("/sandbox")
@only(SIGNED_IN)
def index() -> Any:
    """The payment form, filled in by a call's link, and the bank's journal."""
    _require_practice()
    found = playing.journal(g.db, after=request.args.get("after", ""), most=PAGE)
    organization = acting().organization
    return page(
        "rails/sandbox.html",
        block="journal",
        lines=found[:PAGE],
        is_telling=playing.is_telling(g.db),
        is_later="after" in request.args,
        next_url=url_for(".index", after=found[PAGE - 1].public_id) if len(found) > PAGE else None,
        given={
            "reference": request.args.get("reference", ""),
            "amount": asked_amount("amount", form=url_for(".pay")),
            "name": organization.name,
            "account": f"XX42 {organization.public_id[-12:].upper()}",
        },
        may_play=not acting().only_reads,
        unit=currency.get(),
        our_account=sandbox.OUR_ACCOUNT,
    )


@bp.post("/sandbox/payments")
@only(SIGNED_IN)
@refusals_on("rails.index")
def pay() -> Any:
    """Play a payer."""
    _require_practice()
    _require_player()
    form = read(PayForm)
    lines = playing.pay(
        g.db, form.how, amount_cents=form.amount, currency=currency.get(), reference=form.reference,
        name=form.name, account=form.account, reason=form.reason, at=at(),
    )  # fmt: skip
    if form.how == playing.How.FAIL:
        say(_("The payment failed. The bank has told Jalon."))
    else:
        say(ngettext("A payment arrived. The bank has told Jalon.",
                     "%(num)s payments arrived. The bank has told Jalon.", len(lines)))  # fmt: skip
    return redirect(url_for(".index"), 303)


@bp.post("/sandbox/payments/<name>")
@only(SIGNED_IN)
@refusals_on("rails.of_line")
def turn(name: str) -> Any:
    """Play the bank: take back, settle, bounce."""
    _require_practice()
    _require_player()
    form = read(TurnForm)
    playing.turn(g.db, find(SandboxLine, name), Happened(form.happened), reason=form.reason, at=at())
    say(_("Done. The bank has told Jalon."))
    return redirect(url_for(".index"), 303)


@bp.get("/sandbox/payments/<name>")
@only(SIGNED_IN)
def of_line(name: str) -> Any:
    """One payment of the bank's journal, and what the bank can still do with it."""
    _require_practice()
    line = find(SandboxLine, name)
    return page(
        "rails/payment.html",
        line=line,
        may_play=not acting().only_reads,
        can={happened.name: sandbox.can_turn(line, happened) for happened in Happened},
    )


def _require_practice() -> None:
    """There is no such page where the practice bank is not among the rails."""
    if sandbox.NAME not in current_app.config["SETTINGS"].rails:
        raise Missing


def _require_player() -> None:
    """An auditor looks on here too: what the bank does moves money."""
    if acting().only_reads:
        abort(403)
