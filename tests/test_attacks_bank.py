"""What banks do to files in earnest: they keep a charge out of what comes back, and call back what was paid out."""

import pytest

from app.kit.db import Database
from app.kit.settings import Settings
from app.payouts import comparison
from app.payouts.model import PayoutState
from app.rails.bank.model import OrderState
from tests.bank_cast import deposits, desk_of, paid_out, stage
from tests.debit_cast import debit_stage
from tests.money_stage import Stage
from tests.statements import Entry, Part

__all__ = ["stage"]
# One kind is enough: the rail itself runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def left_to_explain(stage: Stage) -> list[tuple[str, int, int]]:
    """What the bank and the book do not say alike, by name: outside, and in the book."""
    bank = stage.worker.rails["bank"]
    found = stage.act(lambda db: comparison.compare(db, bank, at=stage.at))
    return [(one.outside_id, one.outside_cents, one.book_cents) for one in comparison.differences(found)]


def test_a_payout_that_comes_back_less_the_banks_charge_is_owed_again_whole_and_the_charge_is_explained(
    stage: Stage,
) -> None:
    payout, order = paid_out(stage)
    part = Part(order.amount_cents - 500, end_to_end_id=order.end_to_end_id, return_code="AC04")
    desk_of(stage).tell(Entry([part]))
    stage.rest()
    assert stage.again(payout).state == PayoutState.DUE
    assert stage.balance("owed:") == payout.amount_cents
    assert left_to_explain(stage) == [(order.public_id, -500, 0)]
    stage.act(lambda db: comparison.explain(
        db, "bank", order.public_id, reason="The bank's charge", by=stage.treasurer, at=stage.at))  # fmt: skip
    assert left_to_explain(stage) == []
    assert (stage.balance("taken:bank"), stage.balance("owed:")) == (500, payout.amount_cents)


def test_a_return_of_much_less_than_the_order_is_nobodys_until_a_person_looks(stage: Stage) -> None:
    payout, order = paid_out(stage)
    part = Part(order.amount_cents // 2, end_to_end_id=order.end_to_end_id, return_code="AC04")
    desk_of(stage).tell(Entry([part]))
    stage.rest()
    assert stage.again(payout).state == PayoutState.PAID
    assert [cents for _name, cents, _book in left_to_explain(stage)] == [order.amount_cents // 2]
    assert not stage.look(lambda db: comparison.agrees(db, "bank")), "payouts to maintainers wait meanwhile"


def test_a_debit_sent_back_with_the_banks_charge_reopens_its_call_whole(
    database: Database, settings: Settings
) -> None:
    stage = debit_stage(database, settings)
    _mandate, call, order = stage.agreed_and_debited()
    assert stage.again(call).state == "paid"
    part = Part(order.amount_cents + 350, end_to_end_id=order.end_to_end_id, return_code="MS03")
    stage.desk.tell(Entry([part], is_credit=False))
    stage.worker.until_quiet(stage.at)
    assert stage.again(order).state == OrderState.RETURNED
    assert stage.again(call).state == "charged back"
    assert left_to_explain(stage) == [(order.public_id, -350, 0)]


def test_a_transfer_called_back_after_its_money_was_paid_out_is_a_claim_and_stops_payouts(
    stage: Stage,
) -> None:
    payout, _order = paid_out(stage)
    paid_in = deposits(stage)[0]
    held = stage.balance("held:")
    desk_of(stage).take_back(paid_in.outside_id)
    stage.rest()
    assert stage.again(paid_in).state == "charged back"
    assert stage.again(payout).state == PayoutState.PAID
    claim = stage.balance("claim:")
    assert claim > 0
    assert claim + (held - stage.balance("held:")) <= paid_in.amount_cents
    desk_of(stage).take_back(paid_in.outside_id, "CUST")
    stage.rest()
    assert stage.balance("claim:") == claim, "called back twice, it leaves once"
