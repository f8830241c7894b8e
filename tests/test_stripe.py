"""Stripe's side of the failure table: what is asked twice, answered never, or refused. The fake plays Stripe."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.kit.db import Database
from app.rails.capabilities import MeansName
from app.rails.rail import (
    Happened,
    KeyMisused,
    MeansState,
    RailRefused,
    RailSilent,
    SavedMeans,
)
from tests.fake_stripe import (
    BUSY,
    ERROR,
    ERROR_BUT_DONE,
    LOST,
    NOT_REACHED,
    TOO_MANY,
    Fault,
    serving,
)
from tests.stripe_bench import PAYER, AtStripe, at_stripe, database_url, demand, movement, order, there

__all__ = ["database_url", "there"]

NOW = datetime.now(UTC)


# ---- Asking ------------------------------------------------------------------------------------------------


def test_a_payer_is_made_known_once_with_its_vat_number_and_asked_to_pay_to_its_own_account(
    there: AtStripe,
) -> None:
    first = there.rail.ask(demand("RF11A", 10_000), NOW)
    there.rail.ask(demand("RF22B", 5_000), NOW)
    assert len(there.fake.changes("/v1/customers")) == 1
    [number] = there.fake.changes("/v1/customers/.*/tax_ids")
    assert number.params == {"type": "eu_vat", "value": "FR40303265045"}
    assert first.instructions["account"].startswith("FR")
    assert first.instructions.keys() == {"account", "bic", "holder", "reference"}
    intent = there.fake.changes("/v1/payment_intents")[0]
    assert intent.params["allowed_payment_method_types"] == {"0": "customer_balance"}
    assert intent.params["metadata"] == {"key": "ask:RF11A:1", "reference": "RF11A", "po": ""}
    assert intent.key == "ask:RF11A:1:1"


def test_pledge_setup_abandoned_or_expired_says_so_and_a_new_page_has_a_new_key(there: AtStripe) -> None:
    first = there.rail.save_means("means:1:1", PAYER, MeansName.CARD, "http://localhost/back")
    assert first.action_url
    assert there.rail.fetch(first.outside_id) is None, "nobody has filled it in"
    there.rail.drop("means:1:1", first.outside_id)
    told = there.rail.fetch(first.outside_id)
    assert isinstance(told, SavedMeans)
    assert (told.state, told.key) == (MeansState.FAILED, "means:1:1")
    again = there.rail.save_means("means:1:2", PAYER, MeansName.CARD, "http://localhost/back")
    there.fake.world.complete(again.outside_id)
    told = there.rail.fetch(again.outside_id)
    assert isinstance(told, SavedMeans)
    assert (told.state, told.means, told.shown) == (MeansState.ACTIVE, MeansName.CARD, "visa ·4242")
    assert str(told.expires_on) == "2031-01-01"
    assert told.token.startswith("pm_")


def test_call_answer_lost_is_asked_again_with_the_same_key_and_made_once(there: AtStripe) -> None:
    there.rail.ask(demand("RF00", 100), NOW)
    there.fake.faults.append(replace(LOST, on="payment_intents"))
    with pytest.raises(RailSilent):
        there.rail.ask(demand("RF11A", 10_000), NOW)
    there.rail.ask(demand("RF11A", 10_000), NOW + timedelta(minutes=1))
    keys = [call.key for call in there.fake.changes("/v1/payment_intents")]
    assert keys == ["ask:RF00:1:1", "ask:RF11A:1:1", "ask:RF11A:1:1"]
    assert len(there.fake.world.all("payment_intent")) == 2


@pytest.mark.parametrize("fault", [BUSY, TOO_MANY, NOT_REACHED])
def test_call_409_429_and_no_connection_are_asked_again_with_the_same_key(
    there: AtStripe, fault: Fault
) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.faults.append(fault)
    with pytest.raises(RailSilent):
        there.rail.send(order(there, charge), NOW)
    there.rail.send(order(there, charge), NOW)
    assert {call.key for call in there.fake.changes("/v1/transfers")} == {"payout:1:1:1:1"}
    assert len(there.fake.world.all("transfer")) == 1


@pytest.mark.parametrize(("fault", "keys"), [(ERROR, 2), (ERROR_BUT_DONE, 1)])
def test_call_500_stored_is_looked_up_first_and_only_what_is_not_there_gets_a_new_attempt_key(
    there: AtStripe, fault: Fault, keys: int
) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.faults.append(fault)
    with pytest.raises(RailSilent):
        there.rail.send(order(there, charge), NOW)
    there.rail.send(order(there, charge), NOW)
    assert len({call.key for call in there.fake.changes("/v1/transfers")}) == keys
    assert len(there.fake.world.all("transfer")) == 1


def test_call_after_a_day_the_key_is_forgotten_and_the_object_looked_up_first(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.faults.append(LOST)
    with pytest.raises(RailSilent):
        there.rail.send(order(there, charge), NOW)
    there.fake.forget_keys()
    sent = there.rail.send(order(there, charge), NOW + timedelta(days=2))
    assert [one["id"] for one in there.fake.world.all("transfer")] == [sent]


def test_call_idempotency_key_used_with_other_parameters_stops_everything(there: AtStripe) -> None:
    charge = there.pay_in(10_000, "RF11A")
    there.fake.faults.append(LOST)
    with pytest.raises(RailSilent):
        there.rail.send(order(there, charge), NOW)
    with pytest.raises(KeyMisused):
        there.rail.send(order(there, charge, cents=3_999), NOW)
    assert len(there.fake.world.all("transfer")) == 1


def test_the_library_itself_asks_twice_more_with_the_same_key(database: Database) -> None:
    with serving() as fake:
        there = at_stripe(database, fake, retries=2)
        charge = there.pay_in(10_000, "RF11A")
        fake.faults.append(LOST)
        there.rail.send(order(there, charge), NOW)
        assert len({call.key for call in fake.changes("/v1/transfers")}) == 1
        assert len(fake.world.all("transfer")) == 1


# ---- Collecting --------------------------------------------------------------------------------------------


def test_collection_sca_needed_off_session_is_refused_with_the_way_out(there: AtStripe) -> None:
    there.fake.world.declines["pm_shy"] = "authentication_required"
    with pytest.raises(RailRefused) as refused:
        there.rail.ask(demand("RF11A", 10_000, means=MeansName.CARD, token="pm_shy"), NOW)
    assert refused.value.action_needed
    page = there.rail.ask(demand("RF11A", 10_000, means=MeansName.CARD, key="ask:RF11A:2"), NOW)
    assert page.action_url.startswith("https://checkout.stripe")
    there.fake.world.complete(page.outside_id)
    told = movement(there, there.fake.world.all("charge")[0]["id"])
    assert (told.happened, told.reference, told.amount_cents) == (Happened.MONEY_IN, "RF11A", 10_000)


def test_collection_declined_and_debit_refused_say_why_without_the_payers_words(there: AtStripe) -> None:
    there.fake.world.declines["pm_poor"] = "card_declined"
    with pytest.raises(RailRefused, match="The card was declined"):
        there.rail.ask(demand("RF11A", 10_000, means=MeansName.CARD, token="pm_poor"), NOW)
    asked = there.rail.ask(demand("RF22B", 10_000, means=MeansName.DEBIT, token="pm_debit"), NOW)
    assert movement(there, asked.outside_id).happened == Happened.ON_ITS_WAY_IN
    charge = there.fake.world.settle(asked.outside_id, "insufficient_funds")
    told = movement(there, charge)
    assert (told.happened, told.reason) == (
        Happened.MONEY_IN_FAILED,
        "There was not enough money on the account.",
    )


def test_collection_debit_over_10000_is_known_from_the_capabilities(there: AtStripe) -> None:
    assert there.rail.capabilities.largest_cents(MeansName.DEBIT) == 1_000_000
    assert there.rail.capabilities.largest_cents(MeansName.TRANSFER) is None
    with pytest.raises(RailRefused):
        there.rail.ask(demand("RF11A", 1_000_001, means=MeansName.DEBIT, token="pm_debit"), NOW)


def test_collection_in_part_and_above_is_told_and_what_is_above_stays_with_the_payer(there: AtStripe) -> None:
    asked = there.rail.ask(demand("RF11A", 10_000), NOW)
    payer = there.fake.world.objects[asked.outside_id]["customer"]
    there.fake.world.transfer_in(payer, 4_000)
    told = movement(there, asked.outside_id)
    assert (told.happened, told.amount_cents) == (Happened.PART_IN, 4_000)
    assert there.rail.balance() == 0, "what came in part is not on our balance"
    charge = there.fake.world.transfer_in(payer, 8_000)
    assert movement(there, charge).amount_cents == 10_000
    left = movement(there, payer)
    assert (left.happened, left.amount_cents) == (Happened.LEFT_OVER, 2_000)


def test_a_demand_dropped_is_not_paid_any_more_and_dropping_it_again_is_nothing(there: AtStripe) -> None:
    asked = there.rail.ask(demand("RF11A", 10_000), NOW)
    there.rail.drop("ask:RF11A:1", asked.outside_id)
    there.rail.drop("ask:RF11A:1", asked.outside_id)
    payer = there.fake.world.objects[asked.outside_id]["customer"]
    assert there.fake.world.transfer_in(payer, 10_000) == ""
    assert movement(there, payer).amount_cents == 10_000
