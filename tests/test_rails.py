"""The practice bank, played by hand: what is done there reaches the book through the inbox and the worker."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from app.escrow.model import Call, CallState, Deposit
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.sandbox import SandboxLine
from tests.money_cast import set_up, visiting
from tests.money_stage import NOW, Stage

pytestmark = pytest.mark.long_story

Visit = Callable[..., FlaskClient]


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A campaign whose first tranche is called."""
    return set_up(database, settings, then=Stage.call)


def first_call(stage: Stage) -> Call:
    """The first backer's call, as it is now."""
    return stage.look(lambda db: db.exec(select(Call).order_by(Call.id)).first())  # type: ignore[arg-type, return-value]


def typed(call: Call, how: str, **changes: Any) -> dict[str, str]:
    """The payment form, filled in as the call's link does."""
    amount = f"{call.total_cents // 100}.{call.total_cents % 100:02d}"
    return {
        "reference": call.reference, "amount": amount, "name": "Banque Lumen", "account": "XX42 LUMEN", "how": how,
        "reason": "",
    } | changes  # fmt: skip


def test_the_page_is_filled_in_by_a_calls_link_and_needs_somebody_signed_in(stage: Stage, app: Flask) -> None:
    call = first_call(stage)
    with visiting(app, stage.backers[0]) as browser:
        shown = browser.get(f"/sandbox?reference={call.reference}&amount=3780.00").text
        assert f'value="{call.reference}"' in shown
        assert 'value="3780.00"' in shown
        assert 'value="Banque Lumen"' in shown
    with visiting(app, None) as browser:
        assert browser.get("/sandbox").status_code == 303
        assert browser.post("/sandbox/payments", data=typed(call, "pay")).status_code == 401


def test_paid_in_full_the_page_says_that_the_worker_books_it_until_it_has(stage: Stage, app: Flask) -> None:
    call = first_call(stage)
    with visiting(app, stage.backers[0]) as browser:
        assert browser.post("/sandbox/payments", data=typed(call, "pay")).status_code == 303
        told = browser.get("/sandbox").text
        assert "the worker books it within seconds" in told
        assert 'hx-trigger="every 3s"' in told
        assert first_call(stage).state == CallState.ISSUED, "the bank's page itself books nothing"
        stage.rest()
        piece = browser.get("/sandbox", headers={"HX-Request": "true"}).text
        assert "<html" not in piece
        assert "every 3s" not in piece
        assert "Banque Lumen" in piece
    assert first_call(stage).state == CallState.PAID


@pytest.mark.parametrize(
    ("how", "state", "suspense"),
    [("half", CallState.PART_PAID, 0), ("twice", CallState.PAID, 378_000), ("fail", CallState.ISSUED, 0)],
)
def test_half_twice_or_not_at_all(stage: Stage, app: Flask, how: str, state: str, suspense: int) -> None:
    with visiting(app, stage.backers[0]) as browser:
        answer = browser.post("/sandbox/payments", data=typed(first_call(stage), how, reason="No money."))
        assert answer.status_code == 303, answer.text
    stage.rest()
    assert first_call(stage).state == state
    assert stage.balance("suspense:") == suspense


def test_two_halves_pay_a_call(stage: Stage, app: Flask) -> None:
    with visiting(app, stage.backers[0]) as browser:
        for _time in range(2):
            browser.post("/sandbox/payments", data=typed(first_call(stage), "half"))
            stage.rest()
    assert first_call(stage).state == CallState.PAID


def test_paid_late_a_call_in_default_is_still_paid(stage: Stage, app: Flask) -> None:
    stage.at = first_call(stage).window_ends_at
    stage.rest()
    assert first_call(stage).state == CallState.DEFAULTED
    with visiting(app, stage.backers[0], at=stage.at) as browser:
        browser.post("/sandbox/payments", data=typed(first_call(stage), "pay"))
    stage.rest()
    assert first_call(stage).state == CallState.PAID


def test_an_unknown_reference_stays_unmatched(stage: Stage, app: Flask) -> None:
    with visiting(app, stage.backers[0]) as browser:
        browser.post("/sandbox/payments", data=typed(first_call(stage), "pay", reference="RF00NOTHING"))
    stage.rest()
    assert stage.balance("suspense:") == 378_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"), ({"amount": "-5"}, "amount"), ({"amount": "1.234"}, "amount"),
        ({"name": ""}, "name"), ({"how": "fail"}, "reason"), ({"how": "half", "amount": "0.01"}, "amount"),
        pytest.param({"account": "X" * 41}, "account", marks=pytest.mark.on_both),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_is_said_beside_its_field(
    stage: Stage, app: Flask, changes: dict[str, str], field: str
) -> None:
    with visiting(app, stage.backers[0]) as browser:
        answer = browser.post("/sandbox/payments", data=typed(first_call(stage), "pay") | changes)
    assert answer.status_code == 422
    assert f'id="f-{field}-mistake"' in answer.text


@pytest.mark.on_both
def test_a_payment_is_charged_back_once(stage: Stage, app: Flask) -> None:
    stage.pay(first_call(stage))
    stage.rest()
    page = f"/sandbox/payments/{stage.paid[0].public_id}"
    with visiting(app, stage.backers[0]) as browser:
        assert "Charge it back" in browser.get(page).text
        data = {"happened": "charged back", "reason": "Not ours."}
        assert browser.post(page, data=data | {"reason": ""}).status_code == 422
        assert browser.post(page, data=data).status_code == 303
        again = browser.post(page, data=data)
        assert (again.status_code, "booked something else" in again.text) == (409, True)
        assert browser.post(page, data={"happened": "bounced", "reason": "x"}).status_code == 409
        assert browser.post(page, data={"happened": "money in", "reason": "x"}).status_code == 422
        assert browser.get("/sandbox/payments/nothing").status_code == 404
    stage.rest()
    assert first_call(stage).state == CallState.CHARGED_BACK
    deposits = stage.look(lambda db: [row.state for row in db.exec(select(Deposit))])
    assert deposits == ["charged back"]


@pytest.mark.parametrize(("happened", "state"), [("paid out", "paid"), ("bounced", "due")])
def test_a_payment_on_its_way_arrives_or_bounces_once(
    database: Database, settings: Settings, app: Flask, happened: str, state: str
) -> None:
    stage = set_up(database, settings)
    stage.fund()
    stage.name_account()
    stage.accepted()
    line = stage.sent(stage.payouts()[0])
    with visiting(app, stage.treasurer) as browser:
        page = f"/sandbox/payments/{line.public_id}"
        assert "Let it bounce" in browser.get(page).text
        assert browser.post(page, data={"happened": happened, "reason": "Closed."}).status_code == 303
        assert browser.post(page, data={"happened": happened, "reason": "Closed."}).status_code == 409
    stage.rest()
    assert stage.payouts()[0].state == state


@pytest.mark.on_both
def test_there_is_no_such_page_without_the_practice_bank(
    stage: Stage, app: Flask, settings: Settings
) -> None:
    app.config["SETTINGS"] = Settings(**(vars(settings) | {"rails": ("sepa",)}))
    stage.pay(first_call(stage))
    with visiting(app, stage.officer, at=NOW) as browser:
        assert browser.get("/sandbox").status_code == 404
        assert browser.post("/sandbox/payments", data=typed(first_call(stage), "pay")).status_code == 404
        assert browser.get(f"/sandbox/payments/{stage.paid[0].public_id}").status_code == 404
    assert stage.look(lambda db: len(list(db.exec(select(SandboxLine))))) == 1
