"""No weight of an answer tells the public a hidden amount."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session

from app.campaigns.model import Publicity
from app.delivery.seen import backers_of, tally_of
from app.kit.db import Database
from app.kit.settings import Settings
from tests.delivery_cast import THREE
from tests.money_cast import Backing, set_up, visiting

pytestmark = pytest.mark.long_story

SHY = (
    Backing("Banque Lumen", 400_000),
    Backing("Assurances du Port", 300_000, Publicity.ANONYMOUS),
    Backing("Réseau Nord", 300_000, Publicity.NAME_ONLY),
)


def test_weights_that_would_tell_a_hidden_amount_are_kept_from_the_public(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings, SHY)
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 1, accepts=True)
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, None) as browser:
        shown = browser.get(page).text
        assert "Assurances du Port" not in shown
        assert "An organization" in shown
        assert "30%" not in shown
        assert "40%" not in shown
        assert "1 of 3 backers accepts, nobody refuses." in shown
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(page).text
        assert "Assurances du Port" in shown
        assert "30%" in shown, "one's own weight"
        assert "40%" not in shown, "it would tell Réseau Nord's"
    with visiting(app, stage.auditor) as browser:
        shown = browser.get(page).text
        assert all(words in shown for words in ("Assurances du Port", "40%", "30%"))


def test_three_who_hide_their_amounts_hide_in_one_sum(database: Database, settings: Settings) -> None:
    shy = [replace(one, publicity=Publicity.NAME_ONLY) for one in THREE]
    stage = set_up(
        database, settings, [Backing("Banque Ouverte", 1_000_000), *shy], prices=(1_200_000, 800_000)
    )
    stage.fund()
    delivery = stage.hand_in()
    stage.answer(delivery, 0, accepts=False, reasons="Not yet.")

    def tally(db: Session) -> Any:
        return tally_of(db, delivery, backers_of(db, delivery, None))

    seen = stage.look(tally)
    assert (seen.accepting_basis_points, seen.refusing_basis_points) == (0, 5000)
