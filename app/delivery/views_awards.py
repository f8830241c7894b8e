"""The doors of arbitrators, and of those who read what will be published."""

from typing import Any

from flask import g, redirect, url_for

from app.delivery import arbitration
from app.delivery.doors import bp, delivery_around
from app.delivery.forms import OpinionForm, PublicTextForm, ReadingForm
from app.delivery.model import DisputeState
from app.delivery.views_disputes import SIDES, dispute_at
from app.kit.forms import read
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import acting, at, only
from app.people.model import Role


@bp.post("/deliveries/<name>/opinions")
@only(Role.ARBITRATOR)
@refusals_on("delivery.dispute_page")
def write_opinion(name: str) -> Any:
    """An arbitrator writes a percentage or an amount and why; two who write the same make the award."""
    delivery, _of = delivery_around(name)
    form = read(OpinionForm)
    found = arbitration.write_opinion(
        g.db, dispute_at(delivery), share=None if form.percent is None else form.percent * 100, cents=form.amount,
        reason=form.reason, by=acting(), at=at(),
    )  # fmt: skip
    if found.state == DisputeState.AWARDED:
        say(_("Two arbitrators wrote the same: this is the award."))
    elif found.state == DisputeState.TIED:
        say(_("Two arbitrators differ. A third decides between the two, unless one of them joins the other."))
    else:
        say(_("Your opinion is written. The award is made when a second arbitrator writes the same."))
    return redirect(url_for(".dispute_page", name=name), 303)


@bp.post("/deliveries/<name>/readings")
@only(*SIDES)
@refusals_on("delivery.dispute_page")
def read_text(name: str) -> Any:
    """A side has read what will be published."""
    delivery, _of = delivery_around(name)
    wish = read(ReadingForm).wish
    arbitration.read_text(g.db, dispute_at(delivery), wish=wish, by=acting(), at=at())
    say(_("Your wish is with the arbitrators.") if wish else _("Noted: you have read it."))
    return redirect(url_for(".dispute_page", name=name), 303)


@bp.post("/deliveries/<name>/public-text")
@only(Role.ARBITRATOR)
@refusals_on("delivery.dispute_page")
def reword(name: str) -> Any:
    """An arbitrator words anew what will be published."""
    delivery, _of = delivery_around(name)
    arbitration.reword(g.db, dispute_at(delivery), text=read(PublicTextForm).text, by=acting(), at=at())
    say(_("Worded anew. Both sides read it again before it is published."))
    return redirect(url_for(".dispute_page", name=name), 303)
