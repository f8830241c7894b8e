"""Rows in bulk, to measure with: as many as asked for, found as real ones are, and never beside a real Jalon."""

import pytest
from flask import Flask
from sqlmodel import Session, col, func, select

from app.audit import run
from app.campaigns.model import Campaign, Pledge
from app.campaigns.pledges import draft
from app.campaigns.promise import Promise
from app.demo.bulk import fill
from app.demo.crowd import acting_for
from app.kit.clock import now
from app.kit.db import Database
from app.needs.model import Need
from app.needs.search import Wanted, find_needs
from tests.beginnings import begun
from tests.money_cast import visiting


@pytest.fixture(autouse=True)
def bulk(database: Database) -> None:
    begun(database, "rows in bulk", lambda: fill(database, needs=120, pledges=90))


def test_so_many_needs_and_pledges_are_written_and_found_and_only_into_an_empty_database(
    database: Database,
) -> None:
    with database.reading() as db:
        assert (counted(db, Need), counted(db, Pledge)) == (120, 90)
        newest = find_needs(db, Wanted())
        assert newest[0].position == db.exec(select(func.max(col(Need.position)))).one()
        assert find_needs(db, Wanted(text=newest[3].title))[0].id == newest[3].id
        assert sum(db.exec(select(Campaign.signed_cents))) == sum(db.exec(select(Pledge.amount_cents)))
    with pytest.raises(SystemExit, match="in use"):
        fill(database, needs=1, pledges=0)


def test_its_campaign_is_one_like_any_other_every_page_opens_and_the_audit_finds_nothing(
    app: Flask, database: Database
) -> None:
    at = now()
    with database.writing() as db:
        campaign = db.exec(select(Campaign)).one()
        buyer = acting_for(db, 1)
        promise = Promise(campaign.room_cents)
        ours = [
            db.exec(select(Pledge).where(Pledge.organization_id == 1)).one(),
            draft(db, campaign, promise, by=buyer, at=at),
        ]
    with visiting(app, buyer, at=at) as browser:
        round_ = f"/campaigns/{campaign.public_id}"
        for path in (round_, f"{round_}/money", *(f"/pledges/{pledge.public_id}" for pledge in ours)):
            assert browser.get(path).status_code == 200, path
        refused = browser.post(f"/pledges/{ours[1].public_id}/signature", data={"text": "0" * 64})
        assert refused.status_code == 409
        assert "please read them again" in refused.get_data(as_text=True)
    lines, is_right = run(database, at=at)
    assert is_right, lines


def counted(db: Session, table: type[Need] | type[Pledge]) -> int:
    """How many rows a table has."""
    return int(db.exec(select(func.count()).select_from(table)).one())
