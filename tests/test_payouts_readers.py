"""A payout is read by whom it concerns, and the account it goes to by those who need it."""

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.escrow.model import Release
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from app.people.model import Kind, Role
from app.rails.rail import Happened
from tests.money_cast import outsider, set_up, visiting
from tests.money_stage import Stage
from tests.payouts_cast import owed, the_payout

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    return set_up(database, settings, then=owed)


def test_others_find_no_payout_and_only_those_who_need_it_read_the_whole_account(
    stage: Stage, app: Flask
) -> None:
    stage.prepare(the_payout(stage))
    page = f"/payouts/{the_payout(stage).public_id}"
    stranger = outsider(stage, "Code Libre", Kind.MAINTAINER, Role.MEMBER, Role.FINANCE)
    member = stage.act(lambda db: _colleague(db, stage))
    sees: list[tuple[Actor, int, bool]] = [
        (stage.treasurer, 200, True), (stage.officer, 200, True), (stage.maker, 200, True),
        (stage.auditor, 200, False), (member, 200, False), (stranger, 404, False), (stage.backers[0], 404, False),
    ]  # fmt: skip
    for actor, status, whole in sees:
        with visiting(app, actor) as browser:
            answer = browser.get(page)
            assert answer.status_code == status, actor.person.name
            assert ("XX99MAKER0001" in answer.text) is whole, actor.person.name
    with visiting(app, stage.maker) as browser:
        assert "Tess" not in browser.get(page).text, "who of the fund it was stays inside the fund"
        assert "€7,200.00" in browser.get("/payouts").text
    with visiting(app, stranger) as browser:
        assert "Atelier Wiki" not in browser.get("/payouts").text
    for actor in (stage.maker, stage.auditor, *stage.arbitrators[:1]):
        with visiting(app, actor) as browser:
            assert browser.post(f"{page}/approval", data={"pinned": "x"}).status_code == 403
    with visiting(app, None) as browser:
        assert browser.get(page).status_code == 303


def _colleague(db: Session, stage: Stage) -> Actor:
    from tests.money_cast import _person

    return _person(db, "Martin", stage.maker.organization, Role.MEMBER)


def test_without_an_account_nothing_can_be_prepared(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings)
    stage.fund()
    stage.accepted()
    with visiting(app, stage.treasurer) as browser:
        answer = browser.post(f"/payouts/{the_payout(stage).public_id}/preparation")
        assert answer.status_code == 422
        assert "Atelier Wiki has not named an account yet" in answer.text


def test_finance_of_a_maintainer_names_the_account_and_nobody_else(stage: Stage, app: Flask) -> None:
    typed = {"rail": "sandbox", "holder": "Atelier Wiki", "account": "fr76 3000 4000 0312"}
    with visiting(app, stage.maker) as browser:
        assert browser.post("/payee-account", data=typed).status_code == 303
        assert "FR76300040000312" in "".join(browser.get("/payee-account").text.split()), "in groups of four"
        wrong = browser.post("/payee-account", data=typed | {"account": "?"})
        assert (wrong.status_code, "not an account number" in wrong.text) == (422, True)
        assert browser.post("/payee-account", data=typed | {"rail": "moon"}).status_code == 422
    with visiting(app, stage.backers[0]) as browser:
        assert browser.get("/payee-account").status_code == 404
        assert browser.post("/payee-account", data=typed).status_code == 403


@pytest.mark.on_both
def test_a_milestone_says_how_far_its_money_has_come(stage: Stage, app: Flask) -> None:
    line = stage.sent(the_payout(stage))
    page = f"/payouts/of-milestone/{stage.milestones[0].public_id}"
    with visiting(app, None) as browser:
        before = browser.get(page, headers={"HX-Request": "true"}).text
        assert "<html" not in before
        assert "€7,200.00" in before
        assert browser.get(f"/payouts/of-milestone/{stage.milestones[1].public_id}").status_code == 404
    stage.turn(line, Happened.PAID_OUT)
    assert stage.look(lambda db: len(list(db.exec(select(Release))))) == 2


def test_pages_are_in_french_too(stage: Stage, app: Flask) -> None:
    with visiting(app, stage.treasurer, "fr") as browser:
        assert "Versements" in browser.get("/payouts").text
        assert "7\u202f200,00\u00a0€" in browser.get(f"/payouts/{the_payout(stage).public_id}").text
