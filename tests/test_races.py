"""Many at once: exactly as many succeed as there is room for, and the same act twice happens once.

The control switches the lock off and expects the overshoot: a race that cannot be lost proves nothing.
"""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from app.campaigns import pledges, rules
from app.campaigns.model import Campaign, Part, Pledge
from app.delivery import rules as delivery
from app.demo.cast import BANK, GRID, INSURER, MINISTRY
from app.demo.funding import OFFICER, OFFICER_TWO, SECOND
from app.demo.round import Round
from app.escrow.model import Call, Deposit, Release
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.payouts import rules as payouts
from app.payouts.model import Payout
from app.people.model import Role, RoleGrant
from app.rails.sandbox import SandboxLine
from app.worker import Worker
from tests.crowd import CROWD, SHARE, Unlocked, all_at_once, crowd, drafted, signed_cents, signing
from tests.playing import Play, on_stage

FITS = 31


def test_fifty_pledges_at_once_never_pass_the_estimate(play: Play) -> None:
    played = play.round((200_000, FITS * SHARE - 200_000 + SHARE // 2))
    answers = all_at_once([signing(play, name) for name in crowd(play, played)])
    said = Counter(answer if isinstance(answer, str) else type(answer).__name__ for answer in answers)
    assert said == {"signed": FITS, "Refused": CROWD - FITS}
    assert signed_cents(play, played.campaign_id) == FITS * SHARE == play.campaign(played).signed_cents


def test_fifty_pledges_at_once_secure_a_campaign_once(play: Play) -> None:
    played = play.round((200_000, FITS * SHARE - 200_000))
    answers = all_at_once([signing(play, name) for name in crowd(play, played)])
    assert answers.count("signed") == FITS
    assert all(isinstance(answer, Conflict) for answer in answers if answer != "signed")
    assert play.campaign(played).state == "secured"
    with play.database.reading() as db:
        assert len(db.exec(select(Part)).all()) == 2 * FITS


def buyer_with_drafts(play: Play, limit_cents: int) -> tuple[list[int], list[int]]:
    """One buyer with this limit, and fifty unsigned pledges over five campaigns."""
    rounds = [play.round((200_000,)) for _ in range(5)]

    def write(db: Session) -> list[int]:
        by = play.actor(db, BANK.people[1])
        grant = db.exec(
            select(RoleGrant).where(RoleGrant.person_id == by.person.id, RoleGrant.role == Role.BUYER)
        ).one()
        grant.limit_cents = limit_cents
        names = (by.person.id, by.organization.id)
        return [drafted(db, play, rounds[n % 5].campaign_id, *names, SHARE) for n in range(CROWD)]

    return play.act(write), [played.campaign_id for played in rounds]


def test_fifty_pledges_at_once_over_five_campaigns_never_pass_one_buyers_limit(play: Play) -> None:
    names, campaigns = buyer_with_drafts(play, 12 * SHARE + SHARE // 2)
    answers = all_at_once([signing(play, name) for name in names])
    assert Counter(answers) == {"signed": 12, "awaiting approval": CROWD - 12}
    assert signed_cents(play, *campaigns) == 12 * SHARE


def test_without_the_lock_the_same_race_overshoots(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, fits = 20, 8  # each holds a connection while it waits for the others
    with on_stage(database, tmp_path) as stage:
        played = stage.round((200_000, fits * SHARE - 70_000), days=30)
        played = stage.round((fits * SHARE + SHARE // 2,))
        names = crowd(stage, played, count)
    unlocked = Unlocked(str(database.url))
    play = Play(unlocked, stage.worker.settings, stage.at)
    everybody_has_read = threading.Barrier(count)

    def read_only(db: Session, campaign_id: int) -> Campaign:
        campaign = db.get_one(Campaign, campaign_id)
        everybody_has_read.wait(60)
        return campaign

    monkeypatch.setattr(pledges, "lock", read_only)
    answers = all_at_once([signing(play, name) for name in names])
    unlocked.close()
    assert answers.count("signed") == count
    assert signed_cents(stage, played.campaign_id) > fits * SHARE + SHARE // 2, "the control must overshoot"


def twice(play: Play, act: Callable[[Session], Any], times: int = 4) -> list[Any]:
    """The same click several times at once."""
    return all_at_once([lambda: play.act(act)] * times)


def once(answers: list[Any]) -> None:
    """One of them did it, the others were told that it is done."""
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == len(answers) - 1, answers
    assert all(answer.status in (409, 422) for answer in refused)


def test_a_double_click_on_sign_signs_once(play: Play) -> None:
    played = play.round((200_000,))
    (name,) = crowd(play, played, 1)
    once(all_at_once([signing(play, name)] * 4))
    assert play.campaign(played).signed_cents == SHARE


def test_a_double_click_on_secure_cuts_the_parts_once(play: Play) -> None:
    played = play.round((100_000, 50_000), {BANK.name: 60_000, GRID.name: 40_001}, optional=1)
    once(twice(play, lambda db: rules.secure_early(
        db, db.get_one(Campaign, played.campaign_id), by=play.actor(db, OFFICER), at=play.at
    )))  # fmt: skip
    with play.database.reading() as db:
        assert sum(part.price_cents for part in db.exec(select(Part))) == 100_000


def test_two_officers_calling_funds_at_once_call_each_tranche_once(play: Play) -> None:
    from app.escrow import calls

    played = play.round((100_000, 50_000), {BANK.name: 150_000})
    who = (OFFICER, OFFICER_TWO) * 2
    answers = all_at_once([
        lambda by=by: play.act(lambda db: calls.call_funds(
            db, db.get_one(Campaign, played.campaign_id), by=play.actor(db, by), at=play.at
        ))
        for by in who
    ])  # fmt: skip
    assert sum(isinstance(answer, Refused) for answer in answers) == 2, "there are two tranches"
    with play.database.reading() as db:
        assert sorted(call.price_cents for call in db.exec(select(Call))) == [50_000, 100_000]


def reviewed(play: Play) -> Round:
    """A round of two banks and a ministry whose only milestone was handed in."""
    played = play.round((300_000,), {BANK.name: 100_000, GRID.name: 100_000, MINISTRY.name: 100_000})
    played.call_and_pay()
    played.hand_in(1, "v1")
    return played


def test_backers_answering_at_once_decide_once(play: Play) -> None:
    played = reviewed(play)
    answers = all_at_once([
        lambda who=who: play.act(lambda db: delivery.answer(
            db, played.last_delivery(db), accepts=True, by=play.actor(db, who.people[1]), at=play.at
        ))
        for who in (BANK, GRID, MINISTRY, BANK, GRID, INSURER)
    ])  # fmt: skip
    assert sum(not isinstance(answer, Refused) for answer in answers) == 2
    with play.database.reading() as db:
        assert len(db.exec(select(Release)).all()) == 2


def test_a_double_click_on_certify_calls_once_and_settling_at_once_releases_once(play: Play) -> None:
    played = reviewed(play)
    played.answer((BANK, GRID))
    mine = play.pledges(played)[MINISTRY.name].id
    once(twice(play, lambda db: delivery.certify(
        db, played.last_delivery(db), db.get_one(Pledge, mine), by=play.actor(db, MINISTRY.people[1]), at=play.at
    )))  # fmt: skip
    call = play.calls(played)[MINISTRY.name]
    play.pay(call.reference, call.total_cents, MINISTRY.name)
    play.worker.listener.take_in(play.at)
    assert sum(twice(play, lambda db: delivery.settle(db, played.last_delivery(db), at=play.at))) == 1


def due(play: Play) -> Payout:
    """A maintainer's payout that is due."""
    played = play.round((300_000,), {BANK.name: 300_000})
    played.call_and_pay()
    played.hand_in(1, "v1")
    played.answer((BANK,))
    return play.payouts("due")[0]


def test_a_double_click_on_prepare_and_on_approve_pays_once(play: Play) -> None:
    payout = due(play)
    once(twice(play, lambda db: payouts.prepare(
        db, db.get_one(Payout, payout.id), by=play.actor(db, OFFICER), at=play.at
    )))  # fmt: skip
    pinned = play.payouts("prepared")[0].pinned
    once(twice(play, lambda db: payouts.approve(
        db, db.get_one(Payout, payout.id), pinned=pinned, by=play.actor(db, SECOND), at=play.at
    )))  # fmt: skip
    play.work()
    play.settle_payments()
    assert [paid.amount_cents for paid in play.payouts("paid")] == [360_000]


def test_workers_side_by_side_send_one_order_and_count_one_payment_once(play: Play) -> None:
    payout = due(play)
    play.approve(play.prepare(payout))
    workers = [Worker(play.database, play.worker.settings) for _ in range(3)]
    all_at_once([lambda w=worker: w.round(play.at) for worker in workers])
    played = play.round((50_000,), {GRID.name: 50_000})
    played.call()
    call = play.calls(played)[GRID.name]
    play.pay(call.reference, call.total_cents, GRID.name)
    all_at_once([lambda w=worker: w.round(play.at) for worker in workers])
    with play.database.reading() as db:
        assert len(db.exec(select(SandboxLine).where(SandboxLine.direction == "out")).all()) == 1
        assert len(db.exec(select(Deposit).where(Deposit.call_id == call.id)).all()) == 1
    assert play.calls(played)[GRID.name].state == "paid"
