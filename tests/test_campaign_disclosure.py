"""A hidden amount or name is told by no page: neither by itself, nor by a sum, nor by a list."""

import pytest
from flask import Flask
from sqlmodel import Session

from app.campaigns import progress
from app.campaigns.model import Campaign, Publicity
from app.estimates.model import Estimate
from app.kit.db import Database
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


def pages_of(campaign: Campaign, estimate: Estimate, item: str) -> list[str]:
    """Every public page that speaks of this campaign."""
    return [
        "/", "/campaigns", address(campaign), address(campaign, "backers"), address(campaign, "money"),
        address(campaign, "money", "entries"), address(campaign, "money", "chain.csv"), address(campaign, "trail"),
        f"/campaigns/of-item/{item}", f"/campaigns/of-estimate/{estimate.public_id}",
    ]  # fmt: skip


@pytest.mark.on_both
@pytest.mark.parametrize("kind", [Publicity.NAME_ONLY, Publicity.ANONYMOUS])
def test_a_hidden_amount_appears_on_no_page_of_others(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign, kind: Publicity
) -> None:
    (hidden, *_others) = backed(database, campaign, cast, kind, Publicity.FULL, Publicity.FULL)
    with database.reading() as db:
        estimate = db.get_one(Estimate, campaign.estimate_id)
        item = _item(db, estimate)
    for reader in (None, cast.buyers[1], cast.ministry):
        for language in ("en", "fr"):
            with visiting(app, reader, language) as client:
                for path in pages_of(campaign, estimate, item):
                    page = text_of(client, path)
                    assert not HIDDEN.search(page), path
                    assert ("Banque 1" in page) <= (kind == Publicity.NAME_ONLY), path
    for reader in (cast.buyers[0], cast.officer):
        with visiting(app, reader) as client:
            page = text_of(client, address(campaign))
            assert HIDDEN.search(page)
            assert "Banque 1" in page
            assert HIDDEN.search(text_of(client, address(hidden)))


def _item(db: Session, estimate: Estimate) -> str:
    from app.roadmap.model import RoadmapItem

    return db.get_one(RoadmapItem, estimate.item_id).public_id


def test_one_hidden_amount_hides_two_others_in_the_sum_and_the_sum_is_shown(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.NAME_ONLY, Publicity.FULL, Publicity.FULL)
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "€31,777.13" in page
    assert page.count("in the sum") == 2
    assert "€15,000" not in page
    assert "€9,000" not in page


def test_fewer_than_three_backers_one_of_whom_hides_show_no_sum(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.ANONYMOUS, Publicity.FULL)
    with visiting(app, None) as client:
        page, listed = text_of(client, address(campaign)), text_of(client, "/campaigns")
        assert "22,777" not in text_of(client, "/")
    assert "The sum is shown once three organizations have signed" in page
    assert "€22,777" not in page
    assert "not shown: fewer than three organizations" in listed
    with visiting(app, cast.maker) as client:
        assert "€22,777.13" in text_of(client, address(campaign)), (
            "the maintainer has to know before it starts"
        )


def test_where_nobody_hides_each_amount_stands_by_itself(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL, Publicity.FULL)
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "€15,000" in page
    assert HIDDEN.search(page)
    assert "in the sum" not in page


def test_what_public_bodies_commit_is_told_apart_from_what_is_paid_in_advance(
    app: Flask, database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    backed(database, campaign, cast, Publicity.FULL)
    wrote(database, lambda db: c.pledge(db, db.get_one(Campaign, campaign.id), cast.ministry, 1_200_000))
    with visiting(app, None) as client:
        page = text_of(client, address(campaign))
    assert "Committed by public bodies, paid after acceptance €12,000" in page
    assert "Pledged, paid in advance €7,777.13" in page


def test_the_sums_in_the_list_are_told_by_the_same_rule_as_the_pledges_one_by_one(
    database: Database, cast: c.Cast, campaign: Campaign
) -> None:
    from app.campaigns.disclosure import tell

    backed(database, campaign, cast, Publicity.NAME_ONLY, Publicity.ANONYMOUS, Publicity.FULL)
    with database.reading() as db:
        found = db.get_one(Campaign, campaign.id)
        rows = progress.backings_of(db, found)
        told = tell([progress.backing(pledge) for pledge, _ in rows])
        sums = progress.sums_of(db, [(found, cast.maker.organization.id)], None)[found.id]
    assert (sums.promised_cents is not None, sums.committed_cents is not None) == (told.total, told.by_kind)
    assert sums.organizations == 3
