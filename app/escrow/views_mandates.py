"""The fund's doors to mandates: which wait for their paper, which are in force, and the hand that confirms one."""

from typing import Annotated, Any

from flask import g, redirect, request, url_for
from pydantic import StringConstraints
from sqlmodel import col, select

from app.escrow import mandates
from app.escrow.doors import bp
from app.escrow.wording_means import SCHEMES, mandate_words
from app.kit.forms import Day, DayIfAny, Form, Line, read
from app.kit.htmx import page
from app.kit.web import find, refusals_on, say
from app.kit.words import _, local_day
from app.people.access import acting, at, only
from app.people.model import Organization, Person, Role
from app.rails.bank.model_mandates import BankMandate, Scheme

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)
PAGE = 40


class ConfirmationForm(Form):
    """What stands on the signed paper, and when the payer's bank confirmed it."""

    signed_on: Day
    bank_confirmed_on: DayIfAny = None


class RefusalForm(Form):
    """Why a mandate does not come into force."""

    reason: Annotated[Line, StringConstraints(max_length=200)]


@bp.get("/mandates")
@only(*READERS)
def mandate_list() -> Any:
    """Every mandate, those that wait for their paper first, then the newest."""
    after = request.args.get("after", "")
    query = (
        select(BankMandate, Organization)
        .join(Organization, col(Organization.public_id) == col(BankMandate.payer))
        .order_by(col(BankMandate.public_id).desc())
        .limit(PAGE + 1)
    )
    found = list(g.db.exec(query.where(BankMandate.public_id < after) if after else query))
    return page(
        "escrow/mandates.html",
        waiting=mandates.waiting(g.db) if not after else [],
        rows=[(one, payer, *mandate_words(one.state)) for one, payer in found[:PAGE]],
        next_url=url_for(".mandate_list", after=found[PAGE - 1][0].public_id) if len(found) > PAGE else None,
    )


@bp.get("/mandates/<name>")
@only(*READERS)
def mandate(name: str) -> Any:
    """One mandate: whose account, by which rules, and what makes it come into force."""
    found = find(BankMandate, name)
    confirmed_by = g.db.get(Person, found.confirmed_by_id) if found.confirmed_by_id else None
    return page(
        "escrow/mandate.html",
        mandate=found,
        payer=mandates.payer_of(g.db, found),
        mark=mandate_words(found.state),
        scheme=_(SCHEMES[Scheme(found.scheme)][0]),
        confirmed_by=confirmed_by.name if confirmed_by else "",
        may_act=acting().has(*mandates.STAFF) and found.state == "asked",
        today=local_day(at()),
    )


@bp.post("/mandates/<name>/confirmation")
@only(*mandates.STAFF)
@refusals_on("escrow.mandate")
def confirm_mandate(name: str) -> Any:
    """The signed paper is here."""
    form = read(ConfirmationForm)
    mandates.confirm(
        g.db, find(BankMandate, name), signed_on=form.signed_on, bank_confirmed_on=form.bank_confirmed_on,
        by=acting(), at=at(),
    )  # fmt: skip
    say(_("The mandate is in force: calls of its payer are debited by it."))
    return redirect(url_for(".mandate", name=name), 303)


@bp.post("/mandates/<name>/refusal")
@only(*mandates.STAFF)
@refusals_on("escrow.mandate")
def refuse_mandate(name: str) -> Any:
    """The paper is not what was written down, or never came."""
    mandates.refuse(g.db, find(BankMandate, name), reason=read(RefusalForm).reason, by=acting(), at=at())
    say(_("The mandate is refused, and its payer is told why."))
    return redirect(url_for(".mandate", name=name), 303)
