"""The doors of amendments: propose what takes a milestone's place, and read what is proposed or was agreed."""

from typing import Any

from flask import g, redirect, render_template, url_for
from sqlmodel import col, select

from app.campaigns.ballot import Motion, MotionKind
from app.campaigns.model import Campaign
from app.delivery import amendments
from app.delivery.doors import around, bp, context, delivers, milestone_around
from app.delivery.forms import AmendmentForm, PieceForm
from app.delivery.standing import due_of, latest_delivery
from app.estimates.amending import MOST_PIECES, Piece, amendments_of
from app.estimates.model import Milestone
from app.estimates.shown import written_amount
from app.kit.forms import read, rows
from app.kit.htmx import page
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, acting, at, only
from app.people.model import Role


@bp.get("/milestones/<name>/amendment")
@only(Role.MEMBER)
def amendment_page(name: str) -> Any:
    """The form with which a maintainer proposes to change a milestone, or to split it."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    most = MOST_PIECES if latest_delivery(g.db, of.milestone) is None else 1
    return render_template(
        "delivery/amendment.html", **context(of), due=due_of(g.db, of.milestone), places=range(most),
        written_price=written_amount(of.milestone.price_cents),
    )  # fmt: skip


@bp.post("/milestones/<name>/amendment")
@only(Role.MEMBER)
@refusals_on("delivery.amendment_page")
def propose_amendment(name: str) -> Any:
    """The maintainer asks the backers to agree to an amendment."""
    of = milestone_around(name)
    if not delivers(of.campaign):
        raise Missing
    form = read(AmendmentForm, ignore="piece-")
    pieces = [
        Piece(title=row.title, criteria=row.criteria, due_on=row.due_on, price_cents=row.price)
        for row in rows(PieceForm, "piece")
    ]
    asked = amendments.propose(
        g.db, of.campaign, of.milestone, pieces, reason=form.reason, by=acting(), at=at()
    )
    say(_("The backers of this milestone are asked."))
    return redirect(url_for("campaigns.motion", name=asked.public_id), 303)


@bp.get("/motions/<name>/amendment")
@only(ANYONE)
def proposed_amendment(name: str) -> Any:
    """What an amendment changes, side by side: a part of the page of its question."""
    motion = find(Motion, name)
    if motion.kind != MotionKind.AMENDMENT or motion.milestone_id is None:
        raise Missing
    of = around(g.db.get_one(Milestone, motion.milestone_id))
    outcome = amendments.outcome_of(g.db, motion)
    return page(
        "delivery/amendment_proposed.html", block="piece", **context(of), motion=motion,
        pieces=amendments.pieces_of(g.db, motion), before=outcome[0] if outcome else of.milestone,
        made=[g.db.get_one(Milestone, one.milestone_id) for one in outcome],
    )  # fmt: skip


@bp.get("/milestones/<name>/amendments")
@only(ANYONE)
def amendments_of_milestone(name: str) -> Any:
    """What a milestone said before: a part of its page."""
    of = milestone_around(name)
    found = amendments_of(g.db, of.milestone)
    causes = {one.cause.removeprefix("amendment ") for one in found}
    motions = {motion.id: motion for motion in g.db.exec(
        select(Motion).where(col(Motion.id).in_([int(cause) for cause in causes]))
    )}  # fmt: skip
    shown = [(one, motions[int(one.cause.removeprefix("amendment "))]) for one in found]
    return page("delivery/amendments.html", block="piece", **context(of), rows=shown)


@bp.get("/milestones/of-campaign/<name>/amendments")
@only(ANYONE)
def amendments_of_campaign(name: str) -> Any:
    """What of a campaign's milestones was amended: a part of its page."""
    campaign = find(Campaign, name)
    if not campaign.opened_at:
        raise Missing
    return page(
        "delivery/amendments_of_campaign.html", block="piece", campaign=campaign,
        rows=amendments.carried_out(g.db, campaign),
    )  # fmt: skip
