"""What a bank takes back, at every moment of a round: out of what is held for that backer, the rest is its debt."""

import pytest

from app.demo.cast import BANK, GRID, INSURER
from app.demo.round import Round
from app.escrow import rules as escrow
from app.payouts.model import PayoutState
from tests.beginnings import begun
from tests.playing import Play, refused
from tests.playing_cast import PRICES, THREE, call_of, pay, secured

__all__ = ["secured"]
pytestmark = pytest.mark.long_story


def charged(play: Play, secured: Round, *, before: str) -> str:
    """Play on until just before this, with all three paid; the first backer's payment by the bank's name."""

    def pay_all() -> str:
        banks, *_others = [pay(play, secured, who.name) for who in (BANK, INSURER, GRID)]
        return banks

    payment = begun(play.database, "all three paid", pay_all)
    if before == "hand-in":
        return payment
    secured.hand_in(1, "v1")
    if before == "decision":
        return payment
    secured.answer((INSURER, GRID))
    if before == "payout":
        return payment
    play.pay_out_all()
    return payment


def test_a_charge_back_before_the_hand_in_takes_back_what_is_held_and_the_milestone_waits(
    play: Play, secured: Round
) -> None:
    payment = charged(play, secured, before="hand-in")
    play.take_back(payment, "Contesté")
    assert (call_of(play, secured).state, play.total("claim:"), play.total("held:")) == (
        "charged back",
        0,
        400_000,
    )
    assert play.balance("fees") == 20_000
    with refused(play):
        secured.hand_in(1, "v1")
    pay(play, secured, BANK.name)
    secured.hand_in(1, "v1")


def test_a_charge_back_during_the_review_leaves_one_part_to_be_released_when_it_is_paid_again(
    play: Play, secured: Round
) -> None:
    payment = charged(play, secured, before="decision")
    play.take_back(payment, "Contesté")
    secured.answer((INSURER, GRID))
    assert play.total("owed:") == 480_000
    pay(play, secured, BANK.name)
    assert (play.total("owed:"), play.total("held"), play.total("claim:")) == (720_000, 0, 0)


@pytest.mark.on_both
def test_a_charge_back_after_the_release_is_a_claim_on_that_backer_and_stops_payouts_to_maintainers(
    play: Play, secured: Round
) -> None:
    payment = charged(play, secured, before="payout")
    play.take_back(payment, "Contesté")
    assert (play.total("claim:"), play.total("owed:")) == (240_000, 720_000)
    (due,) = play.payouts(PayoutState.DUE)
    with refused(play) as refusal:
        play.prepare(due)
    assert "payouts to maintainers wait" in str(refusal)
    pay(play, secured, BANK.name)
    assert play.total("claim:") == 0
    play.pay_out_all()
    assert [p.amount_cents for p in play.payouts("paid")] == [720_000]


def test_a_charge_back_between_approval_and_sending_keeps_the_money_in(play: Play, secured: Round) -> None:
    payment = charged(play, secured, before="payout")
    (due,) = play.payouts(PayoutState.DUE)
    play.approve(play.prepare(due))
    play.take_back(payment, "Contesté")
    (back,) = play.payouts(PayoutState.DUE)
    assert back.reason == "The rail does not hold enough: payouts to maintainers are stopped."
    assert play.total("owed:") == 720_000


def test_below_zero_refunds_still_go_out(play: Play, secured: Round) -> None:
    payment = charged(play, secured, before="payout")
    secured.call()
    pay(play, secured, INSURER.name)
    play.take_back(payment, "Contesté")
    secured.end("stop", "Un paiement a été repris")
    kinds = {payout.kind: payout for payout in play.payouts(PayoutState.DUE)}
    with refused(play):
        play.prepare(kinds["maintainer"])
    play.approve(play.prepare(kinds["refund"]))
    play.work()
    play.settle_payments()
    assert [(p.kind, p.amount_cents) for p in play.payouts("paid")] == [("refund", 360_000)]


def test_a_charge_back_after_the_payout_costs_no_other_backer_a_cent(play: Play, secured: Round) -> None:
    payment = charged(play, secured, before="the end")
    secured.call_and_pay(unpaid=(BANK,))
    held = play.total("held:")
    play.take_back(payment, "Contesté")
    assert (play.total("held:"), play.total("claim:"), play.balance("fees")) == (held, 240_000, 50_000)
    with play.database.reading() as db:
        assert escrow.coverage(db, "sandbox").margin_cents < 0


@pytest.mark.on_both
def test_a_charge_back_after_the_refund_is_a_claim_and_nobody_is_sent_money_they_took_back(
    play: Play, secured: Round
) -> None:
    first, second = pay(play, secured, BANK.name, 245_000), pay(play, secured, BANK.name, 2_000)
    secured.end("stop", "La fonction arrive en amont")
    (due,) = play.payouts(PayoutState.DUE)
    play.take_back(first, "Contesté")
    play.take_back(second, "Contesté")
    assert play.total("claim:") == play.total("back:") == 247_000
    assert play.prepare(due).state == PayoutState.SETTLED
    assert play.total("claim:") == play.total("back:") == 0


def test_a_charge_back_after_the_refund_was_sent_is_a_claim(play: Play, secured: Round) -> None:
    payment = pay(play, secured, BANK.name)
    secured.end("stop", "La fonction arrive en amont")
    play.pay_out_all()
    play.take_back(payment, "Contesté")
    assert (play.total("claim:"), play.balance("fees"), play.balance("outside:sandbox")) == (
        240_000,
        0,
        -240_000,
    )


def test_a_call_of_two_milestones_charged_back_between_them_and_paid_again_is_released_to_the_cent(
    play: Play,
) -> None:
    both = play.round(PRICES, THREE, tranches=[1, 1])
    both.call()
    payment = pay(play, both, BANK.name)
    pay(play, both, INSURER.name)
    pay(play, both, GRID.name)
    both.hand_in(1, "v1")
    both.answer((INSURER, GRID))
    play.take_back(payment, "Contesté")
    assert play.total("claim:") == 240_000
    pay(play, both, BANK.name)
    both.hand_in(2, "v2")
    both.answer((INSURER, GRID))
    play.pay_out_all()
    assert sum(p.amount_cents for p in play.payouts("paid")) == 1_800_000


def test_one_of_two_payments_charged_back_after_the_end_and_paid_again_earns_the_fee_once(play: Play) -> None:
    one = play.round((600_000,), {BANK.name: 300_000, INSURER.name: 300_000})
    one.call()
    pay(play, one, INSURER.name)
    payment = pay(play, one, BANK.name, 370_000)
    pay(play, one, BANK.name)
    one.hand_in(1, "v1")
    one.answer((BANK, INSURER))
    assert play.campaign(one).state == "completed"
    play.take_back(payment, "Contesté")
    play.quietly()
    pay(play, one, BANK.name)
    assert (play.balance("fees"), play.total("claim:")) == (30_000, 0)
