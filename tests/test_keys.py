"""Cost-share keys: what they propose is exactly what remains, whatever the figures, and follows those who join."""

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.campaigns import keys, pledges, rules
from app.campaigns.keys import Standing, propose
from app.campaigns.model import Campaign, Pledge, ShareKey
from app.campaigns.round_rules import Chosen
from app.escrow import calls
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.people.model import Role, RoleGrant
from tests import cast as c
from tests.money_cast import visiting

STANDINGS = st.lists(
    st.builds(Standing, st.integers(0, 10**6), st.integers(0, 10**9) | st.just(0)), min_size=1, max_size=25
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([key for key in ShareKey if key != ShareKey.FREE]), st.integers(0, 10**10), STANDINGS)
def test_a_key_proposes_exactly_what_remains(key: str, target: int, backers: list[Standing]) -> None:
    proposed = propose(key, target, backers)
    assert sum(proposed) == max(0, target - sum(backer.signed_cents for backer in backers))
    assert all(cents >= 0 for cents in proposed)
    if any(not backer.signed_cents for backer in backers):
        assert not any(cents for cents, backer in zip(proposed, backers, strict=True) if backer.signed_cents)


def test_parts_follow_the_weights_to_the_cent() -> None:
    assert propose("equal", 1000, [Standing(9)] * 3) == [334, 333, 333]
    assert propose("by users", 1000, [Standing(1), Standing(2), Standing(0)]) == [333, 667, 0]
    assert propose("by size", 1000, [Standing(0), Standing(0)]) == [500, 500]


def opened(db: Session, cast: c.Cast, key: str) -> Campaign:
    estimate = c.estimate_approved(db, cast)
    campaign = rules.prepare(
        db, estimate, deadline_on=c.DEADLINE, chosen=Chosen(share_key=key), by=cast.officer, at=c.NOW
    )
    return rules.open_round(db, campaign, by=cast.officer, at=c.NOW)


def test_the_key_counts_anew_as_others_join_sign_and_leave(db: Session) -> None:
    cast = c.settle(db)
    campaign = opened(db, cast, ShareKey.EQUAL)
    one, two, three = cast.buyers

    def proposed(buyer: c.Actor) -> int:
        found = keys.proposal_for(db, campaign, buyer.organization.id)
        assert found is not None
        return found.cents

    assert proposed(one) == campaign.minimum_cents
    keys.join(db, campaign, size=0, users=0, by=two, at=c.NOW)
    keys.join(db, campaign, size=0, users=0, by=three, at=c.NOW)
    assert proposed(one) == campaign.minimum_cents // 3
    c.pledge(db, campaign, two, 1_000_000)
    remains = campaign.minimum_cents - 1_000_000
    assert (proposed(one), proposed(three)) == (remains // 2, remains)
    keys.leave(db, campaign, by=three, at=c.NOW)
    assert proposed(one) == campaign.minimum_cents - 1_000_000
    with pytest.raises(Conflict, match="has not joined"):
        keys.leave(db, campaign, by=three, at=c.NOW)


def test_a_key_by_users_asks_for_them_and_knows_those_named_with_the_need(db: Session) -> None:
    cast = c.settle(db)
    campaign = opened(db, cast, ShareKey.BY_USERS)
    with pytest.raises(Refused) as refusal:
        keys.join(db, campaign, size=5, users=0, by=cast.buyers[0], at=c.NOW)
    assert refusal.value.field == "users"
    assert keys.users_of(db, campaign, cast.ministry.organization.id) > 0
    keys.join(db, campaign, size=0, users=10, by=cast.buyers[0], at=c.NOW)
    keys.join(db, campaign, size=0, users=30, by=cast.buyers[1], at=c.NOW)
    found = keys.proposal_for(db, campaign, cast.buyers[1].organization.id)
    assert found is not None
    assert found.cents == campaign.minimum_cents * 3 // 4


def test_with_a_free_key_nothing_is_proposed(db: Session) -> None:
    cast = c.settle(db)
    campaign = c.campaign_open(db, cast)
    assert keys.proposal_for(db, campaign, cast.buyers[0].organization.id) is None


# ---- A purchase, who pays, who is named ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [(False, True, True, False), (True, False, True, False), (True, True, False, False), (True,) * 4],
)
def test_who_wants_to_give_is_led_to_the_fund(db: Session, answers: tuple[bool, ...]) -> None:
    cast = c.settle(db)
    campaign = c.campaign_open(db, cast)
    promise = pledges.Promise(100_000, purchase=pledges.Purchase(*answers))
    with pytest.raises(Refused, match="Gifts go to the fund") as refusal:
        pledges.draft(db, campaign, promise, by=cast.buyers[0], at=c.NOW)
    assert refusal.value.field == "purchase"
    assert db.exec(select(Pledge)).first() is None


def test_the_refusal_leads_to_a_page_that_says_where_to_give_and_what_a_gift_may_do(
    app: Flask, database: Database
) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign = c.campaign_open(db, cast)
        fund = cast.officer.organization
        fund.email = "fund@example.org"
        db.add(fund)
    answers = {
        "needs_the_work": "no",
        "wants_an_invoice": "no",
        "will_check_it": "no",
        "expects_a_tax_receipt": "yes",
    }
    with visiting(app, cast.buyers[0]) as client:
        form = {"amount": "1000", "publicity": "full", "rail": "sandbox", **answers}
        refused = client.post(f"/campaigns/{campaign.public_id}/pledges", data=form)
        assert refused.status_code == 422
        assert 'href="/donations"' in refused.text
    with visiting(app, None) as client:
        page = client.get("/donations").text
        assert "as a matching grant" in page
        assert "mailto:fund@example.org" in page
    with visiting(app, cast.officer) as client:
        for wrong in ("http://gifts.example", "javascript:alert(1)", "https://a:b@gifts.example"):
            assert client.post("/donations", data={"donations_address": wrong}).status_code == 422
        told = {"donations_address": "https://gifts.example/jalon", "donations_words": "Thank you."}
        assert client.post("/donations", data=told).status_code == 303
    with visiting(app, None) as client:
        page = client.get("/donations").text
        assert 'href="https://gifts.example/jalon"' in page
        assert "Thank you." in page


def belongs(db: Session, buyer: c.Actor, to: c.Actor) -> None:
    """The buyer now does the other organization's finance too."""
    db.add(RoleGrant(
        person_id=buyer.person.id, organization_id=to.organization.id, role=Role.FINANCE, granted_at=c.NOW
    ))  # fmt: skip
    db.flush()


def test_another_of_ones_organizations_pays_and_another_is_named(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        one, two, three = cast.buyers
        campaign = c.campaign_open(db, cast)
        stranger = pledges.Promise(10, payer_id=two.organization.id)
        with pytest.raises(Refused, match="your own organizations"):
            pledges.draft(db, campaign, stranger, by=one, at=c.NOW)
        belongs(db, one, two)
        belongs(db, one, three)
        paid_by_two = {"payer_id": two.organization.id, "credit_id": three.organization.id}
        made = c.pledge(db, campaign, one, 4_000_000, **paid_by_two)
        c.pledge(db, campaign, cast.ministry, campaign.minimum_cents - 4_000_000)
        rules.decide(db, campaign, at=c.DECIDED)
        [call] = calls.call_funds(db, campaign, by=cast.officer, at=c.DECIDED)
        assert call.pledge_id == made.id
    with visiting(app, two) as client:
        assert client.get(f"/calls/{call.public_id}").status_code == 200
        assert call.number in client.get("/calls").get_data(as_text=True)
    with visiting(app, three) as client:
        assert client.get(f"/calls/{call.public_id}").status_code == 404
    with visiting(app, cast.maker) as client:
        page = client.get(f"/campaigns/{campaign.public_id}/backers").get_data(as_text=True)
    assert three.organization.name in page
    assert one.organization.name not in page


def test_a_buyer_reads_the_proposal_joins_and_pledges_it(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        campaign = opened(db, cast, ShareKey.EQUAL)
    path = f"/campaigns/{campaign.public_id}"
    with visiting(app, cast.buyers[0]) as client:
        page = client.get(path).get_data(as_text=True)
        assert "The key proposes to you" in page
        assert client.post(f"{path}/joining", data={}).status_code == 303
        assert "Count without us" in client.get(path).get_data(as_text=True)
        form = client.get(f"{path}/pledging?amount=1234,00").get_data(as_text=True)
        assert 'value="1234,00"' in form
        gift = {
            "amount": "1234,00", "needs_the_work": "no", "wants_an_invoice": "yes", "will_check_it": "yes",
            "expects_a_tax_receipt": "yes",
        }  # fmt: skip
        refused = client.post(f"{path}/pledges", data=gift)
        assert refused.status_code == 422
        assert "Gifts go to the fund" in refused.get_data(as_text=True)
