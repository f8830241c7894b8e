"""The page for somebody who wants to give: what a gift may do here, what it may not, and where to go."""

from urllib.parse import urlsplit

from flask import g, render_template

from app.kit.forms import read
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people import donations
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.entrance import Answer, bp, go
from app.people.forms import DonationsForm
from app.people.model import Role
from app.people.operator import fund_of, operator_of


@bp.get("/donations")
@only(ANYONE)
def donations_page() -> Answer:
    """What is told to who wants to give; the fund says here where its gifts go."""
    told = operator_of(g.db)
    actor: Actor | None = g.get("actor")
    return render_template(
        "people/donations.html",
        told=told,
        fund=fund_of(g.db),
        host=urlsplit(told.donations_address).hostname or "",
        may_tell=bool(actor and actor.is_fund and actor.has(Role.OFFICER, Role.ADMIN)),
    )


@bp.post("/donations")
@only(Role.OFFICER, Role.ADMIN)
@refusals_on("people.donations_page")
def tell_where_gifts_go() -> Answer:
    """Say where gifts go from now on."""
    form = read(DonationsForm)
    donations.tell_where_gifts_go(
        g.db, address=form.donations_address, words=form.donations_words, by=acting(), at=at()
    )
    say(_("It is kept. Everyone who wants to give reads it from now on."))
    return go("/donations")
