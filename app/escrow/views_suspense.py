"""The doors of money in doubt: matched to its call, given back above a call, or sent back to who paid it."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, select

from app.campaigns.model import Pledge
from app.escrow import doubt_limits, forms, left_over, receipts, returns, rules
from app.escrow.doors import bp
from app.escrow.model import Call, Deposit, ReturnState, SuspenseReturn
from app.escrow.proposals import proposal_for, proposal_for_left
from app.escrow.received import is_from_another
from app.kit.forms import currency, read
from app.kit.rules import Refused
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import acting, at, only
from app.people.model import Organization, Person, Role
from app.rails.switched_on import capabilities_of

STAFF = (Role.TREASURER, Role.OFFICER)
MOST = 100


@bp.get("/suspense")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR, Role.ARBITRATOR)
def suspense() -> Any:
    """Receipts nobody has matched yet, and what was paid above a call."""
    everything = rules.in_suspense(g.db)
    wanted = request.view_args.get("name") if request.view_args else None
    deposits = sorted(everything, key=lambda one: one.public_id != wanted)[:MOST]
    query = (
        select(Call, Organization)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .where(col(Call.id).in_([deposit.call_id for deposit in deposits if deposit.call_id]))
    )
    backs = {back.deposit_id: back for back in g.db.exec(select(SuspenseReturn).where(
        col(SuspenseReturn.deposit_id).in_([deposit.id for deposit in deposits]),
        col(SuspenseReturn.state).not_in(returns.GONE),
    ))}  # fmt: skip
    left = left_over.standing(g.db)[:MOST]
    hands = [*backs.values(), *(one for one, _payer, _call in left)]
    people = {number for one in hands for number in (one.prepared_by_id, one.approved_by_id) if number}
    return render_template(
        "escrow/suspense.html",
        deposits=deposits,
        count=len(everything),
        of={call.id: (call, organization) for call, organization in g.db.exec(query)},
        proposals={deposit.id: proposal_for(g.db, deposit) for deposit in deposits},
        backs=backs,
        names=dict(g.db.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all()),
        total=sum(deposit.excess_cents for deposit in everything),
        currency=currency.get(),
        may_act=acting().has(Role.TREASURER),
        may_send=acting().has(*STAFF),
        person_id=acting().person.id,
        prepared=ReturnState.PREPARED,
        strangers={deposit.id for deposit in deposits if is_from_another(g.db, deposit)},
        in_vain=returns.in_vain(g.db, deposits),
        left=left,
        left_for={one.public_id: proposal_for_left(g.db, one) for one, _payer, _call in left},
        until={one.public_id: doubt_limits.until_of(g.db, one) for one in deposits}
        | {one.public_id: doubt_limits.until_of(g.db, one) for one, _payer, _call in left},
        by_payment={one.id for one in deposits if capabilities_of(one.rail).pays_by_deposit},
        lost=returns.lost(g.db)[:MOST],
    )


@bp.post("/suspense/<name>/match")
@only(Role.TREASURER)
@refusals_on("escrow.suspense_again")
def match(name: str) -> Any:
    """Say for which call a receipt is."""
    form = read(forms.MatchForm)
    number = form.number.replace(" ", "").upper()
    call = g.db.exec(select(Call).where((Call.number == number) | (Call.reference == number))).first()
    if call is None:
        raise Refused("There is no call with this number or reference.", field="number")
    deposit = receipts.match(g.db, find(Deposit, name), call, by=acting(), at=at())
    if deposit.excess_cents:
        say(_("Matched. What is above the call can be given back."))
    else:
        say(_("Matched: the money is held for its backer now."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/suspense/<name>/return")
@only(Role.TREASURER)
@refusals_on("escrow.suspense_again")
def give_back(name: str) -> Any:
    """Owe what is above a call back to whoever paid it."""
    receipts.give_back_excess(g.db, find(Deposit, name), by=acting(), at=at())
    say(_("Owed back: a refund can be prepared."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/suspense/<name>/sending-back")
@only(*STAFF)
@refusals_on("escrow.suspense_again")
def send_back(name: str) -> Any:
    """Prepare that money for no call goes back to the account it came from."""
    reason = read(forms.ReasonForm).reason
    returns.prepare(g.db, find(Deposit, name), reason=reason, by=acting(), at=at())
    say(_("Prepared. Another person has to approve it."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/returns/<name>/approval")
@only(*STAFF)
@refusals_on("escrow.return_again")
def approve_return(name: str) -> Any:
    """Approve what another person prepared."""
    returns.approve(g.db, find(SuspenseReturn, name), by=acting(), at=at())
    say(_("Approved. It is sent within seconds."))
    return redirect(url_for(".suspense"), 303)


@bp.post("/returns/<name>/end")
@only(*STAFF)
@refusals_on("escrow.return_again")
def drop_return(name: str) -> Any:
    """The money does not go back after all."""
    returns.drop(g.db, find(SuspenseReturn, name), by=acting(), at=at())
    say(_("Dropped: the money can be matched again."))
    return redirect(url_for(".suspense"), 303)


@bp.get("/returns/<name>")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR, Role.ARBITRATOR)
def return_again(name: str) -> Any:
    """The list, reached from a return."""
    find(SuspenseReturn, name)
    return suspense()


@bp.get("/suspense/<name>")
@only(Role.TREASURER, Role.OFFICER, Role.AUDITOR, Role.ARBITRATOR)
def suspense_again(name: str) -> Any:
    """The list, with one of its rows first."""
    find(Deposit, name)
    return suspense()
