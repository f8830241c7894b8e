"""Payouts: prepared by one, approved by another, sent once, paid or bounced."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import charge_backs
from app.escrow.model import Deposit, Release
from app.kit.db import Database
from app.kit.outbox import MAIL, Outgoing, put
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.payouts import rules, sending
from app.payouts.model import Payout, PayoutState
from app.people import alarms
from app.people.access import Actor
from app.people.model import Kind, Role
from app.rails.rail import Happened
from app.rails.sandbox import OUT, SandboxLine
from app.worker import Worker
from tests.money_cast import NOW, Stage, join, outsider, set_up, visiting


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """The first milestone accepted, 7 200 owed to the maintainer, whose account is named."""

    def accepted(stage: Stage) -> None:
        stage.fund()
        stage.name_account()
        stage.accepted()

    return set_up(database, settings, then=accepted)


def the_payout(stage: Stage) -> Payout:
    """The maintainer's payout."""
    return stage.payouts()[0]


def sent_lines(stage: Stage) -> list[SandboxLine]:
    """What the bank was asked to send, in order."""
    query = select(SandboxLine).where(SandboxLine.direction == OUT).order_by(SandboxLine.id)  # type: ignore[arg-type]
    return stage.look(lambda db: list(db.exec(query)))


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


def test_nobody_approves_what_they_prepared(stage: Stage, app: Flask) -> None:
    payout = stage.prepare(the_payout(stage))
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get(page).text
        assert "You prepared this payout. Nobody approves what they prepared" in shown
        assert "Approve and send" not in shown
        answer = browser.post(f"{page}/approval", data={"pinned": payout.pinned})
        assert answer.status_code == 403
        assert "Nobody approves what they prepared." in answer.text
    assert stage.again(payout).state == PayoutState.PREPARED
    with visiting(app, stage.colleague) as browser:
        assert "Approve and send €7,200.00" in browser.get(page).text
        assert browser.post(f"{page}/approval", data={"pinned": payout.pinned}).status_code == 303
    stage.rest()
    assert stage.again(payout).state == PayoutState.SENT


def test_the_same_person_in_two_roles_is_still_one_person(stage: Stage) -> None:
    payout = stage.prepare(the_payout(stage))
    both = stage.act(lambda db: join(db, stage.treasurer.person, stage.treasurer.organization, Role.OFFICER))
    with pytest.raises(Refused, match="Nobody approves"):
        stage.act(lambda db: rules.approve(
            db, db.get_one(Payout, payout.id), pinned=payout.pinned, by=both, at=stage.at
        ))  # fmt: skip


def test_an_account_changed_after_the_preparation_voids_it(stage: Stage, app: Flask) -> None:
    payout = stage.prepare(the_payout(stage))
    stage.name_account("XX66THIEF0001")
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.colleague) as browser:
        shown = browser.get(page).text
        assert "changed since it was prepared" in shown
        assert "Approve and send" not in shown
        answer = browser.post(f"{page}/approval", data={"pinned": payout.pinned})
        assert answer.status_code == 409
        assert browser.post(f"{page}/return", data={"reason": "New account."}).status_code == 303
    assert stage.again(payout).state == PayoutState.DUE
    assert sent_lines(stage) == []


def test_an_account_changed_after_the_approval_is_not_paid(stage: Stage) -> None:
    payout = the_payout(stage)
    stage.prepare(payout)
    stage.approve(payout)
    stage.name_account("XX66THIEF0001")
    stage.rest()
    after = stage.again(payout)
    assert (after.state, after.reason) == (PayoutState.DUE, "It changed after it was approved.")
    assert sent_lines(stage) == []
    assert stage.balance("owed:") == 720_000


def test_approving_takes_the_very_page_that_was_shown(stage: Stage) -> None:
    payout = stage.prepare(the_payout(stage))
    with pytest.raises(Conflict, match="changed"):
        stage.act(lambda db: rules.approve(
            db, db.get_one(Payout, payout.id), pinned="0" * 64, by=stage.colleague, at=stage.at
        ))  # fmt: skip


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


def stopped(stage: Stage) -> list[Payout]:
    """The refunds of a campaign stopped while its second tranche is held."""
    stage.fund()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="No need any more.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    return stage.payouts("refund")


def test_refunds_go_to_the_account_the_money_came_from(stage: Stage) -> None:
    refunds = stopped(stage)
    assert len(refunds) == 2
    for refund in refunds:
        line = stage.sent(refund)
        assert line.other_account == f"XX{refund.pledge_id:08d}"
        assert line.amount_cents == 240_000
        stage.turn(line, Happened.PAID_OUT)
    assert (stage.balance("back:"), stage.balance("held")) == (0, 0)


def test_a_backer_who_took_money_back_is_not_sent_it_again(stage: Stage) -> None:
    # Released already, so it becomes a claim; what is owed back to the same backer pays that claim first.
    stage.fund()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    claim = stage.balance("claim:")
    assert claim > 240_000
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Unpaid.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    refund = next(p for p in stage.payouts("refund") if p.pledge_id == stage.paid_call(0).pledge_id)
    assert stage.prepare(refund).state == PayoutState.SETTLED
    stage.rest()
    assert stage.balance("claim:") == claim - 240_000
    assert sent_lines(stage) == []


def test_a_refund_is_not_sent_to_somebody_whose_bank_took_money_back_since(stage: Stage, app: Flask) -> None:
    refund = stage.prepare(stopped(stage)[0])
    page = f"/payouts/{refund.public_id}"
    stage.approve(refund)
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    stage.rest()
    assert sent_lines(stage) == []
    again = stage.again(refund)
    assert (again.state, again.reason[:12]) == (PayoutState.DUE, "The payee's ")
    with visiting(app, stage.treasurer) as browser:
        assert "this refund pays that first" in browser.get(page).text
    claim = stage.balance("claim:")
    assert stage.prepare(refund).state == PayoutState.SETTLED
    assert stage.balance("claim:") == claim - 240_000


def test_a_refund_prepared_before_a_charge_back_is_not_approved(stage: Stage, app: Flask) -> None:
    refund = stage.prepare(stopped(stage)[0])
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    page = f"/payouts/{refund.public_id}"
    with visiting(app, stage.colleague) as browser:
        shown = browser.get(page).text
        assert "this refund pays that first" in shown
        assert "Approve and send" not in shown
        assert browser.post(f"{page}/approval", data={"pinned": refund.pinned}).status_code == 409


def test_a_charge_back_that_comes_while_a_refund_is_being_sent_stops_it(stage: Stage) -> None:
    refund = stage.prepare(stopped(stage)[0])
    stage.approve(refund)
    key = rules.key_of(refund)
    with ThreadPoolExecutor(1) as pool:
        with stage.database.writing() as db:
            deposit = db.exec(select(Deposit).where(Deposit.outside_id == stage.paid[0].public_id)).one()
            charge_backs.charge_back(db, deposit, "no reason", at=NOW)
            order = pool.submit(stage.act, lambda db: sending.order_for(db, refund.id, key, at=NOW))
            assert not wait([order], timeout=0.3).done, "sending waits for what the bank says to be written"
        assert order.result() is None
    assert stage.again(refund).state == PayoutState.DUE


# ---- Held, taken back, clicked twice ---------------------------------------------------------------------------


def test_on_hold_nothing_is_prepared_until_it_goes_on_and_the_payee_reads_why(
    stage: Stage, app: Flask
) -> None:
    page = f"/payouts/{the_payout(stage).public_id}"
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/hold", data={"reason": ""}).status_code == 422
        assert browser.post(f"{page}/hold", data={"reason": "Called the maintainer."}).status_code == 303
        assert browser.post(f"{page}/hold", data={"reason": "Again."}).status_code == 409
        assert browser.post(f"{page}/preparation").status_code == 409
    with visiting(app, stage.maker) as browser:
        assert "Called the maintainer." in browser.get(page).text
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/resumption").status_code == 303
        assert browser.post(f"{page}/resumption").status_code == 409
        assert browser.post(f"{page}/preparation").status_code == 303


def test_every_second_click_gets_a_sentence(stage: Stage, app: Flask) -> None:
    payout = the_payout(stage)
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.treasurer) as browser:
        assert browser.post(f"{page}/preparation").status_code == 303
        again = browser.post(f"{page}/preparation")
        assert (again.status_code, "not due any more" in again.text) == (409, True)
    pinned = stage.again(payout).pinned
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/approval", data={"pinned": pinned}).status_code == 303
        again = browser.post(f"{page}/approval", data={"pinned": pinned})
        assert (again.status_code, "does not wait for an approval" in again.text) == (409, True)
        assert browser.post(f"{page}/return", data={"reason": "Stop."}).status_code == 303
        assert browser.post(f"{page}/return", data={"reason": "Stop."}).status_code == 409
    stage.rest()
    assert sent_lines(stage) == []


def test_several_are_prepared_all_or_none(stage: Stage, app: Flask) -> None:
    stage.fund()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Enough.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    names = [payout.public_id for payout in (*stage.payouts(), *stage.payouts("refund"))]
    assert len(names) == 3
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get("/payouts/selection", query_string={"payout": names}).text
        assert "€12,000.00" in shown
        held = browser.post(f"/payouts/{names[2]}/hold", data={"reason": "Not yet."})
        assert held.status_code == 303
        answer = browser.post("/payouts/selection", data={"chosen": ",".join(names)})
        assert answer.status_code == 409
        assert {p.state for p in stage.payouts()} == {PayoutState.DUE}
        assert browser.post("/payouts/selection", data={"chosen": ",".join(names[:2])}).status_code == 303
        assert browser.post("/payouts/selection", data={"chosen": ""}).status_code == 422
        listed = browser.get("/payouts?tab=approval").text
        assert "Atelier Wiki" in listed


# ---- Who may see and do what -----------------------------------------------------------------------------------


def test_others_find_no_payout_and_only_those_who_need_it_read_the_whole_account(
    stage: Stage, app: Flask
) -> None:
    stage.prepare(the_payout(stage))
    page = f"/payouts/{the_payout(stage).public_id}"
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER, Role.FINANCE)
    member = stage.act(lambda db: _colleague(db, stage))
    sees: list[tuple[Actor, int, bool]] = [
        (stage.treasurer, 200, True), (stage.officer, 200, True), (stage.maker, 200, True),
        (stage.auditor, 200, False), (member, 200, False), (stranger, 404, False), (stage.backers[0], 404, False),
    ]  # fmt: skip
    for actor, status, whole in sees:
        with visiting(app, actor) as browser:
            answer = browser.get(page)
            assert answer.status_code == status, actor.person.name
            assert ("XX99MAKER0001" in answer.text) is whole, actor.person.name
    with visiting(app, stage.maker) as browser:
        assert "Tess" not in browser.get(page).text, "who of the fund it was stays inside the fund"
        assert "€7,200.00" in browser.get("/payouts").text
    with visiting(app, stranger) as browser:
        assert "Atelier Wiki" not in browser.get("/payouts").text
    for actor in (stage.maker, stage.auditor, *stage.arbitrators[:1]):
        with visiting(app, actor) as browser:
            assert browser.post(f"{page}/approval", data={"pinned": "x"}).status_code == 403
    with visiting(app, None) as browser:
        assert browser.get(page).status_code == 303


def _colleague(db: Session, stage: Stage) -> Actor:
    from tests.money_cast import _person

    return _person(db, "Martin", stage.maker.organization, Role.MEMBER)


def test_the_treasurer_who_belongs_to_a_backer_stands_aside(stage: Stage, app: Flask) -> None:
    stage.act(lambda db: join(db, stage.treasurer.person, stage.backers[0].organization, Role.MEMBER))
    page = f"/payouts/{the_payout(stage).public_id}"
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get(page).text
        assert "You belong to Banque Lumen" in shown
        assert browser.post(f"{page}/preparation").status_code == 403
        assert browser.post(f"{page}/hold", data={"reason": "Mine."}).status_code == 403


def test_without_an_account_nothing_can_be_prepared(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings)
    stage.fund()
    stage.accepted()
    with visiting(app, stage.treasurer) as browser:
        answer = browser.post(f"/payouts/{the_payout(stage).public_id}/preparation")
        assert answer.status_code == 422
        assert "Atelier Wiki has not named an account yet" in answer.text


def test_finance_of_a_maintainer_names_the_account_and_nobody_else(stage: Stage, app: Flask) -> None:
    typed = {"rail": "sandbox", "holder": "Atelier Wiki", "account": "fr76 3000 4000 0312"}
    with visiting(app, stage.maker) as browser:
        assert browser.post("/payee-account", data=typed).status_code == 303
        assert "FR76300040000312" in "".join(browser.get("/payee-account").text.split()), "in groups of four"
        wrong = browser.post("/payee-account", data=typed | {"account": "?"})
        assert (wrong.status_code, "not an account number" in wrong.text) == (422, True)
        assert browser.post("/payee-account", data=typed | {"rail": "moon"}).status_code == 422
    with visiting(app, stage.backers[0]) as browser:
        assert browser.get("/payee-account").status_code == 404
        assert browser.post("/payee-account", data=typed).status_code == 403


def test_a_milestone_says_how_far_its_money_has_come(stage: Stage, app: Flask) -> None:
    line = stage.sent(the_payout(stage))
    page = f"/payouts/of-milestone/{stage.milestones[0].public_id}"
    with visiting(app, None) as browser:
        before = browser.get(page, headers={"HX-Request": "true"}).text
        assert "<html" not in before
        assert "€7,200.00" in before
        assert browser.get(f"/payouts/of-milestone/{stage.milestones[1].public_id}").status_code == 404
    stage.turn(line, Happened.PAID_OUT)
    assert stage.look(lambda db: len(list(db.exec(select(Release))))) == 2


def test_pages_are_in_french_too(stage: Stage, app: Flask) -> None:
    with visiting(app, stage.treasurer, "fr") as browser:
        assert "Versements" in browser.get("/payouts").text
        assert "7\u202f200,00\u00a0€" in browser.get(f"/payouts/{the_payout(stage).public_id}").text
