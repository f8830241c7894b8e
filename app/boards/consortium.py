"""Who stands behind a campaign: who decides, who contributes, who pays and who runs it, as far as one may see."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Binding, Campaign, Pledge, Publicity
from app.campaigns.progress import backers, backings_of, maintainer_of
from app.campaigns.round_rules import lead_of, rules_of
from app.campaigns.wording_backing import days_text
from app.kit.words import _
from app.people.access import Actor
from app.people.model import Organization
from app.people.operator import fund_of


@dataclass
class Partner:
    """One organization and what it does here, in words; an empty list means that it does not."""

    name: str
    public_id: str = ""
    decides: list[str] = field(default_factory=list)
    contributes: list[str] = field(default_factory=list)
    pays: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)


def partners_of(db: Session, campaign: Campaign, actor: Actor | None) -> list[Partner]:
    """The fund, the maintainer, and everyone who backs it; who stays unnamed is one line of its own."""
    fund, maker = fund_of(db), maintainer_of(db, campaign)
    found: dict[str, Partner] = {
        fund.public_id: Partner(
            fund.name, fund.public_id, decides=[_("disputes, by two arbitrators without a tie")],
            runs=[_("opens the round, calls and holds the money, pays out")],
        ),
    }  # fmt: skip
    made = found.setdefault(maker.public_id, Partner(maker.name, maker.public_id))
    made.runs.append(_("builds and hands in the milestones"))
    _add_backers(db, campaign, actor, found)
    _add_workers(db, campaign, found)
    return list(found.values())


def _add_backers(db: Session, campaign: Campaign, actor: Actor | None, found: dict[str, Partner]) -> None:
    rows = {pledge.id: (pledge, organization) for pledge, organization in backings_of(db, campaign)}
    lead = lead_of(db, campaign) if rules_of(db, campaign).binding == Binding.LEAD else None
    for seen in backers(list(rows.values()), actor):
        pledge, organization = rows[seen.pledge_id]
        if seen.name is None:
            partner = found.setdefault(f"hidden {pledge.id}", Partner(_("An organization")))
        else:
            partner = found.setdefault(organization.public_id, Partner(seen.name, organization.public_id))
        _say(partner.contributes, _contribution(seen.is_match, seen.is_committed))
        if not seen.is_match:
            _say(partner.decides, _voice(lead, pledge))
        _say(partner.pays, _payment(db, pledge, names=seen.is_own or pledge.publicity == Publicity.FULL))


def _contribution(is_match: bool, is_committed: bool) -> str:
    if is_match:
        return _("a matching grant")
    return _("a firm commitment of a public body") if is_committed else _("a pledge")


def _voice(lead: int | None, pledge: Pledge) -> str:
    if lead is None:
        return _("accepts or refuses each milestone, and votes")
    return _("accepts or refuses for all, as lead") if pledge.organization_id == lead else _("votes")


def _payment(db: Session, pledge: Pledge, *, names: bool) -> str:
    if pledge.payer_id not in (None, pledge.organization_id) and names:
        return _("through %(name)s", name=db.get_one(Organization, pledge.payer_id).name)
    return _("after acceptance") if pledge.is_after_acceptance else _("when called, before the work starts")


def _add_workers(db: Session, campaign: Campaign, found: dict[str, Partner]) -> None:
    query = (
        select(InKindContribution, Organization)
        .join(Organization, col(Organization.id) == col(InKindContribution.organization_id))
        .where(InKindContribution.campaign_id == campaign.id, col(InKindContribution.does_count))
        .order_by(col(InKindContribution.id))
    )
    for work, organization in db.exec(query):
        partner = found.setdefault(organization.public_id, Partner(organization.name, organization.public_id))
        _say(partner.contributes, _("%(days)s days of work", days=days_text(work.quarter_days)))


def _say(said: list[str], words: str) -> None:
    if words not in said:
        said.append(words)
