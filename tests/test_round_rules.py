"""The rules of a round: chosen while it is prepared, frozen when it opens, said to everyone who signs."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from app.campaigns import pledges, round_rules, rules
from app.campaigns.model import Binding, Campaign, OnDefault, ShareKey
from app.campaigns.round_rules import Chosen
from app.campaigns.wording import promise_text, terms_of
from app.kit.rules import Conflict, Refused
from app.kit.words import use_language
from tests import cast as c

pytestmark = pytest.mark.long_story

EVERYTHING = {
    "collection_days": 21, "review_days": 15, "fee_basis_points": 250, "share_key": ShareKey.BY_USERS,
    "in_kind_most_basis_points": 2000, "binding": Binding.MONEY, "lead_has_veto": True, "quorum_basis_points": 6000,
    "retention_basis_points": 1000, "is_cascade": True, "on_default": OnDefault.TOP_UP, "default_days": 12,
}  # fmt: skip


def drafted(db: Session, cast: c.Cast, **chosen: Any) -> Campaign:
    estimate = c.estimate_approved(db, cast)
    return rules.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=Chosen(**chosen), by=cast.officer, at=c.NOW
    )


def promised(db: Session, campaign: Campaign, buyer: c.Actor) -> str:
    pledge = pledges.draft(db, campaign, pledges.Promise(100_000), by=buyer, at=c.NOW)
    with use_language("en", "Europe/Paris"):
        return promise_text(terms_of(db, pledge))


@pytest.mark.on_both
def test_every_rule_is_printed_in_what_a_backer_signs(db: Session) -> None:
    cast = c.settle(db)
    lead = cast.buyers[0].organization
    campaign = drafted(db, cast, **EVERYTHING, lead_id=lead.id)
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    text = promised(db, campaign, cast.buyers[1])
    for said in (
        "number of users of each backer", "at most 20% of the minimum", f"Nothing is accepted against {lead.name}",
        "backers with 60% of its price", "10% of each accepted part is kept back", "the next tranche is called only",
        "taken over within 12 days", "within 21 days", "after 15 business days", "2.5% of the price",
    ):  # fmt: skip
        assert said.lower() in text.lower(), said


@pytest.mark.parametrize("binding", list(Binding))
@pytest.mark.parametrize("on_default", list(OnDefault))
def test_each_way_to_accept_and_to_default_has_its_sentence(
    db: Session, binding: Binding, on_default: OnDefault
) -> None:
    cast = c.settle(db)
    campaign = drafted(
        db,
        cast,
        binding=binding,
        on_default=on_default,
        lead_id=cast.buyers[0].organization.id,
        default_days=7,
    )
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    text = promised(db, campaign, cast.buyers[1])
    assert ("one voice each" in text, "for all backers" in text) == (binding == "heads", binding == "lead")
    assert ("7 days" in text) == (on_default != OnDefault.FUND)


def test_rules_change_while_prepared_and_never_after(db: Session) -> None:
    cast = c.settle(db)
    campaign = drafted(db, cast)
    round_rules.choose(db, campaign, Chosen(retention_basis_points=500), by=cast.officer, at=c.NOW)
    assert round_rules.rules_of(db, campaign).retention_basis_points == 500
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    with pytest.raises(Conflict, match="frozen"):
        round_rules.choose(db, campaign, Chosen(), by=cast.officer, at=c.NOW)
    assert round_rules.rules_of(db, campaign).retention_basis_points == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"collection_days": 4}, {"review_days": 2}, {"default_days": 0}, {"fee_basis_points": 2501},
        {"retention_basis_points": 3001}, {"in_kind_most_basis_points": 10_001}, {"quorum_basis_points": 10_001},
        {"binding": "lead"}, {"lead_has_veto": True}, {"share_key": "by moon"},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_kept_are_refused_beside_their_field(db: Session, wrong: dict[str, Any]) -> None:
    cast = c.settle(db)
    with pytest.raises(Refused) as refusal:
        drafted(db, cast, **wrong)
    assert refusal.value.field


def test_the_maintainer_leads_no_round_of_its_own(db: Session) -> None:
    cast = c.settle(db)
    with pytest.raises(Refused, match="that buys can lead"):
        drafted(db, cast, lead_id=cast.maker.organization.id)


def test_where_the_lead_has_not_signed_the_largest_pledge_leads(db: Session) -> None:
    cast = c.settle(db)
    lead, second, third = cast.buyers
    campaign = drafted(db, cast, binding=Binding.LEAD, lead_id=lead.organization.id)
    rules.open_round(db, campaign, by=cast.officer, at=c.NOW)
    assert round_rules.lead_of(db, campaign) is None
    c.pledge(db, campaign, second, 100_000)
    c.pledge(db, campaign, third, 60_000)
    c.pledge(db, campaign, third, 60_000)
    assert round_rules.lead_of(db, campaign) == third.organization.id
    c.pledge(db, campaign, lead, 1)
    assert round_rules.lead_of(db, campaign) == lead.organization.id


def test_a_round_without_rules_of_its_own_has_the_plainest(db: Session) -> None:
    found = round_rules.rules_of(db, Campaign(id=999_999, drafted_at=c.NOW, deadline_on=date(2027, 1, 1)))
    assert (found.share_key, found.binding, found.on_default) == ("free", "money", "fund decides")
