"""The doors of matching grants: prepared, signed by another, activated, closed; and other public money, declared."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, or_, select

from app.campaigns import forms, forms_backing, grants, matching, wording_backing
from app.campaigns.disclosure import FEWEST
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.limits import approvers_of
from app.campaigns.matching_model import GrantState, MatchingGrant
from app.campaigns.model import Campaign, Pledge, PledgeState, Publicity
from app.campaigns.progress import maintainer_of
from app.catalogue.model import Software
from app.kit.forms import currency, read
from app.kit.rules import Conflict, Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _
from app.needs.model import Need, NeedState
from app.people.access import ANYONE, Actor, acting, at, only
from app.people.model import Organization, Person, Role

PAGE = 30


@bp.get("/matching")
@only(ANYONE)
def grant_list() -> Any:
    """The matching grants, newest first; those not active yet for who gives them and the fund."""
    query = (
        select(MatchingGrant, Organization)
        .join(Organization, col(Organization.id) == col(MatchingGrant.organization_id))
        .where(_may_be_seen())
        .order_by(col(MatchingGrant.id).desc())
        .limit(PAGE + 1)
    )
    if after := request.args.get("after"):
        last = select(MatchingGrant.id).where(MatchingGrant.public_id == after).scalar_subquery()
        query = query.where(MatchingGrant.id < last)
    found = list(g.db.exec(query))
    rows = found[:PAGE]
    actor: Actor | None = g.get("actor")
    return render_template(
        "campaigns/grants.html",
        rows=rows,
        words=wording_backing.GRANT_WORDS,
        left={grant.id: _left(grant) for grant, _giver in rows},
        may_offer=bool(actor and actor.has(Role.BUYER, Role.APPROVER)),
        next_url=url_for(".grant_list", after=rows[-1][0].public_id) if len(found) > PAGE else None,
    )


def _may_be_seen() -> Any:
    actor: Actor | None = g.get("actor")
    if actor and actor.sees_everything:
        return col(MatchingGrant.id).is_not(None)
    was_active = col(MatchingGrant.activated_at).is_not(None)
    return or_(was_active, MatchingGrant.organization_id == actor.organization.id) if actor else was_active


def _left(grant: MatchingGrant) -> int | None:
    """What the grant has left; None where it would tell what a backer keeps to itself."""
    actor: Actor | None = g.get("actor")
    if actor and (actor.sees_everything or actor.organization.id == grant.organization_id):
        return grant.total_cents - grant.reserved_cents
    hidden = set(g.db.exec(select(Pledge.followed_id).where(
        Pledge.grant_id == grant.id, Pledge.state == PledgeState.SIGNED, Pledge.publicity != Publicity.FULL
    )))  # fmt: skip
    return None if 0 < len(hidden) < FEWEST else grant.total_cents - grant.reserved_cents


@bp.get("/matching/new")
@only(Role.BUYER, Role.APPROVER)
def new_grant() -> Any:
    """The form of a matching grant."""
    software = g.db.exec(select(Software).order_by(col(Software.name)).limit(200))
    needs = g.db.exec(
        select(Need).where(Need.state == NeedState.PUBLISHED).order_by(col(Need.id).desc()).limit(200)
    )
    return render_template(
        "campaigns/new_grant.html",
        software=[(one.public_id, one.name) for one in software],
        needs=[(one.public_id, one.title) for one in needs],
        currency=currency.get(),
    )


@bp.post("/matching/new")
@only(Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.new_grant")
def prepare_grant() -> Any:
    """Write it down; another person signs it, then the fund reads the rule before it matches anything."""
    form = read(forms_backing.GrantForm)
    terms = form.terms(forms.rails()[0])
    grant = grants.prepare(g.db, terms, words=wording_backing.grant_text, by=acting(), at=at())
    say(
        _(
            "The grant is written down. It binds nobody until another approver of your organization has signed it."
        )
    )
    return redirect(url_for(".grant", name=grant.public_id), 303)


def _visible(name: str) -> MatchingGrant:
    grant = find(MatchingGrant, name)
    actor: Actor | None = g.get("actor")
    is_own = actor is not None and (actor.sees_everything or actor.organization.id == grant.organization_id)
    if grant.activated_at is None and not is_own:
        raise Missing
    return grant


@bp.get("/matching/<name>")
@only(ANYONE)
def grant(name: str) -> Any:
    """One grant: its rule in sentences, what is left, what it is for."""
    found = _visible(name)
    giver = g.db.get_one(Organization, found.organization_id)
    actor: Actor | None = g.get("actor")
    campaigns = g.db.exec(
        select(Campaign).where(col(Campaign.id).in_(
            select(col(Pledge.campaign_id)).where(Pledge.grant_id == found.id)
        )).order_by(col(Campaign.id).desc()).limit(PAGE)
    )  # fmt: skip
    is_officer = bool(actor and actor.is_fund and actor.has(Role.OFFICER))
    is_giver = bool(actor and actor.organization.id == giver.id and actor.has(Role.APPROVER))
    is_going_on = found.state in (GrantState.OFFERED, GrantState.ACTIVE, GrantState.EXHAUSTED)
    return render_template(
        "campaigns/grant.html",
        grant=found,
        giver=giver,
        words=wording_backing.GRANT_WORDS,
        sentences=wording_backing.grant_sentences(found, giver.name),
        left=_left(found),
        meant_for=wording_backing.scope_names(g.db, found),
        campaigns=list(campaigns),
        may_activate=is_officer and found.state == GrantState.OFFERED,
        may_close=(is_officer or is_giver) and is_going_on,
        **_signing(found, giver),
    )


def _signing(found: MatchingGrant, giver: Organization) -> dict[str, Any]:
    """Whose names stand under the text, and who may sign it; told to who gives it and to the fund."""
    actor: Actor | None = g.get("actor")
    is_own = actor is not None and actor.organization.id == giver.id
    if actor is None or not (is_own or actor.sees_everything):
        return {"text": ""}
    is_waiting = is_own and found.state == GrantState.PREPARED
    is_mine = found.offered_by_id == actor.person.id
    return {
        "text": found.signed_text,
        "prepared_by": g.db.get_one(Person, found.offered_by_id),
        "signed_by": g.db.get(Person, found.signed_by_id) if found.signed_by_id else None,
        "may_sign": is_waiting and actor.has(Role.APPROVER) and not is_mine,
        "may_take_back": is_waiting and is_mine and actor.has(Role.BUYER, Role.APPROVER),
        "approvers": approvers_of(g.db, giver.id, but=found.offered_by_id) if is_waiting else [],
    }


@bp.post("/matching/<name>/signature")
@only(Role.APPROVER)
@refusals_on("campaigns.grant")
def sign_grant(name: str) -> Any:
    """Sign exactly the words a colleague wrote down."""
    found = _visible(name)
    if read(forms.SignatureForm).text != found.signed_hash:
        raise Conflict("The words to be signed are not those you read: please read them again.")
    grants.sign(g.db, found, by=acting(), at=at())
    say(_("The grant is signed and offered. It matches nothing until the fund has read its rule."))
    return redirect(url_for(".grant", name=name), 303)


@bp.post("/matching/<name>/refusal")
@only(Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.grant")
def refuse_grant(name: str) -> Any:
    """Decline to sign a colleague's grant, or take one's own back."""
    grants.refuse(g.db, _visible(name), reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("The grant is not signed. It has ended and binds nobody."))
    return redirect(url_for(".grant", name=name), 303)


@bp.post("/matching/<name>/activation")
@only(Role.OFFICER)
@refusals_on("campaigns.grant")
def activate_grant(name: str) -> Any:
    """Let it match pledges from now on."""
    grants.activate(g.db, _visible(name), by=acting(), at=at())
    say(_("The grant matches pledges that are signed from now on."))
    return redirect(url_for(".grant", name=name), 303)


@bp.post("/matching/<name>/closing")
@only(Role.OFFICER, Role.APPROVER)
@refusals_on("campaigns.grant")
def close_grant(name: str) -> Any:
    """Match nothing more."""
    found = _visible(name)
    if not acting().is_fund and found.organization_id != acting().organization.id:
        raise Missing
    grants.close(g.db, found, reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("The grant is closed. What it matched stands."))
    return redirect(url_for(".grant", name=name), 303)


@bp.post("/campaigns/<name>/public-money")
@only(Role.MEMBER, Role.ADMIN)
@refusals_on("campaigns.show")
def declare_public_money(name: str) -> Any:
    """The maintainer declares other public money for this work, or that there is none."""
    campaign = visible_campaign(name)
    if maintainer_of(g.db, campaign).id != acting().organization.id:
        raise Missing
    form = read(forms_backing.DeclarationForm)
    grants.declare(
        g.db, campaign, amount_cents=form.amount or 0, source=form.source, reference=form.reference,
        by=acting(), at=at(),
    )  # fmt: skip
    say(_("It is declared, and everyone can read it."))
    return redirect(url_for(".show", name=name, _anchor="matching"), 303)


def of_campaign(campaign: Campaign) -> dict[str, Any]:
    """What the page of a campaign says about grants and other public money."""
    found = [
        grant
        for grant in g.db.exec(
            select(MatchingGrant)
            .where(MatchingGrant.state == GrantState.ACTIVE, col(MatchingGrant.signed_by_id).is_not(None))
            .order_by(col(MatchingGrant.id))
        )
        if grant.currency == campaign.currency and matching.is_for(g.db, campaign, grant)
    ]
    return {
        "grants": [
            (
                grant,
                wording_backing.grant_sentences(
                    grant, g.db.get_one(Organization, grant.organization_id).name
                )[0],
            )
            for grant in found
        ],
        "declared": matching.declarations_of(g.db, campaign),
    }
