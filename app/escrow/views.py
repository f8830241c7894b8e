"""The doors of escrow: calls for funds, money in doubt; those of money pages and proofs stand beside."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import CampaignState, Part
from app.escrow import (
    calls,
    forms,
    freezing,
    listed,
    pulling,
    rules,
    shortfalls,
    vat_waits,
    views_bank,
    views_left,
    views_mandates,
    views_means,
    views_money,
    views_proofs,
    views_shortfalls,
    views_suspense,
)
from app.escrow.doors import bp, visible_call
from app.escrow.model import Call, CallCause, CallState
from app.escrow.paying import held_until, way_of
from app.escrow.pulling import is_pulled
from app.escrow.spent import spent_of
from app.escrow.wording_means import means_words
from app.estimates.model import Milestone
from app.kit.forms import currency, read
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import LANGUAGES, _, language, local_day
from app.people.access import SIGNED_IN, acting, at, only
from app.people.interests import ties
from app.people.model import Organization, Role
from app.people.vat_checks import found_word

__all__ = [
    "bp",
    "views_bank",
    "views_left",
    "views_mandates",
    "views_means",
    "views_money",
    "views_proofs",
    "views_shortfalls",
    "views_suspense",
]

# ---- Calls -----------------------------------------------------------------------------------------------------


@bp.get("/calls")
@only(SIGNED_IN)
def index() -> Any:
    """The calls of one's organization, what waits first; all of them for the fund."""
    state = request.args.get("state", "")
    found = listed.page(g.db, acting(), state=state, after=request.args.get("after"))
    return render_template(
        "escrow/calls.html",
        rows=found.rows,
        sees_all=acting().sees_everything,
        counted=listed.count(g.db, acting()),
        tabs_offered=listed.TABS,
        waits=listed.WAITS,
        open_states=listed.STATES[listed.OPEN],
        currency=currency.get(),
        state_chosen=state if state in listed.STATES else "",
        today=local_day(at()),
        next_url=url_for(".index", state=state or None, after=found.last) if found.last else None,
    )


@bp.get("/calls/<name>")
@only(SIGNED_IN)
def show(name: str) -> Any:
    """One call: what it asks for and why, how to pay it, what came in."""
    call, pledge, campaign = visible_call(name)
    milestones = {m.id: m for m in campaigns.milestones_of(g.db, campaign.estimate_id)}
    parts = {part.id: part for part in g.db.exec(select(Part).where(Part.pledge_id == pledge.id))}
    asked: list[tuple[Milestone, Part, Any]] = [
        (milestones[parts[line.part_id].milestone_id], parts[line.part_id], line)
        for line in calls.lines_of(g.db, call)
    ]
    is_own = acting().organization.id in (pledge.organization_id, pledge.payer_id)
    is_officer = acting().is_fund and acting().has(Role.OFFICER)
    return render_template(
        "escrow/call.html",
        call=call,
        pledge=pledge,
        campaign=campaign,
        backer=g.db.get_one(Organization, pledge.organization_id),
        asked=asked,
        deposits=rules.deposits_of(g.db, [call]),
        way=way_of(g.db, call),
        spent=spent_of(g.db, call),
        is_pulled=is_pulled(g.db, call),
        gap=shortfalls.of_call(g.db, call),
        freeze=freezing.standing_of(g.db, pledge),
        looked_up=vat_waits.last_word(g.db, call),
        found_word=found_word,
        sends_with_vat=is_officer and call.state == CallState.WAITING,
        held_until=held_until(g.db, call, campaign.zone),
        **_pulled(g.db, call),
        takes_money=call.state in calls.TAKES_MONEY,
        is_own=is_own,
        after_acceptance=call.cause == CallCause.ACCEPTANCE,
        may_wait=is_officer and call.state == CallState.DEFAULTED,
        may_stop=campaign.state == CampaignState.SECURED,
        ties=ties(g.db, acting(), campaigns.parties(g.db, campaign), at=at(), roles=[Role.OFFICER])
        if is_officer
        else [],
        may_play=is_own and current_app.config["SETTINGS"].demo and call.rail == "sandbox",
        # As people type it, so that the practice bank's form is filled in.
        amount_typed=f"{(missing := call.total_cents - call.paid_cents) // 100},{missing % 100:02d}",
        last_day=local_day(call.window_ends_at - timedelta(seconds=1)),
        today=local_day(at()),
    )


def _pulled(db: Session, call: Call) -> dict[str, Any]:
    """What is told of a call that is pulled, or would be if there were something to pull it from."""
    again = pulling.tried_again_at(db, call) if call.state in calls.TAKES_MONEY else None
    return {
        "nothing_left": means_words(call.rail, missing)
        if (missing := pulling.nothing_left(db, call))
        else "",
        "again_on": local_day(again) if again and pulling.way(db, call).saved else None,
    }


@bp.get("/calls/<name>/call.pdf")
@only(SIGNED_IN)
def call_paper(name: str) -> Response:
    """The call as a file, in the reader's language or the one asked for."""
    from app.escrow.paper import call_pdf, file_name  # what draws papers is loaded with the first one

    call, _pledge, _campaign = visible_call(name)
    if call.state == CallState.WAITING:
        raise Missing
    spoken = request.args.get("language", language())
    if spoken not in LANGUAGES:
        raise Missing
    answer = make_response(call_pdf(g.db, call, spoken))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name(call, spoken)}"'
    return answer


@bp.post("/calls/<name>/extension")
@only(Role.OFFICER)
@refusals_on("escrow.show")
def wait_on(name: str) -> Any:
    """Give a backer who did not pay in time more days."""
    form = read(forms.WaitForm)
    call, _pledge, _campaign = visible_call(name)
    calls.wait_on(g.db, call, days=form.days, reason=form.reason, by=acting(), at=at())
    say(_("The backer has more time. Everyone can read why."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/calls/<name>/with-vat")
@only(Role.OFFICER)
@refusals_on("escrow.show")
def send_with_vat(name: str) -> Any:
    """Send a call that waits for a VAT number with the seller's own VAT."""
    waiting, _pledge, _campaign = visible_call(name)
    sent = vat_waits.send_with_vat(g.db, waiting, by=acting(), at=at())
    say(_("The call went out with VAT, under a number of its own."))
    return redirect(url_for(".show", name=sent.public_id), 303)
