"""The doors of means of payment: what an organization left, how it leaves one, goes on, and takes it back."""

from typing import Annotated, Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from pydantic import StringConstraints

from app.campaigns.model import Pledge
from app.escrow import mandates, pulling, saved
from app.escrow.collecting import payer_of
from app.escrow.doors import bp
from app.escrow.model_outside import MeansStanding, PaymentMeans
from app.escrow.wording_means import means_words, scheme_options, standing_words
from app.kit.forms import Count, Form, Line, ShortLine, read
from app.kit.rules import Missing, require
from app.kit.web import find, refusals_on, say
from app.kit.words import LANGUAGES, _, language, local_day
from app.people.access import acting, at, only
from app.people.model import Kind, Role
from app.rails.abilities import SavesMeans
from app.rails.bank import accounts
from app.rails.bank.model import NAME as BANK
from app.rails.bank.model_mandates import NOTICE_DAYS, BankMandate
from app.rails.here import rail_here
from app.rails.rail import RailRefused, RailSilent
from app.rails.switched_on import CAPABILITIES

PAYERS = (Role.BUYER, Role.FINANCE)


class MeansForm(Form):
    """What is left at a provider: its rail and means, as one answer."""

    means: ShortLine


class MandateForm(Form):
    """A mandate as its payer writes it down."""

    holder: Annotated[Line, StringConstraints(max_length=70)]
    iban: Annotated[Line, StringConstraints(max_length=60)]
    scheme: ShortLine
    notice_days: Count = NOTICE_DAYS


@bp.get("/means-of-payment")
@only(*PAYERS)
def means() -> Any:
    """The cards and mandates one's organization left, and how to leave one."""
    actor = acting()
    if actor.organization.kind != Kind.CORPORATE:
        raise Missing
    account = accounts.in_use(g.db) if BANK in _rails() else None
    left = saved.left_by(g.db, actor.organization.id)
    blocked = [way for way in _at_providers() if pulling.is_blocked(g.db, actor.organization.id, *way)]
    papers = {one.id: mandates.mandate_of(g.db, one) for one in left if one.rail == BANK}
    return render_template(
        "escrow/means.html",
        left=[
            (one, means_words(one.rail, one.means), *standing_words(one), papers.get(one.id)) for one in left
        ],
        options=[
            (f"{rail}|{name}", means_words(rail, name))
            for rail, name in _at_providers()
            if (rail, name) not in blocked
        ],
        blocked=[means_words(*way) for way in blocked],
        account=account if account and account.creditor_id else None,
        waits_for_paper=any(one.rail == BANK and one.state == MeansStanding.ASKED for one in left),
        schemes=scheme_options(),
        organization=actor.organization,
        is_verified=actor.is_verified,
        today=local_day(at()),
        ends_soon=saved.ends_soon,
    )


@bp.post("/means-of-payment")
@only(*PAYERS)
@refusals_on("escrow.means")
def leave_means() -> Any:
    """Begin to leave a card or a debit with a provider; its own page does the rest."""
    rail, _bar, name = read(MeansForm).means.partition("|")
    require((rail, name) in _at_providers(), "Please choose one of the answers.", field="means")
    saved.ask_for(g.db, rail=rail, means=name, by=acting(), at=at())
    say(_("Begun. The provider asks the rest on its own page; nothing of it passes through here."))
    return redirect(url_for(".means"), 303)


@bp.get("/means-of-payment/<name>/provider")
@only(*PAYERS)
def go_to_provider(name: str) -> Any:
    """To the provider's own page, where the card or the debit is left."""
    asked = _own(name)
    provider = rail_here(asked.rail)
    if asked.state != MeansStanding.ASKED or not isinstance(provider, SavesMeans):
        raise Missing
    try:
        page = provider.save_means(
            saved.key_of(asked),
            payer_of(acting().organization),
            asked.means,
            url_for(".means", _external=True),
        ).action_url
    except (RailSilent, RailRefused):
        say(_("The provider does not answer: please try again in some minutes."), "wait")
        return redirect(url_for(".means"), 303)
    if not page:
        say(_("This page of the provider is closed. If nothing was left on it, please begin again."), "wait")
        return redirect(url_for(".means"), 303)
    return redirect(page, 303)


@bp.post("/means-of-payment/mandates")
@only(*PAYERS)
@refusals_on("escrow.means")
def give_mandate() -> Any:
    """Write a mandate down, to be printed and signed."""
    form = read(MandateForm)
    mandates.give(g.db, mandates.Given(**form.model_dump()), by=acting(), at=at())
    say(_("The mandate is written down. Print it, sign it and send it to the fund."))
    return redirect(url_for(".means"), 303)


@bp.post("/means-of-payment/<name>/end")
@only(*PAYERS)
@refusals_on("escrow.means_again")
def revoke_means(name: str) -> Any:
    """Take back what was left."""
    mandates.revoke(g.db, _own(name), by=acting(), at=at())
    say(_("Revoked. Nothing is taken by it any more; open calls are paid by transfer."))
    return redirect(url_for(".means"), 303)


@bp.get("/means-of-payment/<name>")
@only(*PAYERS)
def means_again(name: str) -> Any:
    """The page of means, reached from one of them."""
    _own(name)
    return means()


@bp.get("/mandates/<name>/mandate.pdf")
@only(*PAYERS, *mandates.STAFF, Role.AUDITOR)
def mandate_paper(name: str) -> Response:
    """The mandate as a file, in the reader's language or the one asked for."""
    from app.escrow.paper_mandate import (  # what draws papers is loaded with the first one
        file_name,
        mandate_pdf,
    )

    mandate = find(BankMandate, name)
    if mandate.payer != acting().organization.public_id and not acting().sees_everything:
        raise Missing
    spoken = request.args.get("language", language())
    if spoken not in LANGUAGES:
        raise Missing
    answer = make_response(mandate_pdf(g.db, mandate, spoken))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name(mandate, spoken)}"'
    return answer


@bp.get("/pledges/<name>/means")
@only(*PAYERS)
def means_of_pledge(name: str) -> Any:
    """What a pledge's calls will be pulled from, or where to leave it: a part of the pledge's page."""
    pledge = find(Pledge, name)
    payer = pledge.payer_id or pledge.organization_id
    told = CAPABILITIES[pledge.rail].by(pledge.means) if pledge.rail in CAPABILITIES else None
    if acting().organization.id not in (pledge.organization_id, payer) or told is None or not told.pulls:
        raise Missing
    return render_template(
        "escrow/_means_of_pledge.html",
        saved=pulling.saved_means(g.db, payer, pledge.rail, told.name),
        is_blocked=pulling.is_blocked(g.db, payer, pledge.rail, told.name),
        words=means_words(pledge.rail, told.name),
        is_payer=acting().organization.id == payer,
    )


def _own(name: str) -> PaymentMeans:
    left = find(PaymentMeans, name)
    if left.organization_id != acting().organization.id:
        raise Missing
    return left


def _at_providers() -> list[tuple[str, str]]:
    """What can be left on a page of a provider's own."""
    return [
        (rail, told.name)
        for rail in _rails()
        if rail in CAPABILITIES and rail != BANK
        for told in CAPABILITIES[rail].means
        if told.pulls
    ]


def _rails() -> tuple[str, ...]:
    rails: tuple[str, ...] = current_app.config["SETTINGS"].rails
    return rails
