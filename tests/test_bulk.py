"""Rows in bulk, to measure with: as many as asked for, found as real ones are, and never beside a real Jalon."""

import pytest
from sqlmodel import Session, col, func, select

from app.campaigns.model import Campaign, Pledge
from app.demo.bulk import fill
from app.kit.db import Database
from app.needs.model import Need
from app.needs.search import Wanted, find_needs


def test_so_many_needs_and_pledges_are_written_and_found_and_only_into_an_empty_database(
    database: Database,
) -> None:
    fill(database, needs=120, pledges=90)
    with database.reading() as db:
        assert (counted(db, Need), counted(db, Pledge)) == (120, 90)
        newest = find_needs(db, Wanted())
        assert newest[0].position == db.exec(select(func.max(col(Need.position)))).one()
        assert find_needs(db, Wanted(text=newest[3].title))[0].id == newest[3].id
        assert sum(db.exec(select(Campaign.signed_cents))) == sum(db.exec(select(Pledge.amount_cents)))
    with pytest.raises(SystemExit, match="in use"):
        fill(database, needs=1, pledges=0)


def counted(db: Session, table: type[Need] | type[Pledge]) -> int:
    """How many rows a table has."""
    return int(db.exec(select(func.count()).select_from(table)).one())
