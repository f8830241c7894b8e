"""What may happen to money on its way in: paid in parts, too much, late or not at all, and taken back by a bank."""

from typing import Any

import pytest

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.demo.cast import BANK, GRID, INSURER, Invented
from app.demo.funding import OFFICER, TREASURER
from app.demo.round import Round
from app.documents.vat import Regime
from app.escrow import calls, receipts
from app.escrow import rules as escrow
from app.escrow.model import Call
from app.rails.rail import Movement, RailSilent
from tests.playing import NORDLICHT, SCALDIS, Play, refused
from tests.playing_cast import PRICES, THREE, call_of, pay, secured

__all__ = ["secured"]
pytestmark = pytest.mark.long_story


def wait_on(play: Play, call: Call, days: int = 10, by: Invented = OFFICER) -> None:
    play.act(lambda db: calls.wait_on(
        db, db.get_one(Call, call.id), days=days, reason="Un mandat est en route", by=play.actor(db, by), at=play.at
    ))  # fmt: skip


def test_a_call_asks_for_parts_their_vat_the_fee_and_its_vat(play: Play, secured: Round) -> None:
    call = call_of(play, secured)
    assert (call.price_cents, call.vat_cents, call.fee_cents, call.fee_vat_cents) == (
        200_000,
        40_000,
        10_000,
        2_000,
    )
    with refused(play) as refusal:
        secured.hand_in(1, "v1")
    assert "not complete yet" in str(refusal)


def test_a_call_paid_in_parts_is_held_and_its_fee_earned_with_the_last_of_them(
    play: Play, secured: Round
) -> None:
    pay(play, secured, BANK.name, 100_000)
    assert call_of(play, secured).state == "part paid"
    pay(play, secured, BANK.name, 145_000)
    assert (play.balance("fees"), play.total("held-fee:")) == (0, 5_000)
    pay(play, secured, BANK.name)
    assert call_of(play, secured).state == "paid"
    assert (play.balance("fees"), play.balance("vat"), play.total("held:"), play.total("held-vat:")) == (
        10_000, 2_000, 200_000, 40_000,
    )  # fmt: skip


def test_what_is_paid_above_a_call_stands_in_suspense_until_the_treasurer_gives_it_back(
    play: Play, secured: Round
) -> None:
    pay(play, secured, BANK.name, 252_000 + 700)
    pay(play, secured, BANK.name, 252_000)
    assert play.balance("suspense:sandbox") == 252_700
    for _ in range(2):
        with play.database.reading() as db:
            deposit = escrow.in_suspense(db)[0]
        play.act(lambda db, d=deposit: receipts.give_back_excess(
            db, db.merge(d), by=play.actor(db, TREASURER), at=play.at
        ))  # fmt: skip
    with refused(play):
        play.act(lambda db: receipts.give_back_excess(
            db, db.merge(deposit), by=play.actor(db, TREASURER), at=play.at
        ))  # fmt: skip
    play.pay_out_all()
    assert [p.amount_cents for p in play.payouts("paid")] == [252_700]


def test_a_second_payment_charged_back_leaves_the_call_paid_and_its_fee_earned(
    play: Play, secured: Round
) -> None:
    pay(play, secured, BANK.name)
    again = pay(play, secured, BANK.name, 252_000)
    play.take_back(again, "Doublon")
    assert (call_of(play, secured).state, play.balance("fees"), play.balance("suspense:sandbox")) == (
        "paid",
        10_000,
        0,
    )


def test_money_with_a_strange_reference_waits_for_the_treasurer_to_recognize_it(
    play: Play, secured: Round
) -> None:
    play.pay("VIREMENT DSI", 252_500, BANK.name)
    play.work()
    with play.database.reading() as db:
        (deposit,) = escrow.in_suspense(db)
    call = call_of(play, secured)

    def match(db: Any) -> None:
        receipts.match(
            db, db.merge(deposit), db.get_one(Call, call.id), by=play.actor(db, TREASURER), at=play.at
        )

    play.act(match)
    assert (call_of(play, secured).state, play.balance("suspense:sandbox")) == ("paid", 500)
    with refused(play):
        play.act(match)


def test_a_failed_payment_changes_nothing_but_is_written_down(play: Play, secured: Round) -> None:
    pay(play, secured, BANK.name, fails="Compte sans provision")
    assert (call_of(play, secured).state, play.total("held:"), play.balance("outside:sandbox")) == (
        "issued",
        0,
        0,
    )


def test_a_bank_that_is_silent_for_a_day_loses_no_payment(
    play: Play, secured: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_outside_id: str) -> Movement:
        raise RailSilent("no answer")

    with monkeypatch.context() as outage:
        outage.setattr(play.worker.rails["sandbox"], "fetch", silent)
        pay(play, secured, BANK.name)
        for _ in range(24):
            play.later(hours=1)
    assert call_of(play, secured).state == "issued"
    play.later(hours=24)
    assert call_of(play, secured).state == "paid"


@pytest.mark.on_both
def test_one_payment_that_cannot_be_taken_in_holds_up_no_other(
    play: Play, secured: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = receipts.take_in

    def broken_for_one(db: Any, rail: str, movement: Movement, *, at: Any) -> Any:
        assert movement.amount_cents != 77, "a fault in the program"
        return honest(db, rail, movement, at=at)

    with monkeypatch.context() as planted:
        planted.setattr(receipts, "take_in", broken_for_one)
        pay(play, secured, GRID.name, 77)
        pay(play, secured, BANK.name)
    assert play.troubles
    play.troubles.clear()
    assert (call_of(play, secured).state, call_of(play, secured, GRID.name).state) == ("paid", "issued")
    play.later(hours=1)
    assert call_of(play, secured, GRID.name).state == "part paid"


@pytest.mark.on_both
def test_a_call_is_defaulted_after_its_window_waited_on_by_the_fund_and_paid_late(
    play: Play, secured: Round
) -> None:
    pay(play, secured, INSURER.name)
    pay(play, secured, GRID.name)
    with refused(play):
        wait_on(play, call_of(play, secured))
    play.later(days=32)
    assert call_of(play, secured).state == "defaulted"
    wait_on(play, call_of(play, secured))
    play.later(days=5)
    assert call_of(play, secured).state == "overdue"
    play.later(days=10)
    assert call_of(play, secured).state == "defaulted"
    pay(play, secured, BANK.name)
    assert call_of(play, secured).state == "paid"
    secured.hand_in(1, "v1")


def test_a_round_stopped_for_an_unpaid_call_gives_everybody_else_all_their_money_back(
    play: Play, secured: Round
) -> None:
    pay(play, secured, INSURER.name)
    pay(play, secured, BANK.name, 100_001)
    play.later(days=32)
    secured.end("stop", "Un contributeur ne paie pas")
    assert play.pledges(secured)[GRID.name].state == "defaulted"
    assert call_of(play, secured, GRID.name).state == "void"
    play.pay_out_all()
    sent = sorted(payout.amount_cents for payout in play.payouts("paid"))
    assert sent == [100_001, 240_000], "the fee of the paid call was earned, that of the other never"
    assert play.total("held") == play.total("back:") == 0


def test_money_that_comes_after_the_round_was_stopped_goes_back(play: Play, secured: Round) -> None:
    secured.end("stop", "La fonction arrive en amont")
    pay(play, secured, BANK.name, 252_000)
    assert play.balance("suspense:sandbox") == 252_000
    assert call_of(play, secured).state == "void"


@pytest.mark.on_both
def test_vat_follows_the_buyer_reverse_charge_abroad_and_the_rate_at_home(play: Play) -> None:
    abroad = play.round((900_000,), {BANK.name: 300_000, NORDLICHT.name: 300_000, SCALDIS.name: 300_000})
    abroad.call()
    vat = {name: call.vat_cents for name, call in play.calls(abroad).items()}
    assert vat == {BANK.name: 60_000, NORDLICHT.name: 0, SCALDIS.name: 0}
    abroad.pay_calls()
    abroad.hand_in(1, "v1")
    abroad.answer((BANK, SCALDIS))
    play.pay_out_all()
    assert sum(p.amount_cents for p in play.payouts("paid")) == 960_000


def test_an_exempt_maintainer_charges_no_vat_and_the_fee_has_its_own(play: Play) -> None:
    exempt = play.round((900_000,), {BANK.name: 900_000}, regime=Regime.EXEMPT, rate=0)
    exempt.call()
    call = call_of(play, exempt)
    assert (call.vat_cents, call.fee_cents, call.fee_vat_cents) == (0, 45_000, 9_000)


def test_funds_are_called_tranche_by_tranche_and_only_while_secured(play: Play) -> None:
    made = play.round(PRICES, THREE | {GRID.name: 400_000})
    with refused(play):
        made.call()
    made.pledge(GRID, 100_000)
    made.call()
    made.call()
    with refused(play):
        made.call()
    assert len({call.reference for call in play.calls(made).values()}) == 3
    made.end("stop", "Fin")
    with refused(play):
        made.call()
    play.act(lambda db: campaigns.complete(db, db.get_one(Campaign, made.campaign_id), at=play.at))
    assert play.campaign(made).state == "stopped"
