"""Two arbitrators who write alike decide a dispute, and a stopped campaign decides nothing any more."""

import pytest
from flask import Flask

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.delivery.model import DeliveryState
from app.delivery.stages import Stage as MilestoneStage
from app.kit.db import Database
from app.kit.rules import Conflict
from app.kit.settings import Settings
from app.people.model import Kind, Role
from tests.delivery_cast import opinion, where
from tests.money_cast import join, outsider, set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """Two backers with half of the money each, the first tranche paid."""
    return set_up(database, settings, then=Stage.fund)


@pytest.mark.parametrize(("percent", "released", "state"), [
    (0, 0, DeliveryState.REJECTED), (40, 240_000, DeliveryState.PART_ACCEPTED), (100, 600_000, DeliveryState.ACCEPTED),
])  # fmt: skip
def test_two_arbitrators_who_write_alike_make_the_award(
    stage: Stage, percent: int, released: int, state: DeliveryState
) -> None:
    delivery = stage.heard()
    opinion(stage, delivery, 0, 55)
    assert opinion(stage, delivery, 1, percent).state == "tied"
    assert stage.balance("owed:") == 0, "two who differ decide nothing"
    assert opinion(stage, delivery, 0, percent).state == "awarded"
    assert stage.again(delivery).state == state
    stage.rest()
    assert stage.balance("owed:") == released * 12 // 10
    assert stage.balance("back:") == (600_000 - released) * 12 // 10
    assert stage.balance("held") == 0
    with pytest.raises(Conflict, match="has ended"):
        opinion(stage, delivery, 2, percent)


def test_an_arbitrator_alone_decides_nothing_however_often_they_write(stage: Stage) -> None:
    delivery = stage.heard()
    opinion(stage, delivery, 0, 40)
    assert opinion(stage, delivery, 0, 40).state == "deciding"


@pytest.mark.parametrize("typed", ["101", "4.5", "-1", "", "forty"])
def test_an_opinion_is_a_whole_percentage(stage: Stage, app: Flask, typed: str) -> None:
    delivery = stage.heard()
    with visiting(app, stage.arbitrators[0]) as browser:
        answer = browser.post(
            f"/deliveries/{delivery.public_id}/opinions", data={"percent": typed, "reason": "So."}
        )
        assert answer.status_code == 422
        assert "field-wrong" in answer.text


def test_an_arbitrator_who_belongs_to_a_backer_stands_aside(stage: Stage, app: Flask) -> None:
    delivery = stage.heard()
    stage.act(lambda db: join(db, stage.arbitrators[0].person, stage.backers[0].organization, Role.MEMBER))
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.arbitrators[0]) as browser:
        assert "You stand aside" in browser.get(f"{page}/dispute").text
        answer = browser.post(f"{page}/opinions", data={"percent": "40", "reason": "Mine."})
        assert answer.status_code == 403
        assert "Banque Lumen" in answer.text


@pytest.mark.on_both
def test_everybody_reads_the_dispute_and_what_was_said_in_it_only_after_both_sides_read_it(
    stage: Stage, app: Flask
) -> None:
    delivery = stage.refused()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert browser.post(f"{page}/dispute", data={"reasons": "It does work."}).status_code == 303
        assert browser.post(f"{page}/dispute", data={"reasons": "It does work."}).status_code == 409
        said = {"text": "The log shows it.", "evidence": "https://example.org/log", "is_last": "yes"}
        assert browser.post(f"{page}/statements", data=said).status_code == 303
    with visiting(app, stage.backers[0]) as browser:
        said = {"text": "Not on our machines.", "is_last": "yes"}
        assert browser.post(f"{page}/statements", data=said).status_code == 303
        assert browser.post(f"{page}/statements", data=said).status_code == 409, "the arbitrators decide now"
    for arbitrator in stage.arbitrators[:2]:
        with visiting(app, arbitrator) as browser:
            opinion = {"percent": "", "amount": "1 234,56", "reason": "Half a page, and a secret."}
            assert browser.post(f"{page}/opinions", data=opinion).status_code == 303
    stage.rest()
    assert stage.balance("owed:") == 148_148
    with visiting(app, None) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert all(words in shown for words in ("It does work.", "It does not work.", "1,234.56"))
        assert not any(words in shown for words in ("Half a page", "The log shows it", "Alix"))
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert all(words in shown for words in ("Half a page", "The log shows it", "Alix"))
        assert browser.post(f"{page}/readings", data={"wish": "The secret."}).status_code == 303
    with visiting(app, stage.arbitrators[1]) as browser:
        assert "The secret." in browser.get(f"{page}/dispute").text
        assert browser.post(f"{page}/public-text", data={"text": "Half a page."}).status_code == 303
    for side in (stage.maker, stage.backers[0]):
        with visiting(app, side) as browser:
            assert browser.post(f"{page}/readings", data={"wish": ""}).status_code == 303
    with visiting(app, None) as browser:
        shown = browser.get(f"{page}/dispute").text
        assert "Half a page." in shown
        assert "secret" not in shown


def test_strangers_neither_take_back_nor_dispute(stage: Stage, app: Flask) -> None:
    delivery = stage.refused()
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    with visiting(app, stranger) as browser:
        assert browser.post(f"/deliveries/{delivery.public_id}/return").status_code == 404
        assert (
            browser.post(f"/deliveries/{delivery.public_id}/dispute", data={"reasons": "x"}).status_code
            == 404
        )
        assert browser.get(f"/deliveries/{delivery.public_id}/dispute").status_code == 404, "there is none"


def test_a_stopped_campaign_decides_nothing_any_more_and_gives_everything_back(stage: Stage) -> None:
    delivery = stage.hand_in()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="The maintainer gave up.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    with pytest.raises(Conflict, match="has ended"):
        stage.answer(delivery, 0, accepts=True)
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.HANDED_IN
    assert where(stage) == MilestoneStage.STOPPED
    assert (stage.balance("owed:"), stage.balance("held"), stage.balance("back:")) == (0, 0, 720_000)
