"""Money charged back is missing from a milestone, before, during and after its review."""

import pytest
from sqlmodel import select

from app.delivery.stages import Stage as MilestoneStage
from app.escrow.model import CallState, Refund, Release
from app.kit.db import Database
from app.kit.rules import Refused
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.delivery_cast import where
from tests.money_cast import set_up

pytestmark = pytest.mark.long_story


def test_charged_back_before_it_is_handed_in_work_waits_for_the_money(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    assert where(stage) == MilestoneStage.TO_PAY
    with pytest.raises(Refused, match="not complete yet"):
        stage.hand_in()
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert where(stage) == MilestoneStage.TO_DO


def test_charged_back_during_the_review_only_the_paid_parts_are_released_and_the_rest_when_it_is_paid_again(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    delivery = stage.hand_in()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    for who in (0, 1):
        stage.answer(delivery, who, accepts=True)
    stage.rest()
    assert stage.balance("owed:") == 360_000
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert stage.balance("owed:") == 720_000
    assert stage.balance("claim:") == 0


@pytest.mark.on_both
def test_charged_back_after_the_release_becomes_a_claim_and_the_maintainer_keeps_what_is_owed(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    calls = stage.fund()
    stage.accepted()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK)
    assert (stage.balance("owed:"), stage.balance("claim:")) == (720_000, 360_000)
    assert stage.again(calls[0]).state == CallState.CHARGED_BACK
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert (stage.balance("claim:"), stage.again(calls[0]).state) == (0, CallState.PAID)
    assert stage.look(lambda db: len(list(db.exec(select(Release))))) == 2, "released once, not twice"
    assert stage.look(lambda db: len(list(db.exec(select(Refund))))) == 0
