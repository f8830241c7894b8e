"""Each unhappy end as people meet it on screen: reserves, a settlement, more time, a third arbitrator, a stop."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from app.campaigns.model import Binding
from app.campaigns.round_rules import Chosen
from app.delivery.model import Delivery, Dispute
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from tests.money_cast import ZONE, Backing, Stage, set_up, visiting

UNEQUAL = (
    Backing("Banque Lumen", 600_000),
    Backing("Assurances du Port", 250_000),
    Backing("Réseau Nord", 150_000),
)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Callable[..., Stage]:
    """A campaign of three unequal backers by a rule of its own, its first tranche paid."""

    def begin(lead: int | None = None, **rules: object) -> Stage:
        chosen = Chosen(**rules)  # type: ignore[arg-type]
        return set_up(database, settings, UNEQUAL, chosen=chosen, lead=lead, then=Stage.fund)

    return begin


def post(app: Flask, stage: Stage, who: Actor, path: str, **form: str) -> int:
    """Send a form as this person, at the stage's present."""
    with visiting(app, who, at=stage.at) as browser:
        return browser.post(path, data=form).status_code


def shown(app: Flask, stage: Stage, who: Actor | None, path: str) -> str:
    """A page as this person reads it."""
    with visiting(app, who, at=stage.at) as browser:
        return browser.get(path).text


def page_of(delivery: Delivery) -> str:
    """The address of a delivery."""
    return f"/deliveries/{delivery.public_id}"


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


@pytest.mark.parametrize(("rules", "lead", "yes", "no", "state"), [
    ({"binding": Binding.MONEY}, None, [0], [], "accepted"),
    ({"binding": Binding.HEADS}, None, [0], [], "handed in"),
    ({"binding": Binding.HEADS}, None, [1, 2], [], "accepted"),
    ({"binding": Binding.HEADS}, None, [], [1, 2], "refused"),
    ({"quorum_basis_points": 8000}, None, [0], [], "handed in"),
    ({"quorum_basis_points": 8000}, None, [0, 1], [], "accepted"),
    ({"binding": Binding.LEAD}, 2, [0, 1], [], "handed in"),
    ({"binding": Binding.LEAD}, 2, [2], [], "accepted"),
    ({"binding": Binding.LEAD}, 2, [], [2], "refused"),
    ({"lead_has_veto": True}, 2, [0], [], "handed in"),
    ({"lead_has_veto": True}, 2, [0, 2], [], "accepted"),
    ({"lead_has_veto": True}, 2, [0], [2], "refused"),
])  # fmt: skip
def test_whose_word_binds_is_the_rule_of_the_campaign(
    stage: Callable[..., Stage],
    rules: dict[str, object],
    lead: int | None,
    yes: list[int],
    no: list[int],
    state: str,
) -> None:
    play = stage(lead=lead, **rules)
    delivery = play.hand_in()
    for who in yes:
        delivery = play.answer(delivery, who, accepts=True)
    for who in no:
        delivery = play.answer(delivery, who, accepts=False, reasons="No.")
    assert delivery.state == state


def test_both_sides_settle_a_dispute_to_the_cent(stage: Callable[..., Stage], app: Flask) -> None:
    play = stage()
    delivery = play.disputed()
    page = page_of(delivery)
    offer = {"settlement": "3 333,33", "words": "A third of it is useful."}
    assert post(app, play, play.backers[1], f"{page}/settlements", **offer) == 303
    motion = play.look(lambda db: _motion(db))
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 303
    play.rest()
    assert play.again(delivery).state == "disputed", "the maintainer has not agreed"
    assert "3,333.33" in shown(app, play, play.maker, motion)
    assert post(app, play, play.maker, f"{motion}/agreement") == 303
    play.rest()
    released = sum(one.price_cents for one in play.look(_releases))
    assert (play.again(delivery).state, released) == ("part accepted", 333_333)
    assert play.balance("held") == 0
    assert "both sides agreed" in shown(app, play, None, f"{page}/dispute")


def _releases(db):  # type: ignore[no-untyped-def]
    from app.escrow.model import Release

    return list(db.exec(select(Release)))


def _motion(db) -> str:  # type: ignore[no-untyped-def]
    from app.campaigns.ballot import Motion

    return f"/motions/{db.exec(select(Motion).order_by(col(Motion.id).desc())).first().public_id}"


def test_a_third_arbitrator_sides_with_one_of_two(stage: Callable[..., Stage], app: Flask) -> None:
    play = stage()
    delivery = play.heard()
    page = f"{page_of(delivery)}/opinions"
    for who, percent in ((0, "30"), (1, "60")):
        assert post(app, play, play.arbitrators[who], page, percent=percent, reason="So.") == 303
    assert "A third decides between the two" in shown(app, play, None, f"{page_of(delivery)}/dispute")
    assert post(app, play, play.arbitrators[2], page, percent="45", reason="Between.") == 422
    assert post(app, play, play.arbitrators[2], page, percent="60", reason="The second is right.") == 303
    play.rest()
    assert play.balance("owed:") == 432_000


def test_the_worker_runs_the_days_of_a_dispute_over_a_holiday_though_it_was_down_for_a_week(
    stage: Callable[..., Stage],
) -> None:
    play = stage()
    play.at = play.at.replace(month=12, day=21)  # Christmas and the new year lie in between
    delivery = play.disputed()

    def dispute() -> Dispute:
        return play.look(lambda db: db.exec(select(Dispute).where(Dispute.delivery_id == delivery.id)).one())

    ends = end_of_day(add_business_days(day_of(play.at, ZONE), 10), ZONE)
    assert dispute().statements_end_at == ends
    assert (
        day_of(ends - timedelta(seconds=1), ZONE).month,
        day_of(ends - timedelta(seconds=1), ZONE).day,
    ) == (1, 6)
    play.at = ends - timedelta(seconds=1)
    play.rest()
    assert dispute().state == "stating"
    play.at = ends + timedelta(days=7)
    play.rest()
    late = dispute().decide_by
    assert dispute().state == "deciding"
    assert late == end_of_day(add_business_days(day_of(play.at, ZONE), 15), ZONE)
    play.at = late
    play.rest()
    assert (dispute().is_late, dispute().state) == (True, "deciding"), "nothing is decided by waiting"


def test_backers_give_more_time_and_the_long_stop_moves_over_the_change_to_summer_time(
    stage: Callable[..., Stage], app: Flask
) -> None:
    play = stage()
    name = play.milestones[0].public_id
    asked = {"until_on": "2027-10-31", "reason": "The upstream review takes long."}
    assert post(app, play, play.maker, f"/milestones/{name}/extension", **asked) == 303
    motion = play.look(_motion)
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
    motion = play.look(_motion)
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
    motion = play.look(_motion)
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 303
    play.rest()
    assert play.again(play.campaign).state == "stopped"
    assert (play.balance("back:"), play.balance("held")) == (720_000, 0)
    assert "It came upstream by itself." in shown(app, play, None, f"/campaigns/{play.campaign.public_id}")
