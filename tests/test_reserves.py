"""A reserve keeps the retention back until it is lifted, kept or too late, and its backer is never silent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from app.campaigns.model import Binding
from app.delivery.model import Delivery
from app.kit.db import Database
from app.kit.settings import Settings
from tests.money_stage import Stage
from tests.unhappy_cast import page_of, post, shown, unequal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Callable[..., Stage]:
    return unequal(database, settings)


def reserve_of(app: Flask, stage: Stage) -> str:
    """The address of the only reserve."""
    from app.delivery.model import Reserve

    return stage.look(lambda db: f"/reserves/{db.exec(select(Reserve)).one().public_id}")


def with_reserve(app: Flask, stage: Stage) -> Delivery:
    """The first milestone accepted by the two smaller backers, one of them with a reserve, and by the bank."""
    delivery = stage.hand_in()
    due = (stage.at + timedelta(days=20)).date().isoformat()
    said = {"answer": "reserves", "reserve-0-text": "The keyboard cannot reach it.", "reserve-0-due_on": due}
    assert post(app, stage, stage.backers[1], f"{page_of(delivery)}/answer", **said) == 303
    assert post(app, stage, stage.backers[0], f"{page_of(delivery)}/answer", answer="accept") == 303
    stage.rest()
    return stage.again(delivery)


def test_a_reserve_keeps_the_retention_back_until_it_is_lifted_and_the_release_is_seen(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage(retention_basis_points=1000)
    delivery = with_reserve(app, play)
    assert (delivery.state, play.balance("owed:")) == ("accepted with reserves", 648_000)
    page = page_of(delivery)
    named = {"release": "17.1", "address": "https://example.org/17.1"}
    assert post(app, play, play.maker, f"{page}/upstream", **named) == 303
    assert post(app, play, play.officer, f"{page}/upstream-seen", answer="yes") == 303
    assert play.balance("owed:") == 648_000, "a reserve is open still"
    reserve = reserve_of(app, play)
    assert post(app, play, play.maker, f"{reserve}/mending", words="Tab reaches it now.") == 303
    assert "Tab reaches it now." in shown(app, play, None, f"{page}/reserves")
    assert post(app, play, play.backers[0], f"{reserve}/answer", answer="lift") == 404, "not its own reserve"
    assert (
        post(app, play, play.backers[1], f"{reserve}/answer", answer="keep", reason="Not in the list.") == 303
    )
    assert post(app, play, play.maker, f"{reserve}/mending", words="In the list too.") == 303
    assert post(app, play, play.backers[1], f"{reserve}/answer", answer="lift") == 303
    play.rest()
    assert (play.again(delivery).state, play.balance("owed:")) == ("accepted", 720_000)


def test_a_reserve_lifted_while_the_others_still_answer_holds_nothing_back(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage(retention_basis_points=1000)
    delivery = play.hand_in()
    due = (play.at + timedelta(days=20)).date().isoformat()
    said = {"answer": "reserves", "reserve-0-text": "Slow.", "reserve-0-due_on": due}
    assert post(app, play, play.backers[1], f"{page_of(delivery)}/answer", **said) == 303
    assert "The backers still answer." in shown(app, play, None, f"{page_of(delivery)}/reserves")
    assert post(app, play, play.backers[1], f"{reserve_of(app, play)}/answer", answer="lift") == 303
    page = shown(app, play, None, page_of(delivery))
    assert "Accepts, reserves lifted" in page
    assert "Accepts with reserves" not in page
    assert post(app, play, play.backers[0], f"{page_of(delivery)}/answer", answer="accept") == 303
    play.rest()
    assert play.again(delivery).state == "accepted", "nothing is open that could still be lifted"


def test_a_paid_call_says_where_its_money_is(stage: Callable[..., Stage], app: Flask) -> None:
    from app.escrow.model import Call

    play = stage(retention_basis_points=1000)
    call = play.look(lambda db: f"/calls/{db.exec(select(Call).order_by(col(Call.id))).first().public_id}")
    assert "It is released to the maintainer when" in shown(app, play, play.officer, call)
    delivery = play.hand_in()
    assert "Nobody has answered yet." in shown(app, play, play.officer, page_of(delivery))
    play.answer(delivery, 0, accepts=True)
    page = shown(app, play, play.officer, call)
    assert "was released to the maintainer so far" in page
    assert "It is released to the maintainer when" not in page
    assert "of the money accepts, nobody refuses." in shown(app, play, play.officer, page_of(delivery))


def test_a_reserve_kept_by_an_arbitrator_sends_the_retention_back(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage(retention_basis_points=1000)
    delivery = with_reserve(app, play)
    reserve = reserve_of(app, play)
    award = {"answer": "keep", "reason": "Nothing was mended."}
    assert post(app, play, play.arbitrators[0], f"{reserve}/award", **award) == 409, "its day has not passed"
    play.at += timedelta(days=21)
    play.rest()
    assert play.again(delivery).state == "accepted with reserves", "silence lifts no reserve"
    assert post(app, play, play.arbitrators[0], f"{reserve}/award", **award) == 303
    play.rest()
    assert (play.again(delivery).state, play.balance("owed:"), play.balance("back:")) == (
        "part accepted", 648_000, 72_000,
    )  # fmt: skip


def test_a_release_that_does_not_come_within_a_year_sends_the_retention_back(
    stage: Callable[..., Stage],
) -> None:
    play = stage(retention_basis_points=500)
    delivery = play.hand_in()
    play.answer(delivery, 0, accepts=True)
    play.at += timedelta(days=364)
    play.rest()
    assert play.balance("back:") == 0
    play.at += timedelta(days=1)
    play.rest()
    assert (play.balance("owed:"), play.balance("back:")) == (684_000, 36_000)


def test_a_stopped_campaign_releases_the_retention_of_what_was_accepted(stage: Callable[..., Stage]) -> None:
    from app.campaigns import rules as campaigns
    from app.campaigns.model import Campaign

    play = stage(retention_basis_points=1000)
    play.answer(play.hand_in(), 0, accepts=True)
    play.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, play.campaign.id), reason="Enough.", by=play.officer, at=play.at
    ))  # fmt: skip
    play.rest()
    assert (play.balance("owed:"), play.balance("held")) == (720_000, 0)


def test_silence_never_counts_for_who_filed_a_reserve(stage: Callable[..., Stage], app: Flask) -> None:
    play = stage(binding=Binding.HEADS)
    delivery = play.hand_in()
    due = (play.at + timedelta(days=20)).date().isoformat()
    said = {"answer": "reserves", "reserve-0-text": "Slow.", "reserve-0-due_on": due}
    assert post(app, play, play.backers[1], f"{page_of(delivery)}/answer", **said) == 303
    for who in (play.backers[1], None):
        page = shown(app, play, who, page_of(delivery))
        assert "Accepts with reserves" in page
        assert f"{page_of(delivery)}/reserves" in page
    refusal = {"answer": "refuse", "unmet-2-reason": "A line was lost."}
    for who in (0, 2):
        assert post(app, play, play.backers[who], f"{page_of(delivery)}/answer", **refusal) == 303
    assert play.again(delivery).state == "refused"
    assert "No line is lost." in shown(app, play, None, page_of(delivery))
    assert post(app, play, play.maker, f"{page_of(delivery)}/return") == 303
    again = play.hand_in(version="v2")
    assert play.answer(again, 0, accepts=False, reasons="Still.").state == "handed in"
    play.at = again.review_ends_at
    play.rest()
    assert play.again(again).state == "refused", (
        "one of three accepts by silence, one refuses, one says nothing"
    )
