"""The doors for acting: prepared by one, approved by another, taken back, held."""

from typing import Any

from flask import g, redirect, render_template, request, url_for

from app.campaigns.model import Campaign
from app.kit.forms import read
from app.kit.web import find, refusals_on, say
from app.kit.words import _, ngettext
from app.payouts import rules, shown
from app.payouts.doors import STAFF, bp, visible_payout
from app.payouts.forms import ApprovalForm, ChosenForm, ReasonForm
from app.payouts.model import Payout, PayoutState
from app.people.access import acting, at, only
from app.people.model import Organization

MOST = 100


@bp.get("/payouts/selection")
@only(*STAFF)
def selection() -> Any:
    """What was chosen, added up, before it is prepared."""
    rows = []
    payouts = _chosen(",".join(request.values.getlist("payout")) or request.values.get("chosen", ""))
    cents = shown.amounts(g.db, payouts)
    for payout in payouts:
        name, account = shown.account_as_seen(g.db, payout, acting())
        campaign, payee = (
            g.db.get_one(Campaign, payout.campaign_id),
            g.db.get_one(Organization, payout.payee_id),
        )
        rows.append((shown.Shown(payout, campaign, payee, cents[payout.id]), name, account))
    return render_template(
        "payouts/selection.html",
        rows=rows,
        total=sum(cents.values()),
        chosen=",".join(payout.public_id for payout in payouts),
        has_gap=any(not account for _row, _name, account in rows),
    )


@bp.post("/payouts/selection")
@only(*STAFF)
@refusals_on("payouts.selection")
def prepare_chosen() -> Any:
    """Prepare several payouts, all or none."""
    payouts = _chosen(read(ChosenForm).chosen)
    rules.prepare_all(g.db, payouts, by=acting(), at=at())
    say(ngettext(
        "%(num)s payout is prepared. Another person has to approve it.",
        "%(num)s payouts are prepared. Another person has to approve them.",
        len(payouts),
    ))  # fmt: skip
    return redirect(url_for(".index", tab="approval"), 303)


@bp.post("/payouts/<name>/preparation")
@only(*STAFF)
@refusals_on("payouts.show")
def prepare(name: str) -> Any:
    """Write down what will be sent where."""
    payout = rules.prepare(g.db, visible_payout(name), by=acting(), at=at())
    if payout.state == PayoutState.SETTLED:
        say(_("Nothing is left to send: it was set off against what the backer's bank took back."))
    else:
        say(_("The payout is prepared. Another person has to approve it."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/approval")
@only(*STAFF)
@refusals_on("payouts.show")
def approve(name: str) -> Any:
    """Approve exactly what was shown."""
    rules.approve(g.db, visible_payout(name), pinned=read(ApprovalForm).pinned, by=acting(), at=at())
    say(_("The payout is approved. It is sent within seconds."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/return")
@only(*STAFF)
@refusals_on("payouts.show")
def take_back(name: str) -> Any:
    """Make a prepared payout due again."""
    rules.take_back(g.db, visible_payout(name), reason=read(ReasonForm).reason, by=acting(), at=at())
    say(_("The payout is due again."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/hold")
@only(*STAFF)
@refusals_on("payouts.show")
def hold(name: str) -> Any:
    """Keep a due payout from being prepared."""
    rules.hold(g.db, visible_payout(name), reason=read(ReasonForm).reason, by=acting(), at=at())
    say(_("The payout is on hold. Its payee can read why."))
    return redirect(url_for(".show", name=name), 303)


@bp.post("/payouts/<name>/resumption")
@only(*STAFF)
@refusals_on("payouts.show")
def resume(name: str) -> Any:
    """Let a payout on hold go on."""
    rules.resume(g.db, visible_payout(name), by=acting(), at=at())
    say(_("The payout is due again."))
    return redirect(url_for(".show", name=name), 303)


def _chosen(names: str) -> list[Payout]:
    wanted = list(dict.fromkeys(name for name in names.split(",") if name))[:MOST]
    return [find(Payout, name) for name in wanted]
