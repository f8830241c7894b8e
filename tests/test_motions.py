"""The backers ask each other: for more time, to stop, and a question nobody answers is lost."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.db import Database
from app.kit.settings import Settings
from tests.money_cast import ZONE
from tests.money_stage import Stage
from tests.unhappy_cast import newest_motion, post, shown, unequal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Callable[..., Stage]:
    return unequal(database, settings)


def test_backers_give_more_time_and_the_long_stop_moves_over_the_change_to_summer_time(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage()
    name = play.milestones[0].public_id
    asked = {"until_on": "2027-10-31", "reason": "The upstream review takes long."}
    assert post(app, play, play.maker, f"/milestones/{name}/extension", **asked) == 303
    motion = play.look(newest_motion)
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 303
    play.rest()
    assert "31 October 2027" in shown(app, play, None, f"/milestones/{name}")
    play.at = play.at.replace(year=2027, month=8, day=31)
    play.rest()
    assert play.balance("back:") == 0, "without more time it would have gone back on this day"
    play.at = play.at.replace(month=12, day=31)
    play.rest()
    assert play.balance("held") == 0


def test_a_question_nobody_answers_in_time_is_lost(stage: Callable[..., Stage], app: Flask) -> None:
    play = stage()
    assert (
        post(app, play, play.backers[1], f"/campaigns/{play.campaign.public_id}/motions", motion_reason="X")
        == 303
    )
    motion = play.look(newest_motion)
    play.at = end_of_day(add_business_days(day_of(play.at, ZONE), 10), ZONE)
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 409
    play.rest()
    assert "Not carried" in shown(app, play, None, motion)
    assert play.again(play.campaign).state == "secured"


def test_the_backers_stop_a_campaign_and_the_rest_goes_back_to_the_cent(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage()
    path = f"/campaigns/{play.campaign.public_id}/motions"
    assert post(app, play, play.backers[1], path, motion_reason="It came upstream by itself.") == 303
    motion = play.look(newest_motion)
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 303
    play.rest()
    assert play.again(play.campaign).state == "stopped"
    assert (play.balance("back:"), play.balance("held")) == (720_000, 0)
    assert "It came upstream by itself." in shown(app, play, None, f"/campaigns/{play.campaign.public_id}")
