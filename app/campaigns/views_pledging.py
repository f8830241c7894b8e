"""The doors on the way to a pledge: joining, so that the key counts one, and writing the promise down."""

from typing import Any

from flask import g, redirect, render_template, url_for

from app.campaigns import forms, keys, pledges, wording
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.means import may_debit
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.progress import maintainer_of
from app.kit.forms import asked_amount, read
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import acting, at, only
from app.people.model import Role


def own_proposal(campaign: Campaign) -> keys.Proposal | None:
    """What the key proposes to the reader's organization now."""
    organization_id = acting().organization.id
    users = keys.users_of(g.db, campaign, organization_id)
    return keys.proposal_for(g.db, campaign, organization_id, users=users)


@bp.post("/campaigns/<name>/joining")
@only(Role.BUYER)
@refusals_on("campaigns.show")
def join(name: str) -> Any:
    """Say that one means to pledge: the key then counts with one."""
    form = read(forms.JoiningForm)
    keys.join(g.db, visible_campaign(name), size=form.size or 0, users=form.users or 0, by=acting(), at=at())
    say(_("The key counts with you now. This binds you to nothing."))
    return redirect(url_for(".show", name=name, _anchor="your-part"), 303)


@bp.post("/campaigns/<name>/leaving")
@only(Role.BUYER)
@refusals_on("campaigns.show")
def leave(name: str) -> Any:
    """Take it back."""
    keys.leave(g.db, visible_campaign(name), by=acting(), at=at())
    say(_("The key counts without you now."))
    return redirect(url_for(".show", name=name), 303)


@bp.get("/campaigns/<name>/pledging")
@only(Role.BUYER)
def pledging(name: str) -> Any:
    """The form of a promise: the amount, whether it is a purchase, the papers, who pays and who is named."""
    campaign = visible_campaign(name)
    others = [(other.public_id, other.name) for other in pledges.own_organizations(g.db, acting())]
    return render_template(
        "campaigns/pledging.html",
        campaign=campaign,
        is_open=campaign.state == CampaignState.OPEN and at() < campaign.deadline_at,
        maintainer=maintainer_of(g.db, campaign),
        proposal=own_proposal(campaign),
        amount=asked_amount("amount", form=url_for(".draft_pledge", name=name)),
        others=others,
        rails=wording.ways_to_pay(forms.rails(), by_bank_debit=may_debit(g.db)),
        publicity=[(value, _(word)) for value, word in wording.PUBLICITY_WORDS.items()],
    )


@bp.post("/campaigns/<name>/pledges")
@only(Role.BUYER)
@refusals_on("campaigns.pledging")
def draft_pledge(name: str) -> Any:
    """Write a promise down, to read it in full before signing."""
    pledge = pledges.draft(g.db, visible_campaign(name), forms.read_promise(), by=acting(), at=at())
    return redirect(url_for(".pledge", name=pledge.public_id), 303)
