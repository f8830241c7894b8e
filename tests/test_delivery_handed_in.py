"""A milestone is handed in by its maintainer alone, with evidence, and everybody reads what is next."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session

from app.campaigns.model import Campaign
from app.delivery import disputes
from app.delivery import rules as deliveries
from app.delivery.model import Delivery, DeliveryState
from app.delivery.stages import Stage as MilestoneStage
from app.kit.db import Database
from app.kit.rules import Missing, Refused
from app.kit.settings import Settings
from app.people.model import Kind, Role
from tests.delivery_cast import where
from tests.money_cast import outsider, set_up, visiting
from tests.money_stage import EVIDENCE, NOW, Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """Two backers with half of the money each, the first tranche paid."""
    return set_up(database, settings, then=Stage.fund)


def test_a_milestone_travels_from_waiting_to_released_and_the_last_one_completes_the_campaign(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings)
    assert where(stage) == MilestoneStage.TO_CALL
    calls = stage.call()
    assert where(stage) == MilestoneStage.TO_PAY
    with pytest.raises(Refused, match="not complete yet"):
        stage.hand_in()
    for call in calls:
        stage.pay(call)
    stage.rest()
    assert where(stage) == MilestoneStage.TO_DO
    delivery = stage.hand_in()
    assert where(stage) == MilestoneStage.IN_REVIEW
    stage.answer(delivery, 0, accepts=True)
    assert stage.balance("owed:") == 0, "half of the money is not more than half"
    delivery = stage.answer(delivery, 1, accepts=True)
    assert delivery.state == DeliveryState.ACCEPTED
    assert stage.balance("owed:") == 720_000, "the price and its VAT, of both backers"
    stage.rest()
    stage.fund()
    stage.accepted(2)
    assert stage.again(stage.campaign).state == "completed"
    assert (stage.balance("held"), stage.balance("owed:")) == (0, 1_200_000)


def test_the_road_is_walked_on_the_pages(stage: Stage, app: Flask) -> None:
    page = f"/milestones/{stage.milestones[0].public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Hand in" in browser.get(page).text
        form = browser.get(f"{page}/deliveries").text
        assert "Two persons edit one page." in form
        assert "until the end of 7 December 2026" in form
        answer = browser.post(
            f"{page}/deliveries", data={"version": "v1", "evidence": EVIDENCE, "message": ""}
        )
        assert answer.status_code == 303
        delivery_page = answer.location
    for who, backer in enumerate(stage.backers):
        with visiting(app, backer) as browser:
            shown = browser.get(delivery_page).text
            assert "€3,600.00 of yours" in shown
            assert "If you do not answer by the end of 7 December 2026, it counts as acceptance." in shown
            answer = browser.post(f"{delivery_page}/answer", data={"answer": "accept", "reasons": ""})
            assert answer.status_code == 303, answer.text
            again = browser.post(f"{delivery_page}/answer", data={"answer": "accept"})
            assert again.status_code == 409
            assert ("has answered already" if who == 0 else "was decided already") in again.text
    with visiting(app, None) as browser:
        assert "by the campaign&#39;s rule" in browser.get(delivery_page).text
        assert "Accepted" in browser.get(page).text
        assert "€7,200.00" in browser.get(f"/payouts/of-milestone/{stage.milestones[0].public_id}").text
    stage.rest()


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ("javascript:alert(1)", "not an address"),
        ("ftp://example.org/file", "not an address"),
        ("https://example.org/a b", "not an address"),
        ("see the wiki", "not an address"),
        ("https://user:secret@example.org", "not an address"),
        (" \n ", "at least one address"),
        ("\n".join(f"https://example.org/{n}" for n in range(21)), "at most 20"),
    ],
)
def test_evidence_is_addresses_of_the_web(stage: Stage, evidence: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        stage.act(lambda db: deliveries.hand_in(
            db, db.get_one(Campaign, stage.campaign.id), stage.milestones[0], version="v1", evidence=evidence,
            by=stage.maker, at=NOW,
        ))  # fmt: skip
    assert refused.value.field == "evidence"


def test_what_is_handed_in_is_not_handed_in_twice(stage: Stage, app: Flask) -> None:
    stage.hand_in()
    with visiting(app, stage.maker) as browser:
        answer = browser.post(
            f"/milestones/{stage.milestones[0].public_id}/deliveries",
            data={"version": "v1", "evidence": EVIDENCE},
        )
        assert answer.status_code == 409
        assert "is with its backers already" in answer.text
        assert "v1" in answer.text, "what was typed is still there"


def test_only_the_maintainer_hands_in_and_others_find_nothing(stage: Stage, app: Flask) -> None:
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    page = f"/milestones/{stage.milestones[0].public_id}/deliveries"
    with visiting(app, stranger) as browser:
        assert browser.get(page).status_code == 404
        assert browser.post(page, data={"version": "v1", "evidence": EVIDENCE}).status_code == 404
    with visiting(app, stage.backers[0]) as browser:
        assert browser.get(page).status_code == 403
    with visiting(app, None) as browser:
        assert browser.get("/deliveries/nothing").status_code == 404
        assert browser.get(f"/milestones/{stage.milestones[0].public_id}").status_code == 200


@pytest.mark.on_both
def test_the_list_shows_each_person_their_next_step_and_filters(stage: Stage, app: Flask) -> None:
    needle = "On these you have a next step"
    with visiting(app, stage.maker) as browser:
        assert needle in browser.get("/milestones").text
    delivery = stage.hand_in()
    with visiting(app, stage.maker, "fr") as browser:
        assert "Jalons" in browser.get("/milestones").text
    with visiting(app, stage.backers[0]) as browser:
        assert needle in browser.get("/milestones").text
        assert "Step 1" in browser.get("/milestones?state=review").text
        assert "Step 1" not in browser.get("/milestones?state=ended").text
        assert "Step 2" in browser.get("/milestones?mine=1").text
    stage.answer(delivery, 0, accepts=True)
    with visiting(app, stage.backers[0]) as browser:
        assert needle not in browser.get("/milestones").text
    with visiting(app, None) as browser:
        assert browser.get("/milestones?state=nonsense&after=zzz").status_code == 200
        piece = browser.get(
            f"/milestones/of-campaign/{stage.campaign.public_id}", headers={"HX-Request": "true"}
        ).text
        assert "Step 2" in piece
        assert "<html" not in piece


def test_no_rule_lets_a_stranger_decide(stage: Stage) -> None:
    delivery = stage.refused()
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER)
    acts: list[Callable[[Session], Any]] = [
        lambda db: disputes.take_back(db, db.get_one(Delivery, delivery.id), by=stranger, at=NOW),
        lambda db: disputes.dispute(db, db.get_one(Delivery, delivery.id), reasons="x", by=stranger, at=NOW),
    ]
    for act in acts:
        with pytest.raises(Missing):
            stage.act(act)
