"""The doors of what backers are asked: read it, say yes or no, agree, take it back, ask for the end."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.campaigns import motions, stopping
from app.campaigns.ballot import Motion, MotionKind, MotionState
from app.campaigns.binding import stakes_of
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.forms import MotionForm, VoiceForm
from app.campaigns.model import Campaign
from app.campaigns.wording_motions import about_of
from app.estimates.model import Milestone
from app.kit.forms import read
from app.kit.htmx import page
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.model import Organization, Role


@bp.get("/motions/<name>")
@only(ANYONE)
def motion(name: str) -> Any:
    """What the backers are asked, until when, how many answered, and what the reader may say."""
    asked = find(Motion, name)
    campaign = g.db.get_one(Campaign, asked.campaign_id)
    actor: Actor | None = g.get("actor")
    voices = motions.voices_of(g.db, asked)
    stakes = motions.stakes_now(g.db, campaign, asked)
    own = next((v for v in voices if actor and v.organization_id == actor.organization.id), None)
    is_open = asked.state == MotionState.OPEN and at() < asked.ends_at
    maintainer = g.db.get_one(Organization, motions.maintainer_of(g.db, campaign))
    is_maintainer = bool(actor and actor.organization.id == maintainer.id and actor.has(Role.MEMBER))
    return render_template(
        "campaigns/motion.html", motion=asked, campaign=campaign, own=own, is_open=is_open, maintainer=maintainer,
        milestone=g.db.get_one(Milestone, asked.milestone_id) if asked.milestone_id else None,
        about=about_of(g.db, campaign, asked),
        asker=_asker(asked, maintainer),
        yes=sum(v.is_yes for v in voices), no=sum(not v.is_yes for v in voices), asked=len(stakes),
        may_speak=is_open and own is None
        and bool(actor and actor.organization.id in stakes and actor.has(*motions.SPEAKERS)),
        may_agree=is_open and is_maintainer and asked.needs_maintainer and not asked.maintainer_agreed_at,
        may_withdraw=is_open and bool(actor and actor.organization.id == asked.organization_id)
        and bool(actor and actor.has(*motions.SPEAKERS, Role.MEMBER)),
    )  # fmt: skip


def _asker(asked: Motion, maintainer: Organization) -> str:
    """Who asks, as everybody may read it: the maintainer by name, a backer without."""
    if asked.organization_id is None:
        return ""
    return maintainer.name if asked.organization_id == maintainer.id else _("A backer")


@bp.post("/motions/<name>/voice")
@only(*motions.SPEAKERS)
@refusals_on("campaigns.motion")
def speak(name: str) -> Any:
    """A backer says yes or no."""
    form = read(VoiceForm)
    motions.speak(
        g.db, find(Motion, name), is_yes=form.answer == "yes", reason=form.reason, by=acting(), at=at()
    )
    say(_("Your answer counts."))
    return redirect(url_for(".motion", name=name), 303)


@bp.post("/motions/<name>/agreement")
@only(Role.MEMBER)
@refusals_on("campaigns.motion")
def agree(name: str) -> Any:
    """The maintainer says yes."""
    motions.agree(g.db, find(Motion, name), by=acting(), at=at())
    say(_("Your answer counts."))
    return redirect(url_for(".motion", name=name), 303)


@bp.post("/motions/<name>/withdrawal")
@only(*motions.SPEAKERS, Role.MEMBER)
@refusals_on("campaigns.motion")
def withdraw_motion(name: str) -> Any:
    """Who asked takes it back."""
    motions.withdraw(g.db, find(Motion, name), by=acting(), at=at())
    say(_("Taken back: nobody is asked any more."))
    return redirect(url_for(".motion", name=name), 303)


@bp.post("/campaigns/<name>/motions")
@only(*motions.SPEAKERS)
@refusals_on("campaigns.show")
def propose_stop(name: str) -> Any:
    """A backer asks the others to stop the campaign."""
    asked = stopping.propose_stop(
        g.db, visible_campaign(name), reason=read(MotionForm).motion_reason, by=acting(), at=at()
    )
    say(_("The other backers are asked. Your own answer is yes."))
    return redirect(url_for(".motion", name=asked.public_id), 303)


@bp.get("/motions/of-campaign/<name>")
@only(ANYONE)
def motions_of_campaign(name: str) -> Any:
    """What the backers of a campaign are asked and were asked: a part of its page."""
    campaign = visible_campaign(name)
    actor: Actor | None = g.get("actor")
    may_stop = (
        campaign.secured_at is not None and campaign.ended_at is None
        and bool(actor and actor.has(*motions.SPEAKERS) and actor.organization.id in stakes_of(g.db, campaign))
        and motions.open_motion(g.db, campaign, MotionKind.STOP) is None
    )  # fmt: skip
    rows = [(asked, about_of(g.db, campaign, asked)) for asked in motions.all_of(g.db, campaign)]
    return page("campaigns/motions.html", block="piece", campaign=campaign, rows=rows, may_stop=may_stop)
