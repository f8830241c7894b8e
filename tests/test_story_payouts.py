"""Money on its way out: bounced, taken back, on hold, for an account that changed or that nobody named."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.demo.cast import BANK, GRID, INSURER, WATCH
from app.demo.funding import SECOND, TREASURER
from app.demo.round import Round
from app.payouts import payees, rules
from app.payouts.model import PayeeAccount, Payout, PayoutState
from tests.playing import Play, refused
from tests.playing_cast import paid

__all__ = ["paid"]
pytestmark = pytest.mark.long_story


@pytest.mark.on_both
def test_a_payout_that_bounced_is_prepared_and_approved_again_for_the_new_account(
    play: Play, paid: Round
) -> None:
    paid.answer((INSURER, GRID))
    (due,) = play.payouts(PayoutState.DUE)
    play.approve(play.prepare(due))
    play.work()
    assert play.payouts()[0].state == "sent"
    play.bounce_payments("Compte clos")
    (again,) = play.payouts(PayoutState.DUE)
    assert (again.id, again.reason, play.total("owed:")) == (due.id, "Compte clos", 720_000)

    def move_house(db: Any) -> None:
        payees.name_account(
            db, rail="sandbox", holder=WATCH.name, account="FR7630001007949999999999999",
            by=play.actor(db, WATCH.people[0]), at=play.at,
        )  # fmt: skip

    def confirm(db: Any) -> None:
        for who in (TREASURER, SECOND):
            payees.confirm_account(
                db, payees.changes(db)[0], by=play.actor(db, who), at=play.at + timedelta(days=3)
            )

    play.act(move_house)
    play.act(confirm)
    play.pay_out_all()
    (done,) = play.payouts("paid")
    assert (done.to_account, done.attempt) == ("FR7630001007949999999999999", 2)


def test_nobody_approves_what_they_prepared_nor_what_changed_meanwhile(play: Play, paid: Round) -> None:
    paid.answer((INSURER, GRID))
    (due,) = play.payouts(PayoutState.DUE)
    prepared = play.prepare(due)
    with refused(play):
        play.prepare(due)
    with refused(play):
        play.act(lambda db: rules.approve(
            db, db.get_one(Payout, due.id), pinned=prepared.pinned, by=play.actor(db, TREASURER), at=play.at
        ))  # fmt: skip
    play.act(lambda db: payees.name_account(
        db, rail="sandbox", holder="Autre", account="FR7600000", by=play.actor(db, WATCH.people[0]), at=play.at
    ))  # fmt: skip
    with refused(play) as refusal:
        play.approve(prepared)
    assert "changed since it was prepared" in str(refusal)


def test_an_approved_payout_is_taken_back_or_held_with_a_reason_and_goes_on_later(
    play: Play, paid: Round
) -> None:
    def act(verb: Any, **more: Any) -> None:
        play.act(lambda db: verb(
            db, db.get_one(Payout, due.id), by=play.actor(db, SECOND), at=play.at, **more
        ))  # fmt: skip

    paid.answer((INSURER, GRID))
    (due,) = play.payouts(PayoutState.DUE)
    play.approve(play.prepare(due))
    act(rules.take_back, reason="Vérification du compte")
    play.work()
    assert play.payouts()[0].state == "due", "an order taken back is never sent"
    act(rules.hold, reason="Changement de compte annoncé")
    with refused(play):
        play.prepare(due)
    play.later(days=30)
    play.round((100_000,), {BANK.name: 1_000})  # a payout on hold with its reason rings no alarm
    act(rules.resume)
    play.pay_out_all()
    with refused(play):
        act(rules.take_back, reason="Trop tard")


@pytest.mark.on_both
def test_a_maintainer_that_named_no_account_is_not_paid_before_it_does(play: Play, paid: Round) -> None:
    def forget(db: Any) -> None:
        db.execute(delete(PayeeAccount))

    play.act(forget)
    paid.answer((INSURER, GRID))
    (due,) = play.payouts(PayoutState.DUE)
    with refused(play) as refusal:
        play.prepare(due)
    assert "has not named an account yet" in str(refusal)
