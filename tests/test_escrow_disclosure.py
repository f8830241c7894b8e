"""The pages about money tell nobody a hidden amount or name, and speak both languages."""

import pytest
from flask import Flask
from sqlmodel import select

from app.escrow.lines import by_pledge, flows, summed
from app.escrow.model import Call
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.words import use_language
from tests.escrow_cast import HIDDEN, PRICES, SIX, money_pages, page_of, pledges_of, read, text_of
from tests.money_cast import set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


def test_no_page_tells_strangers_or_other_backers_a_hidden_amount_or_name(app: Flask, stage: Stage) -> None:
    stage.fund()
    stage.accepted()
    hidden = stage.look(lambda db: by_pledge(flows(db, stage.campaign.id)))[pledges_of(stage)[0].id]
    written = {
        f"{cents // 100:,}.{cents % 100:02d}" for cents in (hidden.received, hidden.released, hidden.fees)
    }
    for reader in (None, stage.backers[1], stage.backers[5]):
        for path in money_pages(stage):
            page = read(app, stage, reader, path)
            assert not HIDDEN.search(page), path
            assert not any(amount in page for amount in written), path
            assert "Cité Secrète" not in page, path


def test_a_backer_sees_its_own_lines_and_the_fund_and_the_auditor_all(app: Flask, stage: Stage) -> None:
    stage.fund()
    path = page_of(stage, "money")
    stranger, own = read(app, stage, None, path), read(app, stage, stage.backers[0], path)
    assert "Banque Voilée" not in stranger
    assert "Banque Voilée" in own
    assert HIDDEN.search(own)
    assert "Banque Ouverte" not in own
    for reader in (stage.officer, stage.auditor):
        page = read(app, stage, reader, path)
        assert all(backing.name in page for backing in SIX)
        assert HIDDEN.search(page)


def test_strangers_read_sums_that_tell_no_single_backer(app: Flask, stage: Stage) -> None:
    stage.fund()
    page = read(app, stage, None, page_of(stage, "money"))
    received = stage.look(lambda db: summed(by_pledge(flows(db, stage.campaign.id)).values())).received
    assert f"€{received // 100:,}.{received % 100:02d}" in page
    assert "not shown" not in page


def test_a_sum_is_not_shown_while_one_who_hides_its_amount_is_treated_like_no_other(
    app: Flask, stage: Stage
) -> None:
    issued = stage.call()
    stage.pay(issued[0])
    stage.rest()
    page = read(app, stage, None, page_of(stage, "money"))
    assert "not shown" in page, "only the one who hides has paid: what is received is its call"
    called = sum(call.total_cents for call in issued)
    assert f"€{called // 100:,}.{called % 100:02d}" in page
    maker = read(app, stage, stage.maker, page_of(stage, "money"))
    assert "not shown" not in maker, "who does the work has to know what is held"
    for call in issued[1:]:
        stage.pay(call)
    stage.rest()
    assert "not shown" not in read(app, stage, None, page_of(stage, "money"))


@pytest.mark.on_both
def test_entries_tell_that_money_moved_and_how_much_only_to_whom_it_belongs(app: Flask, stage: Stage) -> None:
    stage.fund()
    path = page_of(stage, "money", "entries?figure=received")
    stranger = read(app, stage, None, path)
    assert "Money came in" in stranger
    assert "€" not in stranger.split("<tbody>")[1].split("</tbody>")[0]
    own = read(app, stage, stage.backers[0], path).split("<tbody>")[1]
    assert own.count("held for Banque Voilée") == 2 + 1  # price, VAT (“VAT held for …”) and fee
    assert "held for Banque Ouverte" not in own
    pledge = pledges_of(stage)[1].public_id
    assert "Banque Ouverte" in read(app, stage, stage.auditor, f"{path}&pledge={pledge}")
    read(app, stage, stage.backers[0], f"{path}&pledge={pledge}", 404)
    read(app, stage, None, page_of(stage, "money", "entries?figure=nonsense"), 404)


@pytest.mark.on_both
def test_the_trail_names_no_backer_that_keeps_its_name_and_the_clock_as_itself(
    app: Flask, stage: Stage
) -> None:
    stage.fund()
    stage.accepted()
    stranger = read(app, stage, None, page_of(stage, "trail"))
    assert "A pledge was signed" in stranger
    assert "Banque Voilée" in stranger
    assert "Cité Secrète" not in stranger
    assert "the clock" in stranger
    assert "milestone 1" in stranger
    assert "A call was issued" not in stranger
    assert "A call was issued" in read(app, stage, stage.backers[4], page_of(stage, "trail"))
    assert "Cité Secrète" in read(app, stage, stage.auditor, page_of(stage, "trail"))
    french = read(app, stage, None, page_of(stage, "trail"), language="fr")
    assert "l’horloge" in french


@pytest.mark.on_both
def test_every_page_speaks_both_languages_in_every_state(app: Flask, stage: Stage) -> None:
    def everyone_reads() -> None:
        own = stage.look(lambda db: list(db.exec(select(Call))))
        for language in ("en", "fr"):
            for reader in (None, stage.backers[0], stage.officer):
                with visiting(app, reader, language, at=stage.at) as client:
                    for path in money_pages(stage):
                        text_of(client, path)
                    if reader:
                        for call in own:
                            assert client.get(f"/calls/{call.public_id}").status_code in (200, 404)

    everyone_reads()
    stage.fund()
    everyone_reads()
    with use_language("fr"):
        assert "Appels de fonds" in read(app, stage, stage.officer, "/calls", language="fr")
