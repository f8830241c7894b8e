"""One prepares a payout and another approves the very page that was shown."""

import pytest
from flask import Flask

from app.campaigns import rules as campaigns
from app.campaigns.model import Campaign
from app.kit.db import Database
from app.kit.rules import Conflict, Refused
from app.kit.settings import Settings
from app.payouts import rules
from app.payouts.model import Payout, PayoutState
from app.people.model import Role
from tests.money_cast import join, set_up, visiting
from tests.money_stage import Stage
from tests.payouts_cast import owed, sent_lines, the_payout


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    return set_up(database, settings, then=owed)


def test_nobody_approves_what_they_prepared(stage: Stage, app: Flask) -> None:
    payout = stage.prepare(the_payout(stage))
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get(page).text
        assert "You prepared this payout. Nobody approves what they prepared" in shown
        assert "Approve and send" not in shown
        answer = browser.post(f"{page}/approval", data={"pinned": payout.pinned})
        assert answer.status_code == 403
        assert "Nobody approves what they prepared." in answer.text
    assert stage.again(payout).state == PayoutState.PREPARED
    with visiting(app, stage.colleague) as browser:
        assert "Approve and send €7,200.00" in browser.get(page).text
        assert browser.post(f"{page}/approval", data={"pinned": payout.pinned}).status_code == 303
    stage.rest()
    assert stage.again(payout).state == PayoutState.SENT


def test_the_same_person_in_two_roles_is_still_one_person(stage: Stage) -> None:
    payout = stage.prepare(the_payout(stage))
    both = stage.act(lambda db: join(db, stage.treasurer.person, stage.treasurer.organization, Role.OFFICER))
    with pytest.raises(Refused, match="Nobody approves"):
        stage.act(lambda db: rules.approve(
            db, db.get_one(Payout, payout.id), pinned=payout.pinned, by=both, at=stage.at
        ))  # fmt: skip


def test_an_account_changed_after_the_preparation_voids_it(stage: Stage, app: Flask) -> None:
    payout = stage.prepare(the_payout(stage))
    stage.name_account("XX66THIEF0001")
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.colleague) as browser:
        shown = browser.get(page).text
        assert "changed since it was prepared" in shown
        assert "Approve and send" not in shown
        answer = browser.post(f"{page}/approval", data={"pinned": payout.pinned})
        assert answer.status_code == 409
        assert browser.post(f"{page}/return", data={"reason": "New account."}).status_code == 303
    assert stage.again(payout).state == PayoutState.DUE
    assert sent_lines(stage) == []


def test_an_account_changed_after_the_approval_is_not_paid(stage: Stage) -> None:
    payout = the_payout(stage)
    stage.prepare(payout)
    stage.approve(payout)
    stage.name_account("XX66THIEF0001")
    stage.rest()
    after = stage.again(payout)
    assert (after.state, after.reason) == (PayoutState.DUE, "It changed after it was approved.")
    assert sent_lines(stage) == []
    assert stage.balance("owed:") == 720_000


def test_approving_takes_the_very_page_that_was_shown(stage: Stage) -> None:
    payout = stage.prepare(the_payout(stage))
    with pytest.raises(Conflict, match="changed"):
        stage.act(lambda db: rules.approve(
            db, db.get_one(Payout, payout.id), pinned="0" * 64, by=stage.colleague, at=stage.at
        ))  # fmt: skip


def test_on_hold_nothing_is_prepared_until_it_goes_on_and_the_payee_reads_why(
    stage: Stage, app: Flask
) -> None:
    page = f"/payouts/{the_payout(stage).public_id}"
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/hold", data={"reason": ""}).status_code == 422
        assert browser.post(f"{page}/hold", data={"reason": "Called the maintainer."}).status_code == 303
        assert browser.post(f"{page}/hold", data={"reason": "Again."}).status_code == 409
        assert browser.post(f"{page}/preparation").status_code == 409
    with visiting(app, stage.maker) as browser:
        assert "Called the maintainer." in browser.get(page).text
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/resumption").status_code == 303
        assert browser.post(f"{page}/resumption").status_code == 409
        assert browser.post(f"{page}/preparation").status_code == 303


def test_every_second_click_gets_a_sentence(stage: Stage, app: Flask) -> None:
    payout = the_payout(stage)
    page = f"/payouts/{payout.public_id}"
    with visiting(app, stage.treasurer) as browser:
        assert browser.post(f"{page}/preparation").status_code == 303
        again = browser.post(f"{page}/preparation")
        assert (again.status_code, "not due any more" in again.text) == (409, True)
    pinned = stage.again(payout).pinned
    with visiting(app, stage.colleague) as browser:
        assert browser.post(f"{page}/approval", data={"pinned": pinned}).status_code == 303
        again = browser.post(f"{page}/approval", data={"pinned": pinned})
        assert (again.status_code, "does not wait for an approval" in again.text) == (409, True)
        assert browser.post(f"{page}/return", data={"reason": "Stop."}).status_code == 303
        assert browser.post(f"{page}/return", data={"reason": "Stop."}).status_code == 409
    stage.rest()
    assert sent_lines(stage) == []


def test_several_are_prepared_all_or_none(stage: Stage, app: Flask) -> None:
    stage.fund()
    stage.act(lambda db: campaigns.stop(
        db, db.get_one(Campaign, stage.campaign.id), reason="Enough.", by=stage.officer, at=stage.at
    ))  # fmt: skip
    stage.rest()
    names = [payout.public_id for payout in (*stage.payouts(), *stage.payouts("refund"))]
    assert len(names) == 3
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get("/payouts/selection", query_string={"payout": names}).text
        assert "€12,000.00" in shown
        held = browser.post(f"/payouts/{names[2]}/hold", data={"reason": "Not yet."})
        assert held.status_code == 303
        answer = browser.post("/payouts/selection", data={"chosen": ",".join(names)})
        assert answer.status_code == 409
        assert {p.state for p in stage.payouts()} == {PayoutState.DUE}
        assert browser.post("/payouts/selection", data={"chosen": ",".join(names[:2])}).status_code == 303
        assert browser.post("/payouts/selection", data={"chosen": ""}).status_code == 422
        listed = browser.get("/payouts?tab=approval").text
        assert "Atelier Wiki" in listed


def test_the_treasurer_who_belongs_to_a_backer_stands_aside(stage: Stage, app: Flask) -> None:
    stage.act(lambda db: join(db, stage.treasurer.person, stage.backers[0].organization, Role.MEMBER))
    page = f"/payouts/{the_payout(stage).public_id}"
    with visiting(app, stage.treasurer) as browser:
        shown = browser.get(page).text
        assert "You belong to Banque Lumen" in shown
        assert f"{stage.colleague.person.name} can decide in your place." in shown
        assert browser.post(f"{page}/preparation").status_code == 403
        assert browser.post(f"{page}/hold", data={"reason": "Mine."}).status_code == 403
