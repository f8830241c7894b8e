"""The doors of the comparison: estimates side by side, questions, scores and the award."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.catalogue.model import Software
from app.estimates import asking, awarding, forms, history
from app.estimates.doors import bp, visible
from app.estimates.model import Estimate, Question
from app.kit.forms import read
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.interests import ties
from app.people.model import Kind, Role
from app.roadmap.model import RoadmapItem

SCORERS = (Role.MEMBER, Role.BUYER, Role.APPROVER)


@bp.get("/comparison/<name>")
@only(ANYONE)
def comparison(name: str) -> Any:
    """The estimates of one item side by side, what was asked about them, and the award."""
    item = find(RoadmapItem, name)
    actor: Actor | None = g.get("actor")
    quoted = awarding.compared(g.db, item)
    bidders = {one.maintainer.id for one in quoted}
    waiting = [one for one in quoted if one.estimate.state == "submitted"]
    is_officer = bool(actor and actor.is_fund and actor.has(Role.OFFICER))
    asks = asking.asking_organizations(g.db, item)
    scores = bool(actor and actor.has(*SCORERS) and actor.is_verified and actor.organization.id in asks)
    return render_template(
        "estimates/comparison.html",
        item=item,
        software=g.db.get_one(Software, item.software_id),
        quoted=quoted,
        said=[_said(one) for one in quoted],
        lowest=min((one.total_cents for one in quoted), default=0),
        questions=asking.questions_of(g.db, item),
        may_ask=asking.may_ask(g.db, item, actor),
        is_maintainer=bool(actor and actor.organization.kind == Kind.MAINTAINER),
        own_id=actor.organization.id if actor else None,
        award=awarding.award_of(g.db, item),
        estimate_options=[_option(one) for one in quoted],
        waiting_options=[_option(one) for one in waiting],
        waiting=waiting if is_officer or scores else [],
        may_award=is_officer,
        may_score=scores,
        ties=ties(g.db, actor, bidders, at=at(), roles=[Role.OFFICER] if is_officer else [])
        if actor and (is_officer or scores)
        else [],
    )


@bp.post("/comparison/<name>/questions")
@only(Role.MEMBER, Role.OFFICER)
@refusals_on("estimates.comparison")
def ask(name: str) -> Any:
    """Ask something everybody who quotes will read."""
    form = read(forms.QuestionForm)
    about = visible(form.about) if form.about else None
    asking.ask(g.db, find(RoadmapItem, name), form.question, about=about, by=acting(), at=at())
    say(_("Your question is published."))
    return redirect(url_for(".comparison", name=name), 303)


@bp.get("/questions/<name>")
@only(ANYONE)
def question(name: str) -> Any:
    """A question, where it stands: beside the estimates it is about."""
    return comparison(_item_of(find(Question, name)).public_id)


@bp.post("/questions/<name>/replies")
@only(Role.MEMBER, Role.OFFICER)
@refusals_on("estimates.question")
def reply(name: str) -> Any:
    """Answer a question for everybody."""
    asked = find(Question, name)
    asking.reply(g.db, asked, read(forms.ReplyForm).reply, by=acting(), at=at())
    say(_("Your answer is published."))
    return redirect(url_for(".comparison", name=_item_of(asked).public_id), 303)


def _item_of(asked: Question) -> RoadmapItem:
    item: RoadmapItem = g.db.get_one(RoadmapItem, asked.item_id)
    return item


@bp.post("/comparison/<name>/scores")
@only(*SCORERS)
@refusals_on("estimates.comparison")
def score(name: str) -> Any:
    """Say what an asking organization thinks of an estimate."""
    form = read(forms.ScoreForm)
    asking.score(g.db, _of_item(name, form.estimate), form.points, form.comment, by=acting(), at=at())
    say(_("Your points are kept. Your organization may change them until the award."))
    return redirect(url_for(".comparison", name=name), 303)


@bp.post("/comparison/<name>/award")
@only(Role.OFFICER)
@refusals_on("estimates.comparison")
def award(name: str) -> Any:
    """Award the work to one of those who quoted."""
    form = read(forms.AwardForm)
    awarding.award_work(g.db, _of_item(name, form.estimate), reasons=form.reasons, by=acting(), at=at())
    say(_("The work is awarded, and the reasons are published."))
    return redirect(url_for(".comparison", name=name), 303)


def _of_item(name: str, estimate: str) -> Estimate:
    found = visible(estimate)
    asking.require_of_item(found, find(RoadmapItem, name))
    return found


def _option(one: awarding.Quoted) -> tuple[str, str]:
    return one.estimate.public_id, f"{one.maintainer.name} · {one.estimate.number}"


def _said(one: awarding.Quoted) -> dict[str, str]:
    """What has no amount, in words."""
    count = one.made_of.day_hundredths
    points = one.score_hundredths
    return {
        "days": history.days(count) if count else "",
        "upkeep": history.months(one.estimate.upkeep_months) or "—",
        "warranty": history.months(one.estimate.warranty_months),
        "score": history.days(points) if points else "",
    }
