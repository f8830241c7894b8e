"""The doors of work that counts instead of money: offered, valued, agreed, done and accepted."""

from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, url_for
from sqlmodel import col, select

from app.campaigns import forms, forms_backing, in_kind, rules, wording_backing, work
from app.campaigns.doors import bp, visible_campaign
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.model import Campaign, CampaignState
from app.campaigns.progress import maintainer_of
from app.campaigns.round_rules import rules_of
from app.estimates.model import Milestone
from app.kit.forms import currency, read
from app.kit.money import portion
from app.kit.rules import Conflict, Missing
from app.kit.web import find, refusals_on, say
from app.kit.words import _, local_day
from app.people.access import SIGNED_IN, acting, at, only
from app.people.model import Kind, Organization, Role


@bp.get("/campaigns/<name>/work")
@only(SIGNED_IN)
def work_of_campaign(name: str) -> Any:
    """The work offered to a campaign: one's own, or all of it for the maintainer and the fund; and the form."""
    campaign = visible_campaign(name)
    by = acting()
    sees_all = by.sees_everything or by.organization.id == maintainer_of(g.db, campaign).id
    query = (
        select(InKindContribution, Milestone, Organization)
        .join(Milestone, col(Milestone.id) == col(InKindContribution.milestone_id))
        .join(Organization, col(Organization.id) == col(InKindContribution.organization_id))
        .where(InKindContribution.campaign_id == campaign.id)
        .order_by(col(InKindContribution.id))
    )
    if not sees_all:
        query = query.where(InKindContribution.organization_id == by.organization.id)
    most = portion(campaign.minimum_cents, rules_of(g.db, campaign).in_kind_most_basis_points)
    is_open = campaign.state == CampaignState.OPEN and at() < campaign.deadline_at
    may_offer = by.has(Role.BUYER, Role.APPROVER) and by.organization.kind == Kind.CORPORATE
    return render_template(
        "campaigns/work_of_campaign.html",
        campaign=campaign,
        rows=list(g.db.exec(query)),
        words=wording_backing.WORK_WORDS,
        days_text=wording_backing.days_text,
        most=most,
        may_offer=may_offer and is_open and most > 0,
        milestones=[
            (one.public_id, f"{one.number}. {one.title}")
            for one in rules.milestones_of(g.db, campaign.estimate_id)
        ],
        earliest=local_day(at()) + timedelta(days=1),
        currency=currency.get(),
    )


@bp.post("/campaigns/<name>/work")
@only(Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.work_of_campaign")
def offer_work(name: str) -> Any:
    """Offer days of work."""
    campaign = visible_campaign(name)
    form = read(forms_backing.WorkForm)
    offered = in_kind.Offer(
        milestone_id=find(Milestone, form.milestone).id, what=form.what, quarter_days=form.days,
        day_rate_cents=form.rate, ceiling_cents=form.ceiling, due_on=form.due_on,
    )  # fmt: skip
    made = in_kind.offer(g.db, campaign, offered, by=acting(), at=at())
    say(_("The work is offered. It counts once the maintainer has valued it and you have signed its order."))
    return redirect(url_for(".one_work", name=made.public_id), 303)


def _visible(name: str) -> tuple[InKindContribution, Campaign]:
    """For its organization, its maintainer and the fund. Raises `Missing`."""
    found = find(InKindContribution, name)
    campaign = g.db.get_one(Campaign, found.campaign_id)
    ours = acting().organization.id
    if not acting().sees_everything and ours not in (found.organization_id, maintainer_of(g.db, campaign).id):
        raise Missing
    return found, campaign


def _own(name: str) -> InKindContribution:
    """For its own organization alone. Raises `Missing`."""
    found = find(InKindContribution, name)
    if found.organization_id != acting().organization.id:
        raise Missing
    return found


def _maker_s(name: str) -> InKindContribution:
    """For the maintainer it is done for alone. Raises `Missing`."""
    found, campaign = _visible(name)
    if maintainer_of(g.db, campaign).id != acting().organization.id:
        raise Missing
    return found


@bp.get("/work/<name>")
@only(SIGNED_IN)
def one_work(name: str) -> Any:
    """One contribution: what was offered, what is signed, the time sheet, and who acts next."""
    found, campaign = _visible(name)
    by = acting()
    is_own = found.organization_id == by.organization.id
    is_makers = maintainer_of(g.db, campaign).id == by.organization.id and by.has(Role.MEMBER)
    works = is_own and by.has(Role.MEMBER, Role.BUYER)
    is_open = campaign.state == CampaignState.OPEN and at() < campaign.deadline_at
    going_on = campaign.state == CampaignState.SECURED
    text = found.order_text or (wording_backing.order_text(g.db, found) if found.value_cents else "")
    undecided = found.state in (InKindState.OFFERED, InKindState.VALUED)
    return render_template(
        "campaigns/work.html",
        work=found,
        campaign=campaign,
        milestone=g.db.get_one(Milestone, found.milestone_id),
        worker=g.db.get_one(Organization, found.organization_id),
        maintainer=maintainer_of(g.db, campaign),
        words=wording_backing.WORK_WORDS,
        days_text=wording_backing.days_text,
        worth=min(found.ceiling_cents, in_kind.worth(found.quarter_days, found.day_rate_cents)),
        text=text,
        text_hash=found.order_hash or rules.text_hash(text),
        lines=work.lines_of(g.db, found),
        done=work.quarters_done(g.db, found),
        today=local_day(at()),
        may_value=is_makers and found.state == InKindState.OFFERED and is_open,
        may_decline=undecided and (is_makers or (is_own and by.has(Role.BUYER, Role.APPROVER))),
        may_agree=is_own
        and by.has(Role.BUYER, Role.APPROVER)
        and found.state == InKindState.VALUED
        and is_open,
        may_note=works and found.state == InKindState.AGREED and going_on,
        may_answer=is_makers and found.state == InKindState.HANDED_OVER,
        may_wait=by.is_fund and by.has(Role.OFFICER) and found.state == InKindState.DEFAULTED and going_on,
    )


@bp.post("/work/<name>/value")
@only(Role.MEMBER)
@refusals_on("campaigns.one_work")
def value_work(name: str) -> Any:
    """Say what it is worth."""
    found = _maker_s(name)
    in_kind.value(g.db, found, cents=read(forms_backing.ValueForm).value, by=acting(), at=at())
    say(_("The work is valued. It counts once its organization has signed the order."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/refusal")
@only(Role.MEMBER, Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.one_work")
def decline_work(name: str) -> Any:
    """Say no."""
    found, _campaign = _visible(name)
    if found.organization_id == acting().organization.id and not acting().has(Role.BUYER, Role.APPROVER):
        raise Missing
    in_kind.decline(g.db, found, reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("The offer is declined."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/signature")
@only(Role.BUYER, Role.APPROVER)
@refusals_on("campaigns.one_work")
def agree_on_work(name: str) -> Any:
    """Sign the work order that was read."""
    found = _own(name)
    text = wording_backing.order_text(g.db, found)
    if rules.text_hash(text) != read(forms_backing.OrderForm).text:
        raise Conflict("The words to be signed are not those you read: please read them again.")
    in_kind.agree(g.db, found, text=text, text_hash=rules.text_hash(text), by=acting(), at=at())
    say(_("The order is signed and the work counts. It lowers what its milestone costs in money."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/days")
@only(Role.MEMBER, Role.BUYER)
@refusals_on("campaigns.one_work")
def note_days(name: str) -> Any:
    """Write on the time sheet."""
    found = _own(name)
    form = read(forms_backing.SheetForm)
    work.note(
        g.db,
        found,
        worked_on=form.worked_on,
        quarter_days=form.days,
        what=form.what,
        by=acting(),
        at=at(),
    )
    return redirect(url_for(".one_work", name=name, _anchor="sheet"), 303)


@bp.post("/work/<name>/handing-over")
@only(Role.MEMBER, Role.BUYER)
@refusals_on("campaigns.one_work")
def hand_over_work(name: str) -> Any:
    """Hand the time sheet over."""
    work.hand_over(g.db, _own(name), by=acting(), at=at())
    say(_("The time sheet is handed over. The maintainer accepts it or says what is missing."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/acceptance")
@only(Role.MEMBER)
@refusals_on("campaigns.one_work")
def accept_work(name: str) -> Any:
    """Take the work."""
    work.accept(g.db, _maker_s(name), by=acting(), at=at())
    say(_("The work is accepted."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/return")
@only(Role.MEMBER)
@refusals_on("campaigns.one_work")
def send_work_back(name: str) -> Any:
    """Say what is missing."""
    found = _maker_s(name)
    work.send_back(g.db, found, reason=read(forms.ReasonForm).reason, by=acting(), at=at())
    say(_("The time sheet went back. The work goes on until its day."))
    return redirect(url_for(".one_work", name=name), 303)


@bp.post("/work/<name>/extension")
@only(Role.OFFICER)
@refusals_on("campaigns.one_work")
def wait_for_work(name: str) -> Any:
    """Give it more days."""
    found, _campaign = _visible(name)
    form = read(forms_backing.MoreDaysForm)
    work.wait_for(g.db, found, days=form.days, reason=form.reason, by=acting(), at=at())
    say(_("The work has more days."))
    return redirect(url_for(".one_work", name=name), 303)
