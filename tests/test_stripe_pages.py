"""Stripe on screen: the ways to pay and their limits, the account to pay to, the provider's own questions."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.campaigns.wording import ways_to_pay
from app.escrow.model import Deposit
from app.escrow.rules import coverage
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.settings import Settings
from app.kit.words import use_language
from app.main import create_app
from app.payouts import comparison, payees
from tests.money_cast import visiting
from tests.stripe_cast import AtStripe, stripe_stage


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for pages."""
    return sqlite_url


@pytest.fixture
def there(database: Database, settings: Settings) -> Iterator[AtStripe]:
    """A first tranche called, and what Stripe answered."""
    with stripe_stage(database, settings) as there:
        there.ask()
        yield there


@pytest.fixture
def app(there: AtStripe) -> Iterator[Flask]:
    """Jalon on that rail."""
    app = create_app(there.stage.worker.settings)
    yield app
    app.database.close()


def test_a_payer_reads_the_account_and_the_reference_each_with_a_button_to_copy_it(
    there: AtStripe, app: Flask
) -> None:
    [call, _other] = there.calls()
    with visiting(app, there.stage.backers[0]) as browser:
        shown = browser.get(f"/calls/{call.public_id}").text
        assert "FR14 2004 1010 0505 0001 3M02 606" in shown
        assert shown.count("data-copy=") == 6  # with the amount and the order
        there.transfer(there.collections()[0])
        there.rest()
        assert "The provider holds it until" in browser.get(f"/calls/{call.public_id}").text


def test_a_maintainer_begins_here_and_goes_on_at_the_provider(there: AtStripe, app: Flask) -> None:
    with visiting(app, there.stage.maker) as browser:
        assert "This provider asks by itself" in browser.get("/payee-account").text
        assert browser.post("/payee-account/provider", data={"rail": "stripe"}).status_code == 303
        gone = browser.get("/payee-account/provider/stripe")
        assert (gone.status_code, gone.location[:23]) == (303, "https://connect.stripe.")
        there.fake.world.restrict(there.fake.world.all("account")[0]["id"])
        there.rest()
        assert "Can be paid" in browser.get("/payee-account").text
    with pytest.raises(Refused, match="the provider itself asks"):
        there.stage.act(lambda db: payees.name_account(
            db, rail="stripe", holder="Us", account="acct123456", by=there.stage.maker, at=there.stage.at))  # fmt: skip


def test_a_buyer_chooses_a_means_and_reads_its_limit() -> None:
    use_language("en")
    assert [value for value, _words in ways_to_pay(("stripe",))] == [
        "stripe|bank transfer", "stripe|direct debit", "stripe|card"
    ]  # fmt: skip
    assert "10,000.00" in dict(ways_to_pay(("stripe",)))["stripe|direct debit"]


def test_dispute_evidence_deadline_a_treasurer_reads_the_evidence_and_contests_before_it(
    there: AtStripe, app: Flask
) -> None:
    there.fund()
    there.onboard()
    there.stage.accepted()
    first = there.calls()[0].id
    paid = there.stage.look(lambda db: db.exec(select(Deposit).where(Deposit.call_id == first)).one())
    there.fake.world.dispute(paid.outside_id)
    there.rest()
    with visiting(app, there.stage.treasurer) as browser:
        listed = browser.get("/charge-backs").text
        [name] = set(re.findall(r"/charge-backs/([0-9a-f]{32})", listed))
        shown = browser.get(f"/charge-backs/{name}").text
        for paper in ("contract", "call", "acceptance"):
            assert f"paper={paper}" in shown
        assert browser.get(f"/charge-backs/{name}/evidence?paper=acceptance").data.startswith(b"%PDF")
        assert b"I sign" in browser.get(f"/charge-backs/{name}/evidence?paper=contract").data
        assert "dashboard.stripe.com/test/" in shown
        assert "Was released already" in shown
        [link] = set(re.findall(r"/movements/stripe:[^\"]+", shown))
        moved = browser.get(link).text
        assert "Money came in" in moved
        assert moved.count("Taken back by the payer") >= 2, "told by Stripe, and booked"
        assert browser.post(f"/charge-backs/{name}/contest").status_code == 303
        assert "The evidence is handed in" in browser.get(f"/charge-backs/{name}").text
        assert browser.post(f"/charge-backs/{name}/contest").status_code == 409


def test_a_difference_is_read_line_by_line_and_leads_outside(there: AtStripe, app: Flask) -> None:
    there.fund()
    payout = there.fake.world.new("po", "payout", amount=5_000_000)
    there.fake.world.line("payout", payout["id"], -5_000_000)
    there.stage.at += timedelta(hours=3)
    there.rest()
    with visiting(app, there.stage.treasurer) as browser:
        assert "1 line differs" in browser.get("/desk").text
        shown = browser.get("/desk/stripe").text
        assert f"https://dashboard.stripe.com/test/payouts/{payout['id']}" in shown
        assert f"/movements/stripe:{payout['id']}" in shown
        assert "The book knows nothing of it" in browser.get(f"/movements/stripe:{payout['id']}").text
        taken = browser.post(
            "/desk/stripe/explanations", data={"outside_id": payout["id"], "reason": "Ours."}
        )
        assert taken.status_code == 422, "the operator has not so much of its own there"


def test_the_operator_takes_its_earned_fee_out_and_nothing_that_is_held(there: AtStripe) -> None:
    there.fund()
    stage = there.stage
    stage.at += timedelta(hours=3)
    there.rest()
    own = stage.look(lambda db: coverage(db, "stripe").margin_cents)
    assert own > 0, "fees were earned, and cover what Stripe kept"
    for cents in (own, 1):
        payout = there.fake.world.new("po", "payout", amount=cents)
        there.fake.world.line("payout", payout["id"], -cents)["created"] -= 10_000
        stage.at += timedelta(hours=1)
        there.rest()

        def explain(db: Session, name: str = payout["id"]) -> None:
            comparison.explain(db, "stripe", name, reason="Our fees", by=stage.treasurer, at=stage.at)

        if cents == own:
            stage.act(explain)
            assert stage.look(lambda db: coverage(db, "stripe").margin_cents) == 0
        else:
            with pytest.raises(Refused, match="no money of its own"):
                stage.act(explain)
    there.rest()
