"""A payment taken back after its release freezes the backer's further parts until it is paid or the freeze lifted."""

import pytest
from flask import Flask
from sqlmodel import select

from app.demo.cast import GRID, INSURER
from app.demo.funding import OFFICER, TREASURER
from app.demo.round import Round
from app.escrow import freezing
from app.escrow.frozen import Freeze
from app.escrow.model import Release
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.money_cast import Backing, set_up, visiting
from tests.playing import Play, refused
from tests.playing_cast import PRICES, THREE

pytestmark = pytest.mark.long_story


@pytest.fixture
def frozen(play: Play) -> Round:
    """The first milestone is released, the second tranche paid; then the bank's first payment is taken back."""

    def freeze() -> Round:
        made = play.round(PRICES, THREE)
        payments = made.call_and_pay()
        made.hand_in(1, "v1")
        made.answer((INSURER, GRID))
        made.call_and_pay()
        play.take_back(payments[0], "Contesté")
        play.work()
        return made

    return play.begin("frozen", freeze)


def the_freeze(play: Play) -> Freeze:
    with play.database.reading() as db:
        return db.exec(select(Freeze)).one()


def lift(play: Play, who=TREASURER, reason: str = "They have always paid.") -> None:  # type: ignore[no-untyped-def]
    play.act(lambda db: freezing.lift(
        db, db.get_one(Freeze, the_freeze(play).id), reason=reason, by=play.actor(db, who), at=play.at
    ))  # fmt: skip


@pytest.mark.on_both
def test_no_work_starts_on_the_calls_of_a_frozen_backer_until_a_treasurer_lifts_it(
    play: Play, frozen: Round
) -> None:
    assert (the_freeze(play).state, play.total("claim:")) == ("standing", the_freeze(play).claim_cents)
    with refused(play):
        frozen.hand_in(2, "v2")
    with refused(play):
        lift(play, OFFICER)
    with refused(play):
        lift(play, reason=" ")
    lift(play)
    with refused(play):
        lift(play)
    frozen.hand_in(2, "v2")
    frozen.answer((INSURER, GRID))
    assert play.total("owed:") == 1_800_000
    assert play.total("claim:") == the_freeze(play).claim_cents, "what it owes stands"


def test_paid_again_the_freeze_ends_by_itself(play: Play, frozen: Round) -> None:
    frozen.pay_calls()
    play.work()
    assert (the_freeze(play).state, play.total("claim:")) == ("settled", 0)
    frozen.hand_in(2, "v2")


def test_what_was_accepted_meanwhile_is_released_for_everybody_else_and_the_campaign_waits(
    play: Play,
) -> None:
    made = play.round((600_000, 900_000), THREE, tranches=[1, 2])
    payments = made.call_and_pay()
    made.hand_in(1, "v1")
    made.answer((INSURER, GRID))
    made.call_and_pay()
    made.hand_in(2, "v2")
    play.take_back(payments[0], "Contesté")
    play.work()
    made.answer((INSURER, GRID))
    with play.database.reading() as db:
        releases = len(list(db.exec(select(Release))))
    assert (releases, play.campaign(made).state) == (5, "secured")
    assert play.total("owed:") == 720_000 + 720_000
    lift(play)
    play.work()
    assert (play.campaign(made).state, play.total("owed:")) == ("completed", 1_800_000)


def test_a_charge_back_before_anything_is_released_freezes_nothing(play: Play) -> None:
    made = play.round(PRICES, THREE)
    payments = made.call_and_pay()
    play.take_back(payments[0], "Contesté")
    play.work()
    with play.database.reading() as db:
        assert db.exec(select(Freeze)).first() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_backer_and_treasurer_read_and_lift_it_on_screen(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings, (Backing("Banque Lumen", 400_000), Backing("Réseau Nord", 600_000)))
    stage.fund()
    stage.accepted()
    stage.turn(stage.paid[0], Happened.CHARGED_BACK, "Contested")
    freeze = stage.look(lambda db: db.exec(select(Freeze)).one())
    page = f"/freezes/{freeze.public_id}"
    for who, language, words in (
        (stage.backers[0], "en", "Pay the call again with the same reference"),
        (stage.treasurer, "fr", "Lever le gel"),
    ):
        with visiting(app, who, language, at=stage.at) as browser:
            assert words in browser.get(page).text
            assert page in browser.get(f"/calls/{stage.paid_call(0).public_id}").text
    with visiting(app, stage.treasurer, at=stage.at) as browser:
        assert browser.post(f"{page}/end", data={"freeze_reason": ""}).status_code == 422
        assert browser.post(f"{page}/end", data={"freeze_reason": "We know them."}).status_code == 303
        assert "We know them." in browser.get(page).text
