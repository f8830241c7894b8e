"""Grants and work in plain sentences: the rule of a grant, and the work order that is signed."""

from sqlmodel import Session, col, select

from app.campaigns.in_kind import QUARTERS
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.matching_model import GrantScope, GrantState, MatchingGrant
from app.campaigns.model import Campaign
from app.catalogue.model import Software
from app.estimates.model import Estimate, Milestone
from app.kit.money import Money
from app.kit.words import N_, _, language, ngettext, percent
from app.needs.model import Need
from app.people.model import Operator, Organization

GRANT_WORDS = {
    GrantState.PREPARED: (N_("Waits for a signature"), "waits"),
    GrantState.REFUSED: (N_("Not signed"), "hollow"),
    GrantState.LAPSED: (N_("Ended by itself"), "hollow"),
    GrantState.OFFERED: (N_("Offered"), "waits"),
    GrantState.ACTIVE: (N_("Matches now"), "open"),
    GrantState.EXHAUSTED: (N_("All promised"), "done"),
    GrantState.CLOSED: (N_("Closed"), "hollow"),
}

WORK_WORDS = {
    InKindState.OFFERED: (N_("Offered"), "waits"),
    InKindState.VALUED: (N_("To be agreed"), "waits"),
    InKindState.AGREED: (N_("Agreed"), "open"),
    InKindState.HANDED_OVER: (N_("Handed over"), "waits"),
    InKindState.RENDERED: (N_("Done"), "done"),
    InKindState.DECLINED: (N_("Declined"), "hollow"),
    InKindState.LAPSED: (N_("Ended by itself"), "hollow"),
    InKindState.DEFAULTED: (N_("Not done in time"), "bad"),
}


def grant_sentences(grant: MatchingGrant, giver: str) -> list[str]:
    """The rule of a grant, a sentence a condition."""
    money = grant.currency
    said = [
        _("%(giver)s adds %(factor)s of what a company pledges, when it signs, as long as something is left.",
          giver=giver, factor=percent(grant.factor_basis_points)),
    ]  # fmt: skip
    if grant.most_per_pledge_cents:
        said.append(_("At most %(most)s for one pledge.", most=Money(grant.most_per_pledge_cents, money)))
    if grant.most_per_organization_cents:
        said.append(
            _("At most %(most)s for one organization.", most=Money(grant.most_per_organization_cents, money))
        )
    if grant.after_backers > 1:
        said.append(ngettext(
            "Only once %(num)s organization has signed; who signed before is not matched.",
            "Only once %(num)s organizations have signed; who signed before is not matched.", grant.after_backers,
        ))  # fmt: skip
    if grant.countries:
        said.append(_("Only organizations of these countries: %(countries)s.", countries=grant.countries))
    if grant.most_public_basis_points < 10_000:
        said.append(_("Public money together pays at most %(most)s of an estimate.",
                      most=percent(grant.most_public_basis_points)))  # fmt: skip
    said.append(_("Pledges of public bodies are not matched. A match is fixed at the signature, never grows, has no "
                  "vote, and ends with the pledge it follows."))  # fmt: skip
    return said


def scope_names(db: Session, grant: MatchingGrant) -> list[str]:
    """The software and the needs a grant is for, by name; none where it is for all."""
    software = select(Software.name).join(GrantScope, col(GrantScope.software_id) == col(Software.id))
    needs = select(Need.title).join(GrantScope, col(GrantScope.need_id) == col(Need.id))
    titles = db.exec(needs.where(GrantScope.grant_id == grant.id).order_by(col(Need.title)))
    return [
        *db.exec(software.where(GrantScope.grant_id == grant.id).order_by(col(Software.name))),
        *(_("the need “%(title)s”", title=title) for title in titles),
    ]


def grant_text(db: Session, grant: MatchingGrant) -> str:
    """What binds who gives a grant, in the reader's language: written down by one, signed word for word by another."""
    giver = db.get_one(Organization, grant.organization_id)
    operator = db.get_one(Organization, db.exec(select(Operator)).one().organization_id).name
    named = f"{giver.name} ({giver.registration_number})" if giver.registration_number else giver.name
    names = ", ".join(scope_names(db, grant))
    paid = _(
        "Its part of a milestone is called once the milestone is accepted; until then it is a firm commitment.",
    ) if grant.is_after_acceptance else _(
        "What is paid is held apart for %(giver)s, released milestone by milestone when it is accepted, and what is "
        "still held at the end goes back.", giver=giver.name,
    )  # fmt: skip
    paragraphs = [
        _("%(giver)s gives the matching grant “%(title)s”, number %(number)s: at most %(total)s excluding VAT in all, "
          "added to what others pledge here.",
          giver=named, title=grant.title, number=grant.reference, total=Money(grant.total_cents, grant.currency)),
        *grant_sentences(grant, giver.name),
        *([_("Only for %(names)s.", names=names)] if names else []),
        _("It matches a campaign only once its maintainer has declared what other public money it receives for the "
          "same work, and never if this one is among it."),
        _("Until %(day)s.", day=grant.valid_until) if grant.valid_until else _("Until all of it is promised."),
        _("Each match is called with its VAT and the fee of its campaign, like a pledge.") + " " + paid,
        _("%(operator)s reads this rule before it matches anything. %(giver)s may close the grant at any time; what it "
          "matched until then stands.", operator=operator, giver=giver.name),
    ]  # fmt: skip
    return "\n\n".join(paragraphs)


def days_text(quarter_days: int) -> str:
    """Days as people write them: 12, 2.5."""
    whole, quarters = divmod(quarter_days, QUARTERS)
    point = "," if language() == "fr" else "."
    return f"{whole}{('', f'{point}25', f'{point}5', f'{point}75')[quarters]}"


def order_text(db: Session, contribution: InKindContribution) -> str:
    """The work order, in the reader's language: what is signed, word for word."""
    campaign = db.get_one(Campaign, contribution.campaign_id)
    milestone = db.get_one(Milestone, contribution.milestone_id)
    seller = db.get_one(Organization, db.get_one(Estimate, campaign.estimate_id).organization_id).name
    worker = db.get_one(Organization, contribution.organization_id).name
    paragraphs = [
        _("%(worker)s works %(days)s days for milestone %(number)s, “%(title)s”, of %(seller)s, and hands the work "
          "over by the end of %(day)s.",
          worker=worker, days=days_text(contribution.quarter_days), number=milestone.number, title=milestone.title,
          seller=seller, day=contribution.due_on),
        contribution.what,
        _("The work is offered at %(rate)s a day, for at most %(ceiling)s. %(seller)s values it at %(value)s: by so "
          "much less is this milestone called in money. Nothing is paid for it, and it gives no vote.",
          rate=Money(contribution.day_rate_cents, campaign.currency),
          ceiling=Money(contribution.ceiling_cents, campaign.currency), seller=seller,
          value=Money(contribution.value_cents, campaign.currency)),
        _("%(worker)s keeps a time sheet. %(seller)s accepts it or says what is missing within %(days)s business "
          "days; then silence counts as accepting.", worker=worker, seller=seller, days=campaign.review_days),
        _("Work that is not handed over in time is a default, like a call that is not paid: the fund gives more days "
          "or stops the campaign, with a reason everyone can read."),
        _("If the campaign is not secured, or this milestone is not financed, this order ends by itself."),
    ]  # fmt: skip
    return "\n\n".join(paragraphs)
