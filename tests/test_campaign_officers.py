"""Officers of the fund decide about a campaign, once, and everybody reads what becomes of it."""

import pytest
from flask import Flask
from sqlmodel import Session, select

from app.campaigns import rules
from app.campaigns.model import Campaign, CampaignState, PledgeState, Publicity
from app.escrow import calls
from app.kit.db import Database
from tests import cast as c
from tests.campaign_pages_cast import address, again, backed, opened, settled, text_of, wrote
from tests.money_cast import visiting

pytestmark = pytest.mark.long_story


@pytest.fixture
def cast(database: Database) -> c.Cast:
    return settled(database)


@pytest.fixture
def campaign(database: Database, cast: c.Cast) -> Campaign:
    return opened(database, cast)


@pytest.mark.on_both
def test_an_officer_prepares_opens_closes_and_calls_and_a_second_click_changes_nothing(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    estimate = wrote(database, lambda db: c.estimate_approved(db, cast))
    asked = {"deadline_on": "2026-12-01", "collection_days": "20"}
    tranches = {f"tranche-{place}-number": str(number) for place, number in enumerate((1, 1, 2))}
    with visiting(app, cast.officer, at=c.NOW) as client:
        path = f"/campaigns/new?estimate={estimate.public_id}"
        assert "Step 3" in text_of(client, path)
        gap = client.post(path, data=asked | tranches | {"tranche-2-number": "3"})
        assert gap.status_code == 422
        assert "without a gap" in gap.get_data(as_text=True)
        late = client.post(path, data=asked | tranches | {"deadline_on": "2027-02-01"})
        assert late.status_code == 422
        assert "2027-02-01" in late.get_data(as_text=True)
        assert "cannot be later" in late.get_data(as_text=True)
        made = client.post(path, data=asked | tranches)
        assert made.status_code == 303
        assert client.get(path).status_code == 303, "the estimate has its campaign already"
        campaign = wrote(database, lambda db: db.exec(select(Campaign)).one())
        assert campaign.collection_days == 20
        assert client.post(address(campaign, "opening")).status_code == 303
        assert client.post(address(campaign, "opening")).status_code == 409
        early = client.post(address(campaign, "closing"))
        assert early.status_code == 422
        assert "The threshold is not reached" in early.get_data(as_text=True)
        wrote(database, lambda db: _pledge_all(db, campaign, cast))
        assert "Close and secure now" in text_of(client, address(campaign))
        assert client.post(address(campaign, "closing")).status_code == 303
        assert client.post(address(campaign, "closing")).status_code == 409
        for status, count in ((303, 1), (409, 1)):
            answer = client.post(address(campaign, "tranches"), data={"tranche": "1"})
            assert answer.status_code == status
            assert wrote(database, lambda db: len(db.exec(select(calls.Tranche)).all())) == count


def _pledge_all(db: Session, campaign: Campaign, cast: c.Cast) -> None:
    found = db.get_one(Campaign, campaign.id)
    for buyer, cents in zip(cast.buyers, (2_000_000, 2_000_000, 2_000_000), strict=True):
        c.pledge(db, found, buyer, cents)


def test_only_the_fund_s_officers_decide(app: Flask, cast: c.Cast, campaign: Campaign) -> None:
    for reader in (cast.buyers[0], cast.maker, cast.treasurer):
        with visiting(app, reader) as client:
            assert "Decide for the fund" not in text_of(client, address(campaign))
            for act in ("opening", "cancellation", "closing", "stop", "tranches"):
                assert client.post(address(campaign, act), data={"reason": "x"}).status_code == 403


def test_a_campaign_is_cancelled_with_a_reason_everyone_reads(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    (pledge,) = backed(database, campaign, cast, Publicity.FULL)
    with visiting(app, cast.officer) as client:
        empty = client.post(address(campaign, "cancellation"), data={"reason": " "})
        assert empty.status_code == 422
        assert again(database, campaign).state == CampaignState.OPEN
        done = client.post(address(campaign, "cancellation"), data={"reason": "The software is abandoned."})
        assert done.status_code == 303
        second = client.post(address(campaign, "cancellation"), data={"reason": "Again."})
        assert second.status_code == 409
    assert again(database, pledge).state == PledgeState.LAPSED
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "The software is abandoned." in page
    assert "no money moved" in page
    with visiting(app, cast.buyers[0]) as client:
        assert "The campaign was cancelled." in text_of(client, address(pledge))


def test_a_missed_minimum_says_that_nobody_pays(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL)
    with visiting(app, None, at=c.DECIDED) as client:
        assert "no more pledges are taken" in text_of(client, address(campaign))
        wrote(database, lambda db: rules.decide(db, campaign, at=c.DECIDED))
        page = text_of(client, address(campaign))
    assert "Minimum missed" in page
    assert "nobody was called to pay" in page


def test_a_stopped_campaign_says_what_becomes_of_the_money(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    campaign = wrote(database, lambda db: c.called(db, cast)[0])
    with visiting(app, cast.officer, at=c.DECIDED) as client:
        assert client.post(address(campaign, "stop"), data={"reason": ""}).status_code == 422
        assert client.post(address(campaign, "stop"), data={"reason": "Nobody delivers."}).status_code == 303
        assert client.post(address(campaign, "stop"), data={"reason": "Again."}).status_code == 409
    with visiting(app, None, at=c.DECIDED) as client:
        page = text_of(client, address(campaign))
    assert "Nobody delivers." in page
    assert "exactly what was still held of its own money" in page


@pytest.mark.on_both
def test_an_officer_finds_the_way_to_prepare_a_campaign_where_the_estimate_stands(
    app: Flask, database: Database, cast: c.Cast
) -> None:
    estimate = wrote(database, lambda db: c.estimate_approved(db, cast))
    path = f"/campaigns/of-estimate/{estimate.public_id}"
    with visiting(app, cast.officer) as client:
        assert f"/campaigns/new?estimate={estimate.public_id}" in text_of(client, path)
    with visiting(app, cast.buyers[0]) as client:
        assert "Prepare a campaign" not in text_of(client, path)
        piece = client.get(path, headers={"HX-Request": "true"})
        assert "<html" not in piece.get_data(as_text=True)
        assert "No campaign yet" in piece.get_data(as_text=True)
