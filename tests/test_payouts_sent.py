"""What is approved is sent once, whatever breaks meanwhile; what bounces is due again."""

import threading
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.kit.db import Database
from app.kit.outbox import MAIL, Outgoing, put
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.payouts import rules, sending
from app.payouts.model import Payout, PayoutState
from app.people import alarms
from app.rails.rail import Happened
from app.rails.sandbox import SandboxLine
from app.worker import Worker
from tests.money_cast import set_up, visiting
from tests.money_stage import NOW, Stage
from tests.payouts_cast import owed, sent_lines, the_payout


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    return set_up(database, settings, then=owed)


def test_what_is_released_is_due_prepared_approved_sent_and_paid(stage: Stage) -> None:
    payout = the_payout(stage)
    assert payout.state == PayoutState.DUE
    prepared = stage.prepare(payout)
    assert (prepared.amount_cents, prepared.to_account) == (720_000, "XX99MAKER0001")
    stage.rest()
    assert sent_lines(stage) == [], "nothing leaves before a second person approves"
    stage.approve(payout)
    stage.rest()
    assert stage.balance("owed:") == 0
    assert stage.again(payout).state == PayoutState.SENT
    stage.turn(sent_lines(stage)[0], Happened.PAID_OUT)
    assert stage.again(payout).state == PayoutState.PAID
    stage.rest()
    assert len(sent_lines(stage)) == 1


def test_no_payout_leaves_while_the_book_cannot_be_audited_and_the_rest_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.worker = Worker(stage.database, stage.worker.settings)  # one that sends mails
    payout = stage.prepare(the_payout(stage))
    stage.approve(payout)
    facts = {"name": "Ada", "when": NOW.isoformat()}
    stage.act(lambda db: put(
        db, MAIL, "mail:1", NOW, to="ada@example.org", template="password_changed", language="fr", facts=facts,
    ))  # fmt: skip
    with monkeypatch.context() as broken:
        broken.setattr(import_module("app.audit.run"), "examine", unreadable)
        stage.worker.until_quiet(NOW)
    assert stage.again(payout).state == PayoutState.APPROVED
    assert sent_lines(stage) == []
    assert stage.look(lambda db: db.exec(select(Outgoing).where(Outgoing.key == "mail:1")).one()).done_at
    assert [alarm.reason for alarm in stage.look(alarms.ringing)] == ["the book cannot be audited"]
    stage.worker.round(NOW + timedelta(minutes=1))
    assert sent_lines(stage) == [], "the alarm is silenced by an audit of the whole book, by nothing less"
    stage.act(lambda db: alarms.clear(db, alarms.BOOK, at=NOW))
    stage.worker.round(NOW + timedelta(minutes=3))
    assert len(sent_lines(stage)) == 1


def unreadable(*_asked: object, **_more: object) -> None:
    """An audit that breaks."""
    raise RuntimeError("no such column")


def test_rounds_go_on_where_heads_cannot_be_noted_and_the_audit_breaks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    tried: list[str] = []

    def full(*_asked: object) -> None:
        tried.append("heads")
        raise OSError("no space left on device")

    def broken(*_asked: object) -> None:
        tried.append("audit")
        raise RuntimeError("the database is away")

    monkeypatch.setattr("app.worker.heads.write", full)
    monkeypatch.setattr("app.worker.audit.guard", broken)
    monkeypatch.setattr("app.worker.AUDIT_EVERY", timedelta())
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0)
    monkeypatch.setattr(stage.worker, "round", lambda **_asked: stop.set() if len(tried) == 4 else None)
    stage.worker.run_forever(stop)
    assert tried == ["heads", "audit"] * 3


def test_what_bounces_is_due_again_and_sent_once_more_with_another_key(stage: Stage) -> None:
    payout = the_payout(stage)
    first = stage.sent(payout)
    stage.turn(first, Happened.BOUNCED, "The account is closed.")
    after = stage.again(payout)
    assert (after.state, after.reason) == (PayoutState.DUE, "The account is closed.")
    assert stage.balance("owed:") == 720_000
    stage.name_account("XX99MAKER0002")
    stage.confirm_account()
    second = stage.sent(payout)
    assert second.order_key != first.order_key
    assert second.other_account == "XX99MAKER0002"
    stage.turn(second, Happened.PAID_OUT)
    assert stage.again(payout).state == PayoutState.PAID
    assert [line.happened for line in sent_lines(stage)] == ["bounced", "paid out"]
    assert stage.balance("owed:") == 0


def test_an_order_whose_answer_was_lost_is_neither_taken_back_nor_changed_only_repeated(stage: Stage) -> None:
    payout = the_payout(stage)
    stage.prepare(payout)
    stage.approve(payout)
    key = rules.key_of(stage.again(payout))
    asked = stage.act(lambda db: sending.order_for(db, payout.id, key, at=stage.at))
    assert asked is not None
    # The rail took the order, and the worker died before it could write that down.
    stage.worker.rails["sandbox"].send(asked[1], stage.at)
    with pytest.raises(Conflict, match="sent already"):
        stage.act(lambda db: rules.take_back(
            db, db.get_one(Payout, payout.id), reason="Wait.", by=stage.colleague, at=stage.at
        ))  # fmt: skip
    stage.name_account("XX66THIEF0001")
    assert stage.act(lambda db: sending.order_for(db, payout.id, key, at=stage.at)) == asked
    stage.rest()
    assert stage.again(payout).state == PayoutState.SENT
    assert len(sent_lines(stage)) == 1


def test_payouts_to_maintainers_stop_while_the_rail_lacks_money_and_refunds_go_on(
    stage: Stage, app: Flask
) -> None:
    # The insurer's bank takes back what was released already: 360 000 and its fee are missing on the rail.
    stage.turn(stage.paid[1], Happened.CHARGED_BACK)
    payout = the_payout(stage)
    with pytest.raises(Conflict, match="is missing on this rail"):
        stage.prepare(payout)
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get(f"/payouts/{payout.public_id}").text
        assert "is missing on this rail after a charge-back" in shown
        assert ">Prepare<" not in shown.replace("<h2>Prepare</h2>", "")
    # Money paid twice by the other backer is owed back and leaves all the same.
    stage.pay(stage.paid_call(0), 5_000)
    stage.rest()
    stage.act(lambda db: _give_back(db, stage))
    stage.rest()
    refund = stage.payouts("refund")[0]
    stage.turn(stage.sent(refund), Happened.PAID_OUT)
    assert stage.again(refund).state == PayoutState.PAID


def _give_back(db: Session, stage: Stage) -> Any:
    from app.escrow import receipts
    from app.escrow import rules as escrow

    return receipts.give_back_excess(db, escrow.in_suspense(db)[0], by=stage.treasurer, at=stage.at)


def test_a_shortage_found_after_the_approval_stops_the_sending(stage: Stage) -> None:
    payout = the_payout(stage)
    stage.prepare(payout)
    stage.approve(payout)
    from app.rails import sandbox

    stage.act(lambda db: sandbox.turn(
        db, db.get_one(SandboxLine, stage.paid[1].id), Happened.CHARGED_BACK, reason="x", at=stage.at
    ))  # fmt: skip
    stage.rest()
    assert stage.again(payout).state == PayoutState.DUE
    assert sent_lines(stage) == []
