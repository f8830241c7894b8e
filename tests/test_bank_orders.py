"""What leaves by bank files: handed out once, returned by the bank, or called off; rows of the failure table."""

import pytest

from app.kit.rules import Conflict, Refused
from app.payouts import batches
from app.payouts.model import PayoutState
from app.rails.bank.model import BankBatch, BankOrder, OrderState
from tests.bank_cast import MAKER_IBAN, desk_of, make_file, ordered, paid_out, stage
from tests.money_stage import Stage
from tests.statements import PAYER_IBAN, Entry, Part

__all__ = ["stage"]
pytestmark = pytest.mark.long_story


# ---- release: bank file sent twice


def test_release_bank_file_sent_twice_is_refused_and_its_bytes_are_kept(stage: Stage) -> None:
    payout, order = ordered(stage)
    assert (payout.state, order.state, order.amount_cents) == (
        PayoutState.SENT,
        OrderState.WAITING,
        payout.amount_cents,
    )
    batch = make_file(stage)
    first_time = stage.act(
        lambda db: batches.take_out(db, db.get_one(BankBatch, batch.id), by=stage.treasurer, at=stage.at)
    )
    assert first_time == stage.again(batch).file
    with pytest.raises(Conflict, match="paid twice"):
        stage.act(
            lambda db: batches.take_out(db, db.get_one(BankBatch, batch.id), by=stage.colleague, at=stage.at)
        )
    with pytest.raises(Conflict, match="another file"):
        make_file(stage, [stage.again(order)])
    assert order.end_to_end_id.encode() in first_time
    assert MAKER_IBAN.encode() in first_time


@pytest.mark.on_both
def test_a_file_whose_bytes_changed_is_not_handed_out(stage: Stage) -> None:
    ordered(stage)
    batch = make_file(stage)

    def tamper(db: object) -> None:
        row = db.get_one(BankBatch, batch.id)  # type: ignore[attr-defined]
        row.file = row.file.replace(MAKER_IBAN.encode(), PAYER_IBAN.encode() + b" " * 5)

    stage.act(tamper)
    with pytest.raises(Refused, match="not what was made"):
        stage.act(
            lambda db: batches.take_out(db, db.get_one(BankBatch, batch.id), by=stage.treasurer, at=stage.at)
        )


def test_a_file_nobody_took_out_can_be_given_up_and_one_taken_out_cannot(stage: Stage) -> None:
    _payout, order = ordered(stage)
    batch = make_file(stage)
    stage.act(
        lambda db: batches.give_up(db, db.get_one(BankBatch, batch.id), by=stage.treasurer, at=stage.at)
    )
    assert stage.again(order).state == OrderState.WAITING
    second = make_file(stage)
    stage.act(
        lambda db: batches.take_out(db, db.get_one(BankBatch, second.id), by=stage.treasurer, at=stage.at)
    )
    with pytest.raises(Conflict, match="the bank may have it"):
        stage.act(
            lambda db: batches.give_up(db, db.get_one(BankBatch, second.id), by=stage.treasurer, at=stage.at)
        )


def test_an_order_called_off_before_its_file_is_owed_as_before(stage: Stage) -> None:
    payout, order = ordered(stage)
    stage.act(lambda db: batches.call_off(
        db, db.get_one(BankOrder, order.id), reason="Wrong month", by=stage.treasurer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    assert stage.again(payout).state == PayoutState.DUE
    assert stage.balance("owed:") == payout.amount_cents


# ---- release: payout fails, account closed (AC04)


@pytest.mark.on_both
def test_release_payout_fails_account_closed_ac04_what_is_owed_is_open_again(stage: Stage) -> None:
    payout, order = paid_out(stage)
    assert stage.again(payout).state == PayoutState.PAID
    desk_of(stage).send_back(order.public_id, "AC04")
    stage.rest()
    again = stage.again(payout)
    assert (again.state, again.reason) == (PayoutState.DUE, "AC04: The account is closed.")
    assert stage.balance("owed:") == payout.amount_cents


def test_a_return_told_before_its_debit_counts_once(stage: Stage) -> None:
    payout, order = ordered(stage)
    desk_of(stage).take_out_file()
    name, cents = order.end_to_end_id, order.amount_cents
    desk_of(stage).tell(
        Entry([Part(cents, end_to_end_id=name, return_code="AC01")]),
        Entry([Part(cents, end_to_end_id=name)], is_credit=False),
    )
    stage.rest()
    assert stage.again(payout).state == PayoutState.DUE
    assert stage.balance("owed:") == payout.amount_cents


def test_a_bank_that_books_the_whole_file_in_one_line_pays_every_order(stage: Stage) -> None:
    payout, order = ordered(stage)
    batch = desk_of(stage).take_out_file()
    part = Part(batch.total_cents, payment_id=batch.payment_id)
    desk_of(stage).tell(Entry([part], is_credit=False, details=False))
    stage.rest()
    assert (stage.again(payout).state, stage.again(order).state) == (PayoutState.PAID, OrderState.DONE)
