"""Killed with SIGKILL between the outbox and the rail, and between the inbox and the book: nothing lost, nothing twice.

On SQLite the whole serving process dies, on PostgreSQL the worker alone. What it leaves is finished by the next one.
"""

import os
import random
import signal
import time
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlmodel import select

from app.demo.cast import BANK, GRID
from app.demo.round import Round
from app.rails.sandbox import SandboxLine
from tests import mortal
from tests.killing import Victim, started
from tests.mortal import POINTS
from tests.playing import Play

CYCLES = int(os.environ.get("JALON_KILLS", "200"))
OUTGOING = tuple(point for point, (_, name, _) in POINTS.items() if name not in ("fetch", "settle"))
INCOMING = tuple(point for point in POINTS if point not in OUTGOING)
SEED = int(os.environ.get("JALON_SEED", "0")) or int(time.time())


def process(play: Play, point: str = "") -> AbstractContextManager[Victim]:
    """A Jalon in a process group of its own, killed at the latest when the block ends."""
    url = play.database.url.render_as_string(hide_password=False)
    words = (url, str(play.worker.settings.folder), play.at.isoformat(), point)
    return started(mortal.main, *words)


def halted_at(play: Play, point: str) -> None:
    """Let a process come to this point, and kill it there."""
    with process(play, point) as child:
        child.hear("halted")
        assert child.kill() == -signal.SIGKILL


def next_one(play: Play) -> None:
    """Another process finishes what the dead one took, once nobody waits for that any more."""
    play.at += timedelta(minutes=3)
    with process(play) as child:
        child.hear("at rest")


def lines(play: Play) -> list[SandboxLine]:
    """What the bank was asked to send."""
    with play.database.reading() as db:
        return list(db.exec(select(SandboxLine).where(SandboxLine.direction == "out")))


def approved_payout(play: Play) -> None:
    """One payout, prepared and approved, waiting in the outbox."""

    def approve() -> Round:
        made = play.round((300_000,), {BANK.name: 300_000})
        made.call_and_pay()
        made.hand_in(1, "v1")
        made.answer((BANK,))
        play.approve(play.prepare(play.payouts("due")[0]))
        return made

    play.begin("a payout approved", approve)


@pytest.mark.slow
@pytest.mark.parametrize("point", OUTGOING)
def test_a_payout_cut_off_on_its_way_to_the_bank_is_sent_once(play: Play, point: str) -> None:
    approved_payout(play)
    halted_at(play, point)
    settle_without_worker(play)  # the bank carries out what it has, and tells, before anybody is back to hear
    if point == OUTGOING[0]:
        next_one(play)
    play.at += timedelta(minutes=3)
    play.work()
    play.settle_payments()
    (payout,) = play.payouts()
    (line,) = lines(play)
    assert (payout.state, line.happened, line.amount_cents) == ("paid", "paid out", 360_000)
    assert play.total("owed:") == 0


def settle_without_worker(play: Play) -> None:
    """The bank carries out everything it was asked to send; nobody is there to hear of it."""
    from app.rails import sandbox
    from app.rails.rail import Happened

    def settle(db) -> None:
        for line in sandbox.on_its_way(db):
            sandbox.turn(db, line, Happened.PAID_OUT, at=play.at)

    play.act(settle)


@pytest.mark.slow
@pytest.mark.parametrize("point", INCOMING)
def test_a_payment_cut_off_on_its_way_into_the_book_is_counted_once(play: Play, point: str) -> None:
    made = play.round((300_000,), {BANK.name: 300_000})
    made.call()
    call = play.calls(made)[BANK.name]
    play.pay(call.reference, call.total_cents, BANK.name)
    halted_at(play, point)
    assert play.total("held:") == 0, "nothing of a transaction that was not kept may be there"
    play.work()
    assert (play.calls(made)[BANK.name].state, play.total("held:")) == ("paid", 300_000)


@pytest.mark.drill
def test_kills_at_random_moments_lose_and_double_nothing(play: Play) -> None:
    print(f"JALON_SEED={SEED}")
    draw = random.Random(SEED)
    paid_in = 0
    for _ in range(CYCLES):
        made = play.round((30_000, 20_000), {GRID.name: 50_000}, tranches=[1, 1])
        made.call()
        call = play.calls(made)[GRID.name]
        play.pay(call.reference, call.total_cents, GRID.name)
        paid_in += call.total_cents
        made.end("stop", "Une autre fois")  # everything paid is to go back
        for payout in play.payouts("due"):
            prepared = play.prepare(payout)
            if prepared.state == "prepared":
                play.approve(prepared)
        with process(play) as child:
            child.hear(".", draw.randint(1, 30))
            child.kill()
        if draw.random() < 0.7:
            settle_without_worker(play)
        play.at += timedelta(minutes=draw.choice([0, 3]))
    play.at += timedelta(minutes=10)
    play.pay_out_all()
    play.pay_out_all()
    sent = sum(line.amount_cents for line in lines(play))
    with play.database.reading() as db:
        keys = [line.order_key for line in db.exec(select(SandboxLine).where(SandboxLine.direction == "out"))]
    assert len(keys) == len(set(keys))
    assert sent == paid_in - play.balance("fees") - play.balance("vat")
