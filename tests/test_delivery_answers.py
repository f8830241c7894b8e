"""Backers answer by the weight of their money, and silence accepts after ten business days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import select

from app.delivery.model import Acceptance, DeliveryState
from app.delivery.stages import Stage as MilestoneStage
from app.kit.clock import day_of
from app.kit.db import Database
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.people.model import Kind, Role
from tests.delivery_cast import THREE, where
from tests.money_cast import ZONE, outsider, set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """Two backers with half of the money each, the first tranche paid."""
    return set_up(database, settings, then=Stage.fund)


def test_exactly_half_accepting_is_not_enough_and_exactly_half_refusing_is(stage: Stage) -> None:
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=True)
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    stage.answer(delivery, 1, accepts=False, reasons="Lines are lost.")
    assert stage.again(delivery).state == DeliveryState.REFUSED
    assert (stage.balance("owed:"), stage.balance("held:")) == (0, 600_000)
    stage.rest()


def test_refusing_takes_reasons(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    with visiting(app, stage.backers[0]) as browser:
        answer = browser.post(
            f"/deliveries/{delivery.public_id}/answer", data={"answer": "refuse", "reasons": " "}
        )
        assert answer.status_code == 422
        assert "Please say which criteria are not met." in answer.text


def test_who_backs_nothing_here_does_not_answer(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    stranger = outsider(stage, "Cité Numérique", Kind.CORPORATE, Role.BUYER)
    with visiting(app, stranger) as browser:
        assert "Your answer" not in browser.get(f"/deliveries/{delivery.public_id}").text
        answer = browser.post(f"/deliveries/{delivery.public_id}/answer", data={"answer": "accept"})
        assert answer.status_code == 403
        assert "Only the backers" in answer.text


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("handed_in", "last_day"),
    [
        (datetime(2026, 12, 18, 10, tzinfo=UTC), date(2027, 1, 5)),
        (datetime(2027, 3, 19, 10, tzinfo=UTC), date(2027, 4, 6)),
        # Half past midnight in Paris is still the evening before in UTC.
        (datetime(2026, 11, 29, 23, 30, tzinfo=UTC), date(2026, 12, 14)),
    ],
    ids=["Christmas", "Easter", "midnight"],
)
def test_silence_is_acceptance_after_ten_business_days_of_target(
    stage: Stage, handed_in: datetime, last_day: date
) -> None:
    stage.at = handed_in
    delivery = stage.hand_in()
    assert day_of(delivery.review_ends_at - timedelta(seconds=1), ZONE) == last_day
    stage.at = delivery.review_ends_at - timedelta(seconds=1)
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    stage.at = delivery.review_ends_at
    with pytest.raises(Conflict, match="silence counted as acceptance"):
        stage.answer(delivery, 0, accepts=False, reasons="Too late.")
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    silent = stage.look(lambda db: list(db.exec(select(Acceptance).where(Acceptance.by_silence))))
    assert len(silent) == 2
    assert stage.balance("owed:") == 720_000


def test_one_refusal_below_half_is_outvoted_by_silence(database: Database, settings: Settings) -> None:
    stage = set_up(database, settings, THREE)
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=False, reasons="Too slow.")
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000, "who refused pays as well: more than half decides"


def test_refused_then_taken_back_then_handed_in_again_and_accepted(stage: Stage, app: Flask) -> None:
    delivery = stage.refused()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Take the delivery back" in browser.get(page).text
        assert browser.post(f"{page}/return").status_code == 303
        again = browser.post(f"{page}/return")
        assert again.status_code == 409
        assert "already decided" in again.text
    assert where(stage) == MilestoneStage.RETURNED
    second = stage.hand_in(version="v2")
    assert second.attempt == 2
    stage.answer(second, 0, accepts=True)
    assert stage.answer(second, 1, accepts=True).state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000
    stage.rest()
