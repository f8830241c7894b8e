"""Grants and work in plain sentences: the rule of a grant, and the work order that is signed."""

from sqlmodel import Session

from app.campaigns.in_kind import QUARTERS
from app.campaigns.in_kind_model import InKindContribution, InKindState
from app.campaigns.matching_model import GrantState, MatchingGrant
from app.campaigns.model import Campaign
from app.estimates.model import Estimate, Milestone
from app.kit.money import Money
from app.kit.words import N_, _, language, ngettext, percent
from app.people.model import Organization

GRANT_WORDS = {
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
