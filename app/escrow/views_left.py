"""The doors of money that lies with a provider above every call: put to a call, or given back to its payer."""

from typing import Any

from flask import g, redirect, url_for
from sqlmodel import select

from app.escrow import forms, left_over
from app.escrow.doors import bp
from app.escrow.model import Call
from app.escrow.model_left import LeftOver
from app.escrow.views_suspense import STAFF, suspense
from app.kit.forms import Count, Form, read
from app.kit.rules import Refused
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import acting, at, only
from app.people.model import Role


class ShownForm(Form):
    """The amount that was shown when it was approved, in cents."""

    cents: Count


@bp.get("/left-over/<name>")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR, Role.ARBITRATOR)
def left_again(name: str) -> Any:
    """Money in doubt, reached from what lies with a provider."""
    find(LeftOver, name)
    return suspense()


@bp.post("/left-over/<name>/match")
@only(Role.TREASURER)
@refusals_on("escrow.left_again")
def match_left(name: str) -> Any:
    """Put it to a call of the same payer."""
    number = read(forms.MatchForm).number.replace(" ", "").upper()
    call = g.db.exec(select(Call).where((Call.number == number) | (Call.reference == number))).first()
    if call is None:
        raise Refused("There is no call with this number or reference.", field="number")
    left_over.match(g.db, find(LeftOver, name), call, by=acting(), at=at())
    say(_("The provider is told to pay this call from it. What is left shows here within a minute or two."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/left-over/<name>/sending-back")
@only(*STAFF)
@refusals_on("escrow.left_again")
def send_left_back(name: str) -> Any:
    """Prepare that it goes back to its payer."""
    left_over.prepare(g.db, find(LeftOver, name), reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("Prepared. Another person has to approve it."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/left-over/<name>/approval")
@only(*STAFF)
@refusals_on("escrow.left_again")
def approve_left(name: str) -> Any:
    """Approve what another person prepared."""
    left_over.approve(g.db, find(LeftOver, name), cents=read(ShownForm).cents, by=acting(), at=at())
    say(_("Approved. It is sent within seconds."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/left-over/<name>/end")
@only(*STAFF)
@refusals_on("escrow.left_again")
def drop_left(name: str) -> Any:
    """It does not go back after all."""
    left_over.drop(g.db, find(LeftOver, name), by=acting(), at=at())
    say(_("Dropped: the money can be matched again."))
    return redirect(url_for(".suspense"), 303)
