"""The doors to changes of payee accounts: confirmed by two of the fund, or refused."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.kit.forms import read
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.payouts import payees
from app.payouts.doors import STAFF, bp
from app.payouts.forms import ReasonForm
from app.payouts.model import AccountState, PayeeAccount
from app.payouts.views_account import account
from app.people.access import SIGNED_IN, acting, at, only
from app.people.model import Organization, Person, Role

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)


@bp.get("/payee-accounts")
@only(*READERS)
def changes() -> Any:
    """The changes of accounts that wait, for the fund."""
    rows = []
    for change in payees.changes(g.db):
        rows.append((
            change, g.db.get_one(Organization, change.organization_id), g.db.get_one(Person, change.named_by_id),
            g.db.get_one(Person, change.checked_by_id) if change.checked_by_id else None,
            payees.account_of(g.db, change.organization_id, change.rail),
        ))  # fmt: skip
    return render_template(
        "payouts/changes.html",
        rows=rows,
        may_act=acting().has(*STAFF),
        person_id=acting().person.id,
        now=at(),
    )


@bp.get("/payee-accounts/<name>")
@only(SIGNED_IN)
def change(name: str) -> Any:
    """A change, where it can be confirmed or refused: on the fund's list, or on its organization's page."""
    found = find(PayeeAccount, name)
    if acting().organization.id == found.organization_id:
        return account()
    if not acting().has(*READERS):
        raise Missing
    return changes()


@bp.post("/payee-accounts/<name>/confirmation")
@only(*STAFF)
@refusals_on("payouts.change")
def confirm_change(name: str) -> Any:
    """Confirm a change, one of two."""
    confirmed = payees.confirm_account(g.db, find(PayeeAccount, name), by=acting(), at=at())
    if confirmed.state == AccountState.IN_USE:
        say(_("The account is in use: payouts go to it from now on, and the first one is marked."))
    else:
        say(_("Confirmed. One more person of the fund has to confirm it."))
    return redirect(url_for(".changes"), 303)


@bp.post("/payee-accounts/<name>/refusal")
@only(*STAFF, Role.FINANCE, Role.ADMIN)
@refusals_on("payouts.change")
def refuse_change(name: str) -> Any:
    """Object to a change: the old account stays."""
    found = find(PayeeAccount, name)
    if acting().organization.id != found.organization_id and not acting().sees_everything:
        raise Missing
    payees.refuse_account(g.db, found, reason=read(ReasonForm).reason, by=acting(), at=at())
    say(_("The change is refused. The account before it stays in use."))
    return redirect(url_for(".changes" if acting().is_fund else ".account"), 303)
