"""An open campaign and its backers, as the pages of campaigns and pledges show them."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlmodel import Session

from app.campaigns.model import Campaign, Pledge
from app.kit.db import Database
from tests import cast as c
from tests.beginnings import begun

CANARY = 777_713
HIDDEN = re.compile(r"7[,\s\u00a0\u202f.]?777[.,]13|777713")


def wrote(database: Database, work: Callable[[Session], Any]) -> Any:
    """Do something in a transaction of its own."""
    with database.writing() as db:
        return work(db)


def again(database: Database, row: Any) -> Any:
    """The row as it is now."""
    with database.reading() as db:
        return db.get_one(type(row), row.id)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """A page's words."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def address(row: Any, *more: str) -> str:
    """Where a campaign or pledge stands."""
    folder = {"Campaign": "campaigns", "Pledge": "pledges"}[type(row).__name__]
    return "/".join(["", folder, row.public_id, *more])


def backed(database: Database, campaign: Campaign, cast: c.Cast, *kinds: str) -> list[Pledge]:
    """The banks pledge, each with its publicity; the first of them the canary's amount."""
    amounts = (CANARY, 1_500_000, 900_000)
    with database.writing() as db:
        found = db.get_one(Campaign, campaign.id)
        return [
            c.pledge(db, found, buyer, cents, publicity=kind)
            for buyer, cents, kind in zip(cast.buyers, amounts, kinds, strict=False)
        ]


def settled(database: Database) -> c.Cast:
    """Everybody, in a house that runs."""
    found: c.Cast = begun(database, "settled", lambda: wrote(database, c.settle))
    return found


def opened(database: Database, cast: c.Cast) -> Campaign:
    """An open campaign: 53 333.34 required, 63 333.34 in all."""
    found: Campaign = begun(database, "open", lambda: wrote(database, lambda db: c.campaign_open(db, cast)))
    return found
