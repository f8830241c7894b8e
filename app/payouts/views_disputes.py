"""The doors of charge-backs a provider lets us contest: the deadline, the evidence, what to do, what happened."""

from datetime import date
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select

from app.escrow import bank_disputes
from app.escrow.model import ChargeBack, Deposit
from app.escrow.model_outside import BankDispute, DisputeState
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _, language
from app.payouts import evidence, shown
from app.payouts.doors import STAFF, bp
from app.payouts.outside import address_of
from app.people.access import acting, at, only
from app.people.interests import ties
from app.people.model import Organization, Role

MOST = 100
READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)


@bp.get("/charge-backs")
@only(*READERS)
def charge_backs() -> Any:
    """Every charge-back that can or could be contested: those that wait first, the most urgent before."""
    query = (
        select(BankDispute, Deposit)
        .join(Deposit, col(Deposit.id) == col(BankDispute.deposit_id))
        .order_by(col(BankDispute.state) != DisputeState.OPEN, col(BankDispute.answer_by), col(BankDispute.id).desc())
        .limit(MOST)
    )  # fmt: skip
    rows = [(one, deposit, bank_disputes.taken_back(g.db, deposit)) for one, deposit in g.db.exec(query)]
    return render_template("payouts/charge_backs.html", rows=rows, now=at())


@bp.get("/charge-backs/<name>")
@only(*READERS)
def charge_back(name: str) -> Any:
    """One of them: what was taken back, until when it can be contested, with what, and what came of it."""
    dispute = find(BankDispute, name)
    about = evidence.contested(g.db, dispute)
    backer = g.db.get_one(Organization, about.pledge.organization_id) if about else None
    deposit = g.db.get_one(Deposit, dispute.deposit_id)
    taken = g.db.exec(select(ChargeBack).where(ChargeBack.deposit_id == deposit.id)).first()
    pack = evidence.pack(g.db, dispute, language())
    return render_template(
        "payouts/charge_back.html",
        dispute=dispute,
        deposit=deposit,
        cents=bank_disputes.taken_back(g.db, deposit),
        about=about,
        backer=backer,
        taken=taken,
        pack=pack,
        service_on=date.fromisoformat(pack.service_date) if pack.service_date else None,
        acts=shown.history_of(g.db, "BankDispute", dispute.id, acting()),
        outside_url=address_of(dispute.rail, dispute.outside_id),
        may_contest=bank_disputes.may_answer(dispute, at()) and acting().has(*STAFF),
        ties=ties(g.db, acting(), {backer.id}, at=at(), roles=STAFF) if backer else [],
        now=at(),
    )


@bp.get("/charge-backs/<name>/evidence")
@only(*READERS)
def evidence_paper(name: str) -> Response:
    """One paper of the evidence, as it would be handed in: the call where none is named."""
    paper = request.args.get("paper", "call")
    body = evidence.pack(g.db, find(BankDispute, name), language()).papers.get(paper)
    if body is None:
        raise Missing
    answer = make_response(body)
    answer.mimetype = "application/pdf" if body.startswith(b"%PDF") else "text/plain"
    ending = "pdf" if answer.mimetype == "application/pdf" else "txt"
    answer.headers["Content-Disposition"] = f'inline; filename="{paper}.{ending}"'
    return answer


@bp.post("/charge-backs/<name>/contest")
@only(*STAFF)
@refusals_on("payouts.charge_back")
def contest(name: str) -> Any:
    """Hand the evidence in: once, and before the deadline."""
    dispute = find(BankDispute, name)
    about = evidence.contested(g.db, dispute)
    bank_disputes.answer(
        g.db, dispute, of={about.pledge.organization_id} if about else set(), by=acting(), at=at()
    )
    say(_("Contested: the evidence is handed in within seconds. The payer's bank decides."))
    return redirect(url_for(".charge_back", name=name), 303)
