"""A call says what is to be paid by when, and is waited on, paid or void."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.escrow import listed
from app.escrow.model import CallState
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.escrow_cast import PRICES, SIX, page_of, post, read
from tests.money_cast import set_up
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


def test_a_call_says_what_by_when_and_how_and_is_seen_by_whom_it_concerns(app: Flask, stage: Stage) -> None:
    call = stage.call()[0]
    path = f"/calls/{call.public_id}"
    page = read(app, stage, stage.backers[0], path)
    for told in (
        call.number,
        "PO-1",
        "XX00 JALON SANDBOX",
        "VAT of 20%",
        "5% of the parts",
        "23 December 2026",
    ):
        assert told in page
    assert f"€{call.total_cents // 100:,}.{call.total_cents % 100:02d}" in page
    reference = re.sub(r"(.{4})", r"\1 ", call.reference).strip()
    assert reference in page
    read(app, stage, stage.auditor, path)
    for reader in (stage.backers[1], stage.maker):
        read(app, stage, reader, path, 404)
        assert call.number not in read(app, stage, reader, "/calls")
    assert call.number in read(app, stage, stage.backers[0], "/calls")
    listed = read(app, stage, stage.treasurer, "/calls")
    assert "Banque Voilée" in listed
    assert "Ministère" not in listed, "a public body is called after acceptance only"


@pytest.mark.on_both
def test_what_is_not_paid_stands_first_counted_and_one_click_away(
    app: Flask, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest, *others = stage.call()
    for call in others:
        stage.pay(call)
    stage.rest()
    monkeypatch.setattr(listed, "PAGE", 2)
    page = read(app, stage, stage.treasurer, "/calls")
    assert re.findall(r">(\d{4}-\d{4})</a>", page) == [call.number for call in (oldest, *others[:-3:-1])]
    assert re.findall(r'state=(\w+)"[^>]*>([^<]+) <span class="count">(\d+)', page) == [
        ("open", "Not paid", "1"), ("paid", "Paid", str(len(others))),
    ]  # fmt: skip
    figure = re.search(r'<dd><a href="([^"]+)">1</a></dd>', page)
    assert figure
    assert figure[1] == "/calls?state=open"
    assert re.findall(r">(\d{4}-\d{4})</a>", read(app, stage, stage.treasurer, figure[1])) == [oldest.number]
    issued = read(app, stage, stage.treasurer, "/calls?state=issued")
    assert re.findall(r">(\d{4}-\d{4})</a>", issued) == [oldest.number], (
        "a state without a tab can be asked for"
    )
    more = re.search(r'rel="next" href="([^"]+)"', page)
    assert more
    assert oldest.number not in read(app, stage, stage.treasurer, more[1]), "it was on the first page"


@pytest.mark.on_both
def test_page_by_page_every_call_is_reached_once_those_not_paid_first(
    app: Flask, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = stage.call()
    unpaid, paid = calls[:3], calls[3:]
    for call in paid:
        stage.pay(call)
    stage.rest()
    monkeypatch.setattr(listed, "PAGE", 2)
    found, path = [], "/calls"
    while path:
        page = read(app, stage, stage.treasurer, path)
        found += re.findall(r">(\d{4}-\d{4})</a>", page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = more[1] if more else ""
    assert found == [call.number for call in (*unpaid, *reversed(paid))]


def test_what_came_in_and_what_is_missing_is_said(app: Flask, stage: Stage) -> None:
    call = stage.call()[1]
    stage.pay(call, 100_000)
    stage.rest()
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "€1,000.00 came in" in page
    assert "Part paid" in page
    stage.pay(stage.again(call))
    stage.rest()
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "Paid in full" in page
    assert "How to pay" not in page
    stage.turn(stage.paid[0], Happened.CHARGED_BACK, "Contested")
    page = read(app, stage, stage.backers[1], f"/calls/{call.public_id}")
    assert "unpaid again" in page
    assert "Contested" in page


def test_an_unpaid_call_is_waited_on_with_a_reason_and_a_second_click_changes_nothing(
    app: Flask, stage: Stage
) -> None:
    call = stage.call()[0]
    path = f"/calls/{call.public_id}"
    stage.at = call.window_ends_at + timedelta(minutes=1)
    stage.worker.until_quiet(stage.at)
    assert stage.again(call).state == CallState.DEFAULTED
    assert "Not paid in time" in read(app, stage, stage.backers[0], path)
    assert "Wait on" not in read(app, stage, stage.treasurer, path)
    status, page = post(app, stage, stage.officer, f"{path}/extension", days="91", reason="They merge.")
    assert status == 422
    assert 'value="91"' in page
    assert "They merge." in page
    assert "Between 1 and 90 more days" in page
    assert stage.again(call).state == CallState.DEFAULTED
    assert post(app, stage, stage.officer, f"{path}/extension", days="10", reason="They merge.")[0] == 303
    assert post(app, stage, stage.officer, f"{path}/extension", days="10", reason="They merge.")[0] == 409
    page = read(app, stage, stage.backers[0], path)
    assert "They merge." in page
    assert "3 January 2027" in page
    assert "They merge." in read(app, stage, None, page_of(stage, "trail")), "everyone can read why"
    for reader in (stage.backers[0], stage.treasurer):
        assert post(app, stage, reader, f"{path}/extension", days="5", reason="x")[0] == 403


def test_a_void_call_says_not_to_pay_it(app: Flask, stage: Stage) -> None:
    call = stage.call()[0]
    assert post(app, stage, stage.officer, page_of(stage, "stop"), reason="Nobody delivers.")[0] == 303
    stage.rest()
    page = read(app, stage, stage.backers[0], f"/calls/{call.public_id}")
    assert "please do not pay it" in page
    assert "How to pay" not in page
