"""The doors of a campaign in preparation: drafted for an approved estimate, its rules chosen before it opens."""

from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col, or_, select

from app.campaigns import forms, round_rules, rules, wording_rules
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.model import Campaign, CampaignState
from app.estimates.model import Estimate, EstimateState
from app.kit.forms import read
from app.kit.rules import Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _, local_day
from app.needs.model import Endorsement, Need
from app.people.access import acting, at, only
from app.people.model import Kind, Operator, Organization, OrganizationState, Role
from app.roadmap.model import Answer, RoadmapItem


@bp.get("/campaigns/new")
@only(Role.OFFICER)
def new() -> Any:
    """The form of a new campaign, for an approved estimate."""
    estimate = find(Estimate, request.args.get("estimate", ""))
    if estimate.state != EstimateState.APPROVED:
        raise Missing
    made = g.db.exec(select(Campaign).where(Campaign.estimate_id == estimate.id)).first()
    if made:
        return redirect(url_for(".show", name=made.public_id), 303)
    milestones = rules.milestones_of(g.db, estimate.id)
    return render_template(
        "campaigns/new.html",
        estimate=estimate,
        item=g.db.get_one(RoadmapItem, estimate.item_id),
        maintainer=g.db.get_one(Organization, estimate.organization_id),
        milestones=milestones,
        tranches=[(n, _("Tranche %(number)s", number=n)) for n in range(1, len(milestones) + 1)],
        earliest=local_day(at()) + timedelta(days=1),
        usual_fee=g.db.exec(select(Operator)).one().fee_basis_points,
        **_choices(estimate),
    )


def _choices(estimate: Estimate) -> dict[str, Any]:
    """What the fund may choose between, in words."""
    return {
        "leads": [(lead.public_id, lead.name) for lead in _leads(estimate)],
        "keys": [(value, _(word)) for value, word in wording_rules.KEY_WORDS.items()],
        "bindings": [(value, _(word)) for value, word in wording_rules.BINDING_WORDS.items()],
        "defaults": [(value, _(word)) for value, word in wording_rules.DEFAULT_WORDS.items()],
    }


def _leads(estimate: Estimate) -> list[Organization]:
    """Who may lead: those who said that they miss this."""
    needs = select(col(Answer.need_id)).where(Answer.item_id == estimate.item_id)
    missing_it = or_(
        col(Organization.id).in_(select(col(Need.organization_id)).where(col(Need.id).in_(needs))),
        col(Organization.id).in_(
            select(col(Endorsement.organization_id)).where(col(Endorsement.need_id).in_(needs))
        ),
    )
    query = select(Organization).where(
        missing_it, Organization.kind == Kind.CORPORATE, Organization.state == OrganizationState.VERIFIED
    )
    return list(g.db.exec(query.order_by(col(Organization.name))))


@bp.post("/campaigns/new")
@only(Role.OFFICER)
@refusals_on("campaigns.new")
def prepare() -> Any:
    """Draft a campaign."""
    form = read(forms.CampaignForm, ignore="tranche-")
    campaign = rules.prepare(
        g.db, find(Estimate, request.args.get("estimate", "")), deadline_on=form.deadline_on,
        tranches=forms.read_tranches(), chosen=form.chosen(), by=acting(), at=at(),
    )  # fmt: skip
    say(_("The campaign is prepared. Nobody can pledge before you open it."))
    return redirect(url_for(".show", name=campaign.public_id), 303)


@bp.get("/campaigns/<name>/rules")
@only(Role.OFFICER)
def rules_page(name: str) -> Any:
    """The rules of a draft, to be chosen anew before it opens."""
    campaign = visible_campaign(name)
    if campaign.state != CampaignState.DRAFT:
        return redirect(url_for(".show", name=name, _anchor="rules"), 303)
    estimate = g.db.get_one(Estimate, campaign.estimate_id)
    chosen = round_rules.rules_of(g.db, campaign)
    return render_template(
        "campaigns/rules.html",
        campaign=campaign,
        chosen=chosen,
        lead=g.db.get(Organization, chosen.lead_id) if chosen.lead_id else None,
        usual_fee=campaign.fee_basis_points,
        **_choices(estimate),
    )


@bp.post("/campaigns/<name>/rules")
@only(Role.OFFICER)
@refusals_on("campaigns.rules_page")
def choose_rules(name: str) -> Any:
    """Choose the rules of a draft anew."""
    round_rules.choose(g.db, visible_campaign(name), read(forms.RulesForm).chosen(), by=acting(), at=at())
    say(_("The rules are chosen. They are frozen once the campaign opens."))
    return redirect(url_for(".show", name=name, _anchor="rules"), 303)
