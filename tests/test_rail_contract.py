"""The contract every rail keeps, whatever it calls things itself. One test a promise of the port."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.kit.db import Database
from app.rails.capabilities import Custody
from app.rails.rail import Happened, Movement, OrderKind, PaymentOrder, RailSilent
from app.rails.switched_on import CAPABILITIES, capabilities_of
from tests.rails_under_contract import BENCHES, NOW, Bench

EPOCH = NOW - timedelta(days=2)


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest, database: Database) -> Iterator[Bench]:
    """Each rail in turn, with its outside."""
    with BENCHES[request.param](database) as bench:
        yield bench


def order(bench: Bench, source: str, key: str = "payout:1:1", cents: int = 4_000) -> PaymentOrder:
    """Some of what came in, sent on."""
    return PaymentOrder(
        key=key, amount_cents=cents, currency="EUR", to_name="Atelier", to_account=bench.payee_account,
        reference="JALON 1", kind=OrderKind.PAYOUT, source=source, group="campaign-1",
    )  # fmt: skip


def news(bench: Bench, outside_id: str) -> Movement:
    """What the rail says of one thing, which is money."""
    told = bench.rail.fetch(outside_id)
    assert isinstance(told, Movement)
    return told


def test_every_rail_is_under_contract() -> None:
    assert set(BENCHES) == set(CAPABILITIES), "a rail joins the contract in tests/rails_under_contract.py"


def test_what_a_rail_promises_makes_sense(bench: Bench) -> None:
    told = bench.rail.capabilities
    assert told == capabilities_of(told.name)
    assert told.means, "there is at least one way to pay"
    assert len({means.name for means in told.means}) == len(told.means)
    assert told.is_real == (told.custody != Custody.NOBODY)
    for means in told.means:
        assert 0 < means.smallest_cents <= (means.largest_cents or means.smallest_cents)
        assert means.refund_days is None or means.refund_from_day < means.refund_days
        assert means.expected_cost(100_000) < 5_000, "no means costs more than the fee brings in"


def test_money_that_came_in_is_told_with_amount_currency_and_reference(bench: Bench) -> None:
    paid = bench.pay_in(10_000, "RF65C7P12")
    assert paid in bench.heard()
    told = news(bench, paid)
    assert (told.happened, told.amount_cents, told.currency) == (Happened.MONEY_IN, 10_000, "EUR")
    assert told.reference == "RF65C7P12"
    assert told.outside_id == paid
    assert news(bench, paid) == told, "asked again, the outside says the same"


def test_money_taken_back_is_told_of_the_same_payment(bench: Bench) -> None:
    paid = bench.pay_in(10_000, "RF65C7P12")
    bench.turn(paid, Happened.CHARGED_BACK)
    told = news(bench, paid)
    assert (told.happened, told.amount_cents, told.outside_id) == (Happened.CHARGED_BACK, 10_000, paid)
    assert told.reason


def test_sent_twice_with_one_key_money_leaves_once(bench: Bench) -> None:
    paid = bench.pay_in(10_000, "RF65C7P12")
    before = bench.rail.balance()
    first = bench.rail.send(order(bench, paid), NOW)
    assert bench.rail.send(order(bench, paid), NOW + timedelta(hours=1)) == first
    assert bench.rail.balance() == before - 4_000
    assert bench.rail.send(order(bench, paid, key="payout:1:2"), NOW) != first
    assert bench.rail.balance() == before - 8_000


def test_what_was_sent_arrives(bench: Bench) -> None:
    sent = bench.rail.send(order(bench, bench.pay_in(10_000, "RF65C7P12")), NOW)
    bench.turn(sent, Happened.PAID_OUT)
    told = news(bench, sent)
    assert (told.happened, told.amount_cents, told.outside_id) == (Happened.PAID_OUT, 4_000, sent)


def test_the_statement_has_every_line_once_and_adds_up_to_the_balance(bench: Bench) -> None:
    paid = bench.pay_in(10_000, "RF65C7P12")
    sent = bench.rail.send(order(bench, paid), NOW)
    lines = list(bench.rail.statement(EPOCH))
    assert len({line.line_id for line in lines}) == len(lines)
    assert {line.outside_id for line in lines} >= {paid, sent}
    assert sum(line.amount_cents - line.cost_cents for line in lines) == bench.rail.balance()
    assert list(bench.rail.statement(EPOCH)) == lines, "read again, the lines have the same names"


def test_what_the_outside_does_not_know_is_silence(bench: Bench) -> None:
    with pytest.raises(RailSilent):
        bench.rail.fetch("nothing-of-ours")
