"""The doors after an acceptance: reserves mended and lifted, the release of the software, more time for a milestone."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.campaigns import rules as campaigns
from app.delivery import extensions, reserves, retention
from app.delivery.doors import (
    Around,
    around,
    bp,
    context,
    delivers,
    delivery_around,
    milestone_around,
    reader,
)
from app.delivery.forms import ExtensionForm, MendedForm, MendForm, SeenForm, UpstreamForm
from app.delivery.model import Delivery, Reserve
from app.delivery.seen import backers_of
from app.delivery.standing import due_of, holds_retention
from app.estimates.model import Milestone
from app.kit.forms import read
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.interests import ties
from app.people.model import Role

ANSWERING = reserves.ANSWERING


@bp.get("/deliveries/<name>/reserves")
@only(ANYONE)
def reserves_page(name: str) -> Any:
    """What was listed with the acceptances of a delivery, what became of it, and what is kept back of the price."""
    delivery, of = delivery_around(name)
    actor = reader()
    names = {backer.organization_id: backer.name for backer in backers_of(g.db, delivery, actor)}
    found = [
        {
            "row": one, "name": names.get(one.organization_id, _("An organization")),
            "is_ours": bool(actor and actor.organization.id == one.organization_id and actor.has(*ANSWERING)),
            "hangs": reserves.hangs(of.campaign, one, at()),
        }
        for one in reserves.reserves_of(g.db, delivery)
    ]  # fmt: skip
    is_free = bool(
        actor and actor.is_fund and not ties(g.db, actor, campaigns.parties(g.db, of.campaign), at=at())
    )
    return page(
        "delivery/reserves.html", block="piece",
        **context(of), delivery=delivery, found=found, is_ours=delivers(of.campaign),
        is_judge=is_free and bool(actor and actor.has(Role.ARBITRATOR)),
        is_officer=is_free and bool(actor and actor.has(Role.OFFICER)),
        is_kept_back=holds_retention(delivery), is_going_on=of.campaign.ended_at is None,
        kept_until=delivery.decided_at + retention.LONGEST if delivery.decided_at else None,
    )  # fmt: skip


def _reserve_around(name: str) -> tuple[Reserve, Delivery, Around]:
    reserve = find(Reserve, name)
    delivery = g.db.get_one(Delivery, reserve.delivery_id)
    return reserve, delivery, around(g.db.get_one(Milestone, delivery.milestone_id))


@bp.get("/reserves/<name>")
@only(ANYONE)
def reserve(name: str) -> Any:
    """One reserve: on the page of its delivery."""
    _reserve, delivery, _of = _reserve_around(name)
    return redirect(url_for(".reserves_page", name=delivery.public_id), 303)


@bp.post("/reserves/<name>/mending")
@only(Role.MEMBER)
@refusals_on("delivery.reserve")
def mend(name: str) -> Any:
    """The maintainer says it is mended."""
    found, delivery, of = _reserve_around(name)
    if not delivers(of.campaign):
        raise Missing
    reserves.mend(g.db, found, words=read(MendForm).words, by=acting(), at=at())
    say(_("Noted. The backer who filed the reserve answers next."))
    return redirect(url_for(".reserves_page", name=delivery.public_id), 303)


@bp.post("/reserves/<name>/answer")
@only(*ANSWERING)
@refusals_on("delivery.reserve")
def answer_mended(name: str) -> Any:
    """Whoever filed it lifts it, or says what is missing."""
    found, delivery, _of = _reserve_around(name)
    form = read(MendedForm)
    reserves.answer_mended(
        g.db, found, is_lifted=form.answer == "lift", reason=form.reason, by=acting(), at=at()
    )
    say(_("The reserve is lifted.") if form.answer == "lift" else _("The reserve stays open."))
    return redirect(url_for(".reserves_page", name=delivery.public_id), 303)


@bp.post("/reserves/<name>/award")
@only(Role.ARBITRATOR)
@refusals_on("delivery.reserve")
def decide_reserve(name: str) -> Any:
    """An arbitrator ends a reserve that hangs."""
    found, delivery, _of = _reserve_around(name)
    form = read(MendedForm)
    reserves.decide_reserve(
        g.db, found, is_lifted=form.answer == "lift", reason=form.reason, by=acting(), at=at()
    )
    say(_("The reserve is lifted.") if form.answer == "lift" else _("The reserve is kept for good."))
    return redirect(url_for(".reserves_page", name=delivery.public_id), 303)


@bp.post("/deliveries/<name>/upstream")
@only(Role.MEMBER)
@refusals_on("delivery.reserves_page")
def name_release(name: str) -> Any:
    """The maintainer names the release its result is in."""
    delivery, _of = delivery_around(name)
    form = read(UpstreamForm)
    retention.name_release(g.db, delivery, version=form.release, address=form.address, by=acting(), at=at())
    say(_("Named. Somebody of the fund looks at it."))
    return redirect(url_for(".reserves_page", name=name), 303)


@bp.post("/deliveries/<name>/upstream-seen")
@only(Role.OFFICER)
@refusals_on("delivery.reserves_page")
def see_release(name: str) -> Any:
    """An officer has looked at the release."""
    delivery, _of = delivery_around(name)
    is_there = read(SeenForm).answer == "yes"
    retention.see_release(g.db, delivery, is_there=is_there, by=acting(), at=at())
    say(
        _("Written down: the result is in the release.")
        if is_there
        else _("Written down: another release has to be named.")
    )
    return redirect(url_for(".reserves_page", name=name), 303)


@bp.get("/milestones/<name>/extension")
@only(Role.MEMBER)
def extension_page(name: str) -> Any:
    """The form with which a maintainer asks for more time."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    return render_template("delivery/extension.html", **context(of), due=due_of(g.db, of.milestone))


@bp.post("/milestones/<name>/extension")
@only(Role.MEMBER)
@refusals_on("delivery.extension_page")
def ask_for_time(name: str) -> Any:
    """The maintainer asks for more time."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    form = read(ExtensionForm)
    asked = extensions.ask_for_time(
        g.db, of.campaign, of.milestone, until_on=form.until_on, reason=form.reason, by=acting(), at=at()
    )
    say(_("The backers of this milestone are asked."))
    return redirect(url_for("campaigns.motion", name=asked.public_id), 303)
