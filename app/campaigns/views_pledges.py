"""The doors of pledges: drafted, read, signed or sent to an approver, taken back; and the list of one's own."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, func, select

from app.campaigns import forms, limits, matching, pledges, rules, wording
from app.campaigns.doors import bp, own_pledge, visible_pledge
from app.campaigns.forecast import foresee_pledge
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.means import pulls
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState
from app.kit.forms import currency, read
from app.kit.money import Cents
from app.kit.rules import Conflict
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.people.access import SIGNED_IN, acting, at, only
from app.people.model import Organization, Person, Role

PAGE = 50


@bp.get("/pledges")
@only(SIGNED_IN)
def pledge_list() -> Any:
    """The pledges of one's organization, newest first; all of them for the fund."""
    sees_all = acting().sees_everything
    query = (
        select(Pledge, Campaign, Organization)
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .join(Organization, col(Organization.id) == col(Pledge.organization_id))
        .order_by(col(Pledge.id).desc())
        .limit(PAGE + 1)
    )
    if not sees_all:
        query = query.where(Pledge.organization_id == acting().organization.id)
    if after := request.args.get("after"):
        query = query.where(Pledge.id < select(Pledge.id).where(Pledge.public_id == after).scalar_subquery())
    found = list(g.db.exec(query))
    rows = found[:PAGE]
    return render_template(
        "campaigns/pledges.html",
        rows=rows,
        sees_all=sees_all,
        totals=None if sees_all else _totals(),
        currency=currency.get(),
        next_url=url_for(".pledge_list", after=rows[-1][0].public_id) if len(found) > PAGE else None,
    )


def _totals() -> dict[str, Cents]:
    """What one's organization has signed, by how far its campaigns are, in cents."""
    query = (
        select(Campaign.state, func.sum(Pledge.amount_cents))
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .where(Pledge.organization_id == acting().organization.id, Pledge.state == PledgeState.SIGNED)
        .group_by(col(Campaign.state))
    )
    by_state = {state: int(cents) for state, cents in g.db.exec(query)}
    return {
        "open": by_state.get(CampaignState.OPEN, 0),
        "secured": by_state.get(CampaignState.SECURED, 0),
        "ended": by_state.get(CampaignState.COMPLETED, 0) + by_state.get(CampaignState.STOPPED, 0),
    }


@bp.get("/pledges/<name>")
@only(SIGNED_IN)
def pledge(name: str) -> Any:
    """One pledge: the words to be signed (or that were), what they mean in money, and who acts next."""
    found = visible_pledge(name)
    campaign = g.db.get_one(Campaign, found.campaign_id)
    is_match = found.follows_id is not None  # nobody signs a match: its rule stands on the page of its grant
    text = found.signed_text or ("" if is_match else wording.promise_text(wording.terms_of(g.db, found)))
    is_waiting = found.state in (PledgeState.DRAFTED, PledgeState.AWAITING_APPROVAL)
    return render_template(
        "campaigns/pledge.html",
        pledge=found,
        campaign=campaign,
        backer=g.db.get_one(Organization, found.organization_id),
        milestones=rules.milestones_of(g.db, campaign.estimate_id),
        lapse_words=wording.LAPSE_WORDS,
        publicity_words=wording.PUBLICITY_WORDS,
        paid_by=wording.paid_by(found),
        is_pulled=pulls(found)
        and acting().has(Role.BUYER, Role.FINANCE)
        and acting().organization.id in (found.organization_id, found.payer_id),
        text=text,
        matched=matching.followers(g.db, found),
        grant=g.db.get(MatchingGrant, found.grant_id) if found.grant_id else None,
        text_hash=found.signed_hash or rules.text_hash(text),
        forecast=foresee_pledge(g.db, found, at=at()) if is_waiting and _is_open(campaign) else None,
        is_open=_is_open(campaign),
        prepared_by=g.db.get_one(Person, found.prepared_by_id),
        payer=wording.name_of(g.db, found.payer_id),
        credit=wording.name_of(g.db, found.credit_id),
        signed_by=g.db.get(Person, found.signed_by_id) if found.signed_by_id else None,
        **_next_acts(found, campaign),
    )


def _is_open(campaign: Campaign) -> bool:
    return campaign.state == CampaignState.OPEN and at() < campaign.deadline_at


def _next_acts(found: Pledge, campaign: Campaign) -> dict[str, Any]:
    """What the reader may do here, and up to which limit."""
    by = acting()
    is_own = found.organization_id == by.organization.id
    is_mine = is_own and found.prepared_by_id == by.person.id and by.has(Role.BUYER)
    used = limits.signed_this_year(g.db, by, campaign.zone, at()) if is_mine else 0
    limit = by.limit_cents or 0
    return {
        "is_own": is_own,
        "may_sign": is_mine and found.state == PledgeState.DRAFTED and _is_open(campaign),
        "may_approve": (
            is_own and by.has(Role.APPROVER) and found.prepared_by_id != by.person.id
            and found.state == PledgeState.AWAITING_APPROVAL
        ),
        "may_withdraw": (
            is_own and by.has(Role.BUYER, Role.APPROVER) and found.state == PledgeState.SIGNED
            and _is_open(campaign) and found.follows_id is None
        ),
        "limit": limit,
        "used": used,
        "is_above": used + found.amount_cents > limit,
        "approvers": limits.approvers_of(g.db, found.organization_id, but=found.prepared_by_id) if is_own else [],
    }  # fmt: skip


@bp.post("/pledges/<name>/signature")
@only(Role.BUYER)
@refusals_on("campaigns.pledge")
def sign(name: str) -> Any:
    """Sign exactly the words that were read; above the limit they go to an approver."""
    found = own_pledge(name)
    form = read(forms.SignatureForm)
    text = found.signed_text or wording.promise_text(wording.terms_of(g.db, found))
    if rules.text_hash(text) != form.text:
        raise Conflict("The words to be signed are not those you read: please read them again.")
    signed = pledges.sign(g.db, found, text=text, by=acting(), at=at())
    if signed.state == PledgeState.AWAITING_APPROVAL:
        say(_("The pledge waits for an approver. It counts once it is signed."))
    else:
        say(_("The pledge is signed and counts from now on. Nothing is paid yet."))
    return redirect(url_for(".pledge", name=name), 303)


@bp.post("/pledges/<name>/approval")
@only(Role.APPROVER)
@refusals_on("campaigns.pledge")
def approve(name: str) -> Any:
    """Sign a colleague's pledge."""
    found = own_pledge(name)
    if read(forms.SignatureForm).text != found.signed_hash:
        raise Conflict("The words to be signed are not those you read: please read them again.")
    pledges.approve(g.db, found, by=acting(), at=at())
    say(_("The pledge is signed and counts from now on. Nothing is paid yet."))
    return redirect(url_for(".pledge", name=name), 303)


@bp.post("/pledges/<name>/refusal")
@only(Role.APPROVER)
@refusals_on("campaigns.pledge")
def refuse(name: str) -> Any:
    """Decline to sign a colleague's pledge."""
    pledges.refuse(g.db, own_pledge(name), reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("You declined to sign. The pledge has ended and counts for nothing."))
    return redirect(url_for(".pledge", name=name), 303)


@bp.post("/pledges/<name>/withdrawal")
@only(Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.pledge")
def withdraw(name: str) -> Any:
    """Take a signed pledge back while the campaign is open."""
    pledges.withdraw(g.db, own_pledge(name), reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("The pledge is withdrawn. Nothing will be called for it."))
    return redirect(url_for(".pledge", name=name), 303)
