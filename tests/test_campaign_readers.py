"""Campaigns and pledges are seen by whom they concern, in their language, and say how long is left."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlmodel import Session

from app.campaigns import rules
from app.campaigns.model import Campaign, Publicity
from app.kit.db import Database
from app.people.access import Actor
from app.people.model import Role
from tests import cast as c
from tests.campaign_pages_cast import HIDDEN, address, backed, opened, settled, text_of, wrote
from tests.money_cast import visiting

pytestmark = pytest.mark.long_story


@pytest.fixture
def cast(database: Database) -> c.Cast:
    return settled(database)


@pytest.fixture
def campaign(database: Database, cast: c.Cast) -> Campaign:
    return opened(database, cast)


def plain(page: str) -> str:
    """A page without the token that differs each second."""
    return re.sub(r"[\w-]{40,}\.[\w-]{6}\.[\w-]{27}", "", page)


def test_a_campaign_that_never_opened_is_seen_by_the_fund_and_its_maintainer_alone(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    def prepared(db: Session) -> Campaign:
        estimate = c.estimate_approved(db, cast)
        return rules.prepare(db, estimate, deadline_on=c.DEADLINE, by=cast.officer, at=c.NOW)

    draft = wrote(database, prepared)
    for reader in (None, cast.buyers[0]):
        with visiting(app, reader, at=c.NOW) as client:
            for path in (
                address(draft),
                address(draft, "backers"),
                address(draft, "money"),
                address(draft, "trail"),
            ):
                text_of(client, path, 404)
            assert draft.public_id not in text_of(client, "/campaigns")
    for reader in (cast.officer, cast.maker):
        with visiting(app, reader, at=c.NOW) as client:
            assert "being prepared" in text_of(client, address(draft))
            assert draft.public_id in text_of(client, "/campaigns")


def test_a_pledge_is_seen_by_its_organization_and_the_fund_and_by_nobody_else(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.FULL)
    for reader in (cast.buyers[0], cast.approvers[0], cast.officer, cast.treasurer):
        with visiting(app, reader) as client:
            text_of(client, address(pledge))
    for reader in (cast.buyers[1], cast.ministry, cast.maker):
        with visiting(app, reader) as client:
            absent = text_of(client, "/pledges/" + "0" * 32, 404)
            assert plain(text_of(client, address(pledge), 404)) == plain(absent)
            for act in ("signature", "withdrawal"):
                if reader.has(Role.BUYER):
                    answer = client.post(address(pledge, act), data={"reason": "x", "text": "x"})
                    assert answer.status_code == 404
    with visiting(app, None) as client:
        assert client.get(address(pledge)).status_code == 303


def test_the_list_of_pledges_is_one_s_own_and_the_fund_s_is_everyone_s(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.FULL)
    with visiting(app, cast.buyers[1]) as client:
        page = text_of(client, "/pledges")
    assert "€15,000.00" in page
    assert not HIDDEN.search(page)
    with visiting(app, cast.officer) as client:
        page = text_of(client, "/pledges")
    assert "€15,000.00" in page
    assert HIDDEN.search(page)


def test_a_longer_list_of_campaigns_costs_no_more_questions(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    def one(db: Session, number: int) -> None:
        campaign = c.campaign_open(db, cast, name=f"Wiki {number}")
        c.pledge(db, campaign, cast.buyers[0], 10_000)

    asked: list[str] = []

    def note(*facts: Any) -> None:
        asked.append(facts[2])

    counts = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with visiting(app, cast.buyers[0]) as client:
            for more in (range(1), range(1, 7)):
                for number in more:
                    wrote(database, partial(one, number=number))
                text_of(client, "/campaigns")
                for path in ("/campaigns", "/pledges"):
                    asked.clear()
                    text_of(client, path)
                    counts.append(len(asked))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counts[:2] == counts[2:]
    assert min(counts) > 1


def test_the_last_day_and_the_days_left_are_said(app: Flask, cast: c.Cast, campaign: Campaign) -> None:
    def said(day: date) -> str:
        at = c.NOW.replace(year=day.year, month=day.month, day=day.day)
        with visiting(app, None, at=at) as client:
            return text_of(client, address(campaign))

    assert "Open, 29 days left" in said(c.NOW.date())
    assert "Open, 1 day left" in said(c.DEADLINE - timedelta(days=1))
    assert "Open, last day" in said(c.DEADLINE)


def actors(cast: c.Cast) -> list[Actor]:
    """One of each kind."""
    return [cast.officer, cast.treasurer, cast.maker, cast.ministry, cast.buyers[0], cast.approvers[0]]


@pytest.mark.on_both
def test_every_page_opens_for_everybody_in_both_languages(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.NAME_ONLY, Publicity.ANONYMOUS)
    for reader in (None, *actors(cast)):
        for language in ("en", "fr"):
            with visiting(app, reader, language) as client:
                for path in (
                    "/campaigns",
                    "/campaigns?state=open",
                    "/campaigns?state=nonsense",
                    address(campaign),
                ):
                    text_of(client, path)
                if reader:
                    text_of(client, "/pledges")
