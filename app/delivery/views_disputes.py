"""The doors after a refusal: taken back, or disputed and decided by two arbitrators who write alike."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.campaigns import rules as campaigns
from app.delivery import disputes
from app.delivery.amounts import amounts_of
from app.delivery.doors import bp, context, delivers, delivery_around, reader
from app.delivery.forms import OpinionForm, ReasonsForm
from app.delivery.model import Delivery, Dispute, DisputeState, Opinion
from app.delivery.seen import backers_of, is_party
from app.delivery.standing import dispute_of, latest_opinions
from app.kit.forms import read
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.interests import ties
from app.people.model import Person, Role


@bp.post("/deliveries/<name>/return")
@only(Role.MEMBER)
@refusals_on("delivery.show")
def take_back(name: str) -> Any:
    """The maintainer takes a refused delivery back."""
    delivery, of = delivery_around(name)
    disputes.take_back(g.db, delivery, by=acting(), at=at())
    say(_("Taken back. Hand it in again when the criteria are met."))
    return redirect(url_for(".milestone", name=of.milestone.public_id), 303)


@bp.post("/deliveries/<name>/dispute")
@only(Role.MEMBER)
@refusals_on("delivery.show")
def dispute(name: str) -> Any:
    """The maintainer asks the fund's arbitrators."""
    delivery, _of = delivery_around(name)
    disputes.dispute(g.db, delivery, reasons=read(ReasonsForm).reasons, by=acting(), at=at())
    say(_("The dispute is open: two arbitrators of the fund decide."))
    return redirect(url_for(".dispute_page", name=name), 303)


@bp.get("/deliveries/<name>/dispute")
@only(ANYONE)
def dispute_page(name: str) -> Any:
    """Both sides' words, what the arbitrators wrote, and the award."""
    delivery, of = delivery_around(name)
    found = _dispute(delivery)
    actor = reader()
    tied = _tied(of.campaign)
    return render_template(
        "delivery/dispute.html",
        **context(of),
        delivery=delivery,
        dispute=found,
        refusals=[b for b in backers_of(g.db, delivery, actor) if b.answer and not b.answer.accepts],
        opinions=_opinions(found, is_party(g.db, of.campaign, actor)),
        is_arbitrator=bool(actor and actor.is_fund and actor.has(Role.ARBITRATOR)),
        tied=tied,
        is_ours=delivers(of.campaign),
        is_open=found.state == DisputeState.OPEN,
        amounts=amounts_of(g.db, of.campaign, delivery, actor)
        if found.state == DisputeState.AWARDED
        else None,
    )


@bp.post("/deliveries/<name>/opinions")
@only(Role.ARBITRATOR)
@refusals_on("delivery.dispute_page")
def write_opinion(name: str) -> Any:
    """An arbitrator writes a percentage and why; two who write the same make the award."""
    delivery, _of = delivery_around(name)
    form = read(OpinionForm)
    found = disputes.write_opinion(
        g.db, _dispute(delivery), share=form.percent * 100, reason=form.reason, by=acting(), at=at()
    )
    if found.state == DisputeState.AWARDED:
        say(_("Two arbitrators wrote the same: this is the award."))
    else:
        say(
            _(
                "Your opinion is written. The award is made when a second arbitrator writes the same percentage."
            )
        )
    return redirect(url_for(".dispute_page", name=name), 303)


def _dispute(delivery: Delivery) -> Dispute:
    found = dispute_of(g.db, delivery)
    if found is None:
        raise Missing
    return found


def _tied(campaign: Any) -> str | None:
    """The organization that ties the reader to this campaign, if they would have to stand aside."""
    actor = reader()
    if actor is None or not actor.is_fund:
        return None
    found = ties(g.db, actor, campaigns.parties(g.db, campaign), at=at())
    return found[0].sentence if found else None


def _opinions(found: Dispute, names_them: bool) -> list[tuple[str, Opinion]]:
    """The arbitrators' last opinions; their names stay with the parties and the fund."""
    written = latest_opinions(g.db, found)
    actor = reader()
    named = []
    for number, opinion in enumerate(written, 1):
        if actor and opinion.person_id == actor.person.id:
            name = _("You")
        elif names_them:
            name = g.db.get_one(Person, opinion.person_id).name
        else:
            name = _("Arbitrator %(number)s", number=number)
        named.append((name, opinion))
    return named
