"""The doors of one delivery: what was handed in, the backers' answers, the service certified, the paper."""

import re
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select

from app.campaigns.in_kind_sums import workers_on
from app.campaigns.model import Binding, Part, Pledge
from app.campaigns.round_rules import rules_of
from app.delivery import rules
from app.delivery.amounts import Amounts, amounts_of, may_read_certificate
from app.delivery.checking import checks_of, found_word
from app.delivery.doors import bp, context, delivers, delivery_around, reader
from app.delivery.forms import AnswerForm, CertifyForm, ReserveForm
from app.delivery.model import Delivery, DeliveryState
from app.delivery.reserves import Defect, reserving_of
from app.delivery.seen import Backer, backers_of, is_party, own_part, tally_of
from app.delivery.service import to_certify
from app.delivery.standing import dispute_of, shortcomings_of
from app.kit.forms import read, rows
from app.kit.rules import Missing, require
from app.kit.web import find, refusals_on, say
from app.kit.words import LANGUAGES, N_, _, language, local_day, money
from app.people.access import ANYONE, acting, at, only
from app.people.model import Kind, Role

WHOSE_WORD = {
    Binding.MONEY: N_("more than half of the money decides"),
    Binding.HEADS: N_("more than half of the backers decide"),
    Binding.LEAD: N_("the lead backer decides"),
}
UNMET = re.compile(r"unmet-\d{1,3}-reason")
ANSWERING = (Role.BUYER, Role.APPROVER, Role.MEMBER)


@bp.get("/deliveries/<name>")
@only(ANYONE)
def show(name: str) -> Any:
    """One delivery: where the work can be seen, what the backers say, what their answer does to the money."""
    delivery, of = delivery_around(name)
    actor = reader()
    backers = backers_of(g.db, delivery, actor)
    ours = next((backer for backer in backers if backer.is_ours), None)
    is_decided = delivery.share_basis_points is not None
    amounts = amounts_of(g.db, of.campaign, delivery, actor) if is_decided else None
    return render_template(
        "delivery/delivery.html",
        **context(of),
        delivery=delivery,
        checks=[(kept, found_word(kept.found)) for kept in checks_of(g.db, delivery).values()],
        last_day=_last_day(delivery),
        is_over=at() >= delivery.review_ends_at,
        backers=backers,
        reserving=reserving_of(g.db, delivery),
        tally=tally_of(g.db, delivery, backers),
        ours=ours,
        own=own_part(g.db, of.milestone.id, actor) if actor and ours else (0, 0),
        may_answer=_may_answer(delivery, ours),
        works_here=bool(actor and not ours and actor.organization.id in workers_on(g.db, of.milestone.id)),
        is_ours=delivers(of.campaign),
        dispute=dispute_of(g.db, delivery),
        services=to_certify(g.db, of.campaign, delivery, actor, at()) if actor else [],
        amounts=amounts,
        awaited_lines=_awaited_lines(amounts, of.campaign.currency) if amounts else [],
        has_certificate=amounts is not None and may_read_certificate(g.db, of.campaign, amounts, actor),
        sees_more=is_party(g.db, of.campaign, actor),
        is_latest=_is_latest(delivery),
        whose_word=_(WHOSE_WORD[Binding(rules_of(g.db, of.campaign).binding)]),
        shortcomings=shortcomings_of(g.db, delivery),
        soon=local_day(at()) + timedelta(days=30),
    )


@bp.post("/deliveries/<name>/answer")
@only(*ANSWERING)
@refusals_on("delivery.show")
def answer(name: str) -> Any:
    """A backer accepts, or refuses with reasons."""
    delivery, _of = delivery_around(name)
    form = read(AnswerForm, ignore=("unmet-", "reserve-"))
    accepts = form.answer != "refuse"
    defects = [Defect(row.text, row.due_on) for row in rows(ReserveForm, "reserve")]
    require(
        form.answer != "reserves" or defects,
        "Please list what is to be mended, each with a day.",
        field="reserve-0-text",
    )
    unmet = {
        int(key.split("-")[1]): words for key, words in request.form.items()
        if UNMET.fullmatch(key) and words.strip()
    }  # fmt: skip
    rules.answer(
        g.db, delivery, accepts=accepts, reasons=form.reasons, unmet={} if accepts else unmet,
        reserves=defects if form.answer == "reserves" else (), by=acting(), at=at(),
    )  # fmt: skip
    if form.answer == "reserves":
        say(_("Your organization accepts this delivery, with reserves."))
    elif accepts:
        say(_("Your organization accepts this delivery."))
    else:
        say(_("Your organization refuses this delivery."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/deliveries/<name>/certificates")
@only(Role.BUYER, Role.APPROVER, Role.FINANCE)
@refusals_on("delivery.show")
def certify(name: str) -> Any:
    """A public body certifies the service: its part is called."""
    delivery, _of = delivery_around(name)
    pledge = find(Pledge, read(CertifyForm).pledge)
    part = select(Part.id).where(Part.pledge_id == pledge.id, Part.milestone_id == delivery.milestone_id)
    if not g.db.exec(part).first():
        raise Missing
    call = rules.certify(g.db, delivery, pledge, by=acting(), at=at())
    say(_("The service is certified. Call %(number)s is issued.", number=call.number))
    return redirect(url_for(".show", name=name), 303)


@bp.get("/deliveries/<name>/certificate.pdf")
@only(ANYONE)
def certificate(name: str) -> Response:
    """The certificate of a decided delivery, as its reader may see it, in the language asked for."""
    from app.delivery.paper import (  # what draws papers is loaded with the first one
        certificate_pdf,
        file_name,
    )

    delivery, of = delivery_around(name)
    spoken = request.args.get("language", language())
    if spoken not in LANGUAGES or delivery.share_basis_points is None:
        raise Missing
    actor = reader()
    amounts = amounts_of(g.db, of.campaign, delivery, actor)
    if not may_read_certificate(g.db, of.campaign, amounts, actor):
        raise Missing
    reply = make_response(certificate_pdf(g.db, of, delivery, amounts, actor, spoken))
    reply.mimetype = "application/pdf"
    reply.headers["Content-Disposition"] = f'inline; filename="{file_name(of, spoken)}"'
    return reply


def _awaited_lines(amounts: Amounts, unit: str) -> list[dict[str, str]]:
    """Who still owes how much of accepted work, as the macro `facts` takes it."""
    lines = []
    for one in amounts.awaited:
        name = one.name or (_("A public body") if one.is_public_body else _("An organization"))
        said = (
            _("%(name)s, called", name=name) if one.is_called else _("%(name)s, not certified yet", name=name)
        )
        lines.append({"label": said, "value": money(one.cents, unit)})
    return lines


def _may_answer(delivery: Delivery, ours: Backer | None) -> bool:
    actor = reader()
    return bool(
        actor
        and ours
        and not ours.answer
        and actor.is_verified
        and actor.organization.kind == Kind.CORPORATE
        and actor.has(*ANSWERING)
        and delivery.state == DeliveryState.HANDED_IN
    )


def _last_day(delivery: Delivery) -> datetime:
    """The last day on which an answer counts: the clock ends with it."""
    return delivery.review_ends_at - timedelta(seconds=1)


def _is_latest(delivery: Delivery) -> bool:
    newer = select(Delivery.id).where(
        Delivery.milestone_id == delivery.milestone_id, col(Delivery.attempt) > delivery.attempt
    )
    return g.db.exec(newer).first() is None
