"""The doors of approving several payouts at once: a summary first, then all of them or none, by a second person."""

from typing import Annotated, Any

from flask import g, redirect, render_template, request, url_for
from pydantic import StringConstraints

from app.campaigns.model import Campaign
from app.kit.forms import Form, read
from app.kit.web import find, refusals_on, say
from app.kit.words import ngettext
from app.payouts import rules, shown
from app.payouts.doors import STAFF, bp
from app.payouts.model import Payout, PayoutState
from app.payouts.payees import is_changed
from app.people.access import acting, at, only
from app.people.model import Organization

MOST = 100


class TogetherForm(Form):
    """The payouts approved together, each with the hash of what was shown of it."""

    chosen: Annotated[str, StringConstraints(max_length=12_000)] = ""


@bp.get("/payouts/approvals")
@only(*STAFF)
def approvals() -> Any:
    """What was chosen, added up, before it is approved; what one prepared oneself stands apart."""
    payouts = _asked()
    others = [one for one in payouts if one.prepared_by_id != acting().person.id]
    return render_template(
        "payouts/approvals.html",
        rows=[
            (
                one, g.db.get_one(Organization, one.payee_id), g.db.get_one(Campaign, one.campaign_id),
                shown.person_name(g.db, one.prepared_by_id), is_changed(g.db, one),
            )
            for one in others
        ],
        total=sum(one.amount_cents for one in others),
        own=len(payouts) - len(others),
        chosen=",".join(f"{one.public_id}:{one.pinned}" for one in others),
    )  # fmt: skip


@bp.post("/payouts/approvals")
@only(*STAFF)
@refusals_on("payouts.approvals")
def approve_together() -> Any:
    """Approve several payouts exactly as they were shown, all or none."""
    pairs = [one.partition(":") for one in read(TogetherForm).chosen.split(",") if one][:MOST]
    wanted = [(find(Payout, name), pinned) for name, _colon, pinned in pairs]
    rules.approve_all(g.db, wanted, by=acting(), at=at())
    say(ngettext(
        "%(num)s payout is approved. It is sent within seconds.",
        "%(num)s payouts are approved. They are sent within seconds.",
        len(wanted),
    ))  # fmt: skip
    return redirect(url_for(".index", tab="way"), 303)


def _asked() -> list[Payout]:
    """The payouts named in the address, or in the form that was refused, that still wait for an approval."""
    names = request.values.getlist("payout") or [
        one.partition(":")[0] for one in request.values.get("chosen", "").split(",") if one
    ]
    found = [find(Payout, name) for name in dict.fromkeys(names)][:MOST]
    return [one for one in found if one.state == PayoutState.PREPARED]
