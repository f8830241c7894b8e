"""The doors of refunds paid by another means: written down by one, confirmed by another."""

from typing import Annotated, Any

from flask import g, redirect, url_for
from pydantic import StringConstraints

from app.kit.forms import Day, Form, Line, read
from app.kit.rules import Conflict
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.payouts import elsewhere
from app.payouts.doors import bp
from app.payouts.model import Payout
from app.payouts.model_elsewhere import PaidElsewhere
from app.payouts.refund_limits import written_down
from app.people.access import acting, at, only
from app.people.model import Role


class ElsewhereForm(Form):
    """By which means a refund was paid, and what it is called there."""

    means: Annotated[Line, StringConstraints(max_length=160)]
    reference: Annotated[Line, StringConstraints(max_length=140)]
    paid_on: Day
    why: Annotated[Line, StringConstraints(max_length=200)]


@bp.post("/payouts/<name>/elsewhere")
@only(Role.TREASURER, Role.OFFICER)
@refusals_on("payouts.show")
def pay_elsewhere(name: str) -> Any:
    """Write down that a refund was paid by another means."""
    form = read(ElsewhereForm)
    said = elsewhere.Said(form.means, form.reference, form.paid_on, form.why)
    elsewhere.write_down(g.db, find(Payout, name), said, by=acting(), at=at())
    say(_("Written down. Another person has to confirm having seen the payment."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/elsewhere/seen")
@only(Role.TREASURER, Role.OFFICER)
@refusals_on("payouts.show")
def confirm_elsewhere(name: str) -> Any:
    """Confirm having seen the other payment."""
    elsewhere.confirm(g.db, _standing(name), by=acting(), at=at())
    say(_("Confirmed and booked: nothing is owed here any more."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/elsewhere/end")
@only(Role.TREASURER, Role.OFFICER)
@refusals_on("payouts.show")
def drop_elsewhere(name: str) -> Any:
    """It was not paid by another means."""
    elsewhere.drop(g.db, _standing(name), by=acting(), at=at())
    say(_("Dropped: the refund waits as before."))
    return redirect(url_for(".show", name=name), 303)


def _standing(name: str) -> PaidElsewhere:
    found = written_down(g.db, find(Payout, name))
    if found is None:
        raise Conflict("This does not wait for a second person any more.")
    return found
