"""A refund goes to the account the money came from, and not to who took it back already."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from flask import Flask
from sqlmodel import select

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.escrow import charge_backs
from app.escrow.model import Deposit
from app.kit.db import Database
from app.kit.settings import Settings
from app.payouts import rules, sending
from app.payouts.model import Payout, PayoutState
from app.rails.rail import Happened
from tests.money_cast import set_up, visiting
from tests.money_stage import NOW, Stage
from tests.payouts_cast import owed, sent_lines

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    return set_up(database, settings, then=owed)


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


@pytest.mark.on_both
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
