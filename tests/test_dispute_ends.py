"""A dispute ends by whose word binds, by a settlement or by arbitrators, and never by waiting."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from app.campaigns.model import Binding
from app.delivery.model import Dispute
from app.kit.clock import add_business_days, day_of, end_of_day
from app.kit.db import Database
from app.kit.settings import Settings
from tests.money_cast import ZONE
from tests.money_stage import Stage
from tests.unhappy_cast import newest_motion, page_of, post, shown, unequal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stage(database: Database, settings: Settings) -> Callable[..., Stage]:
    return unequal(database, settings)


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
    motion = play.look(lambda db: newest_motion(db))
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
