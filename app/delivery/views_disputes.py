"""The doors after a refusal: taken back, or disputed; both sides state their case, settle, or read the award."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, redirect, render_template, url_for

from app.campaigns import motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion, MotionKind
from app.delivery import disputes
from app.delivery.amounts import amounts_of
from app.delivery.arbitration import readings_of
from app.delivery.doors import Around, bp, context, delivers, delivery_around, reader
from app.delivery.forms import ReasonsForm, SettlementForm, StatementForm
from app.delivery.model import Delivery, Dispute, DisputeState, Opinion
from app.delivery.seen import backers_of, is_party
from app.delivery.standing import OPEN_DISPUTES, dispute_of, granted_by, latest_opinions, statements_of
from app.kit.forms import read
from app.kit.money import Cents
from app.kit.rules import Missing
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.interests import ties
from app.people.model import Person, Role

SIDES = (Role.MEMBER, Role.BUYER, Role.APPROVER)


@dataclass(frozen=True)
class Said:
    """A statement as its reader may see it."""

    name: str
    is_maintainer: bool
    text: str
    addresses: list[str]
    at: datetime


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
    say(_("The dispute is open: both sides state their case, then two arbitrators of the fund decide."))
    return redirect(url_for(".dispute_page", name=name), 303)


@bp.get("/deliveries/<name>/dispute")
@only(ANYONE)
def dispute_page(name: str) -> Any:
    """Both sides' words, what the arbitrators wrote, and the award."""
    delivery, of = delivery_around(name)
    found = dispute_at(delivery)
    actor = reader()
    sees_more = is_party(g.db, of.campaign, actor)
    is_side = bool(actor and disputes.is_side(g.db, of.campaign, delivery, actor) and actor.has(*SIDES))
    is_open = found.state in OPEN_DISPUTES
    is_awarded = found.state == DisputeState.AWARDED
    read_by = {reading.organization_id for reading in readings_of(g.db, found)} if is_awarded else set()
    return render_template(
        "delivery/dispute.html",
        **context(of),
        delivery=delivery,
        dispute=found,
        refusals=[b for b in backers_of(g.db, delivery, actor) if b.answer and not b.answer.accepts],
        statements=_statements(found, delivery, of) if sees_more else [],
        opinions=_opinions(found, of) if sees_more else [],
        sees_more=sees_more,
        is_arbitrator=bool(actor and actor.is_fund and actor.has(Role.ARBITRATOR)),
        tied=_tied(of.campaign),
        is_ours=delivers(of.campaign),
        is_side=is_side,
        is_open=is_open,
        may_state=is_side and found.state == DisputeState.STATING and at() < found.statements_end_at,
        may_read=is_side and is_awarded and not found.published_at and bool(found.text_version)
        and actor is not None and actor.organization.id not in read_by,
        wishes=[r.wish for r in readings_of(g.db, found) if r.wish] if sees_more and is_awarded else [],
        settlement=_settlement(of, found),
        amounts=None if is_open else amounts_of(g.db, of.campaign, delivery, actor),
    )  # fmt: skip


@bp.post("/deliveries/<name>/statements")
@only(*SIDES)
@refusals_on("delivery.dispute_page")
def state_case(name: str) -> Any:
    """One side says what happened."""
    delivery, _of = delivery_around(name)
    form = read(StatementForm)
    disputes.state_case(
        g.db,
        dispute_at(delivery),
        text=form.text,
        evidence=form.evidence,
        is_last=form.is_last,
        by=acting(),
        at=at(),
    )
    say(_("Your statement stands. The other side and the arbitrators read it."))
    return redirect(url_for(".dispute_page", name=name), 303)


@bp.post("/deliveries/<name>/settlements")
@only(*SIDES)
@refusals_on("delivery.dispute_page")
def propose(name: str) -> Any:
    """One side proposes to settle for an amount."""
    delivery, _of = delivery_around(name)
    form = read(SettlementForm)
    made = disputes.propose(
        g.db, dispute_at(delivery), cents=form.settlement, words=form.words, by=acting(), at=at()
    )
    say(_("Proposed. It holds only if both sides say yes."))
    return redirect(url_for("campaigns.motion", name=made.public_id), 303)


def dispute_at(delivery: Delivery) -> Dispute:
    """The dispute over a delivery; raises `Missing`."""
    found = dispute_of(g.db, delivery)
    if found is None:
        raise Missing
    return found


def _settlement(of: Around, found: Dispute) -> Motion | None:
    """What is proposed to settle it now."""
    return motions.open_motion(
        g.db, of.campaign, MotionKind.SETTLEMENT, milestone_id=of.milestone.id, thing_id=found.id
    )


def _tied(campaign: Any) -> str | None:
    """Why the reader would have to stand aside, if they have to, and which arbitrators do not."""
    actor = reader()
    if actor is None or not actor.is_fund:
        return None
    found = ties(g.db, actor, campaigns.parties(g.db, campaign), at=at(), roles=[Role.ARBITRATOR])
    return found[0].sentence if found else None


def _statements(found: Dispute, delivery: Delivery, of: Around) -> list[Said]:
    """What both sides said; a backer without a name stays without one."""
    names = {backer.organization_id: backer.name for backer in backers_of(g.db, delivery, reader())}
    return [
        Said(
            name=of.maintainer.name if said.organization_id == of.maintainer.id
            else names.get(said.organization_id, _("An organization")),
            is_maintainer=said.organization_id == of.maintainer.id,
            text=said.text, addresses=said.evidence.splitlines(), at=said.at,
        )
        for said in statements_of(g.db, found)
    ]  # fmt: skip


def _opinions(found: Dispute, of: Around) -> list[tuple[str, Opinion, Cents]]:
    """The arbitrators' last opinions with what each grants; for the parties and the fund."""
    actor = reader()
    named = []
    for opinion in latest_opinions(g.db, found):
        is_own = bool(actor and opinion.person_id == actor.person.id)
        name = _("You") if is_own else g.db.get_one(Person, opinion.person_id).name
        named.append((name, opinion, granted_by(opinion, of.milestone)))
    return named
