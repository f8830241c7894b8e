"""The story on each real rail, through the screens people use and the worker: called, paid, accepted, paid out."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import col, select

from app.delivery.model import Delivery
from app.escrow.model import Call
from app.kit.db import Database
from app.kit.settings import Settings
from app.main import create_app
from app.payouts import comparison
from app.rails.bank.model import BankBatch
from tests.bank_cast import BY_BANK, MAKER_IBAN
from tests.bank_desk import BankDesk
from tests.book import check_book
from tests.money_cast import set_up, visiting
from tests.money_stage import EVIDENCE, Stage
from tests.statements import Entry, Part
from tests.stripe_cast import stripe_stage

# One kind is enough for pages: the rules run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def pages(stage: Stage) -> Iterator[Flask]:
    """Jalon on this stage's rails."""
    app = create_app(stage.worker.settings)
    yield app
    app.database.close()


def click(app: Flask, stage: Stage, who: object, url: str, **form: object) -> str:
    """Somebody presses a button; where it leads."""
    with visiting(app, who, at=stage.at) as browser:  # type: ignore[arg-type]
        answer = browser.post(url, data=form)
        assert answer.status_code == 303, (url, answer.status_code, answer.text[:4000])
        return str(answer.location)


def accepted(app: Flask, stage: Stage) -> None:
    """The first milestone is handed in, and every backer who is asked accepts it."""
    milestone = stage.milestones[0]
    form = {"version": "1", "evidence": EVIDENCE}
    click(app, stage, stage.maker, f"/milestones/{milestone.public_id}/deliveries", **form)
    for backer in stage.backers:
        delivery = stage.look(lambda db: db.exec(select(Delivery)).one())
        if delivery.state == "handed in":
            click(app, stage, backer, f"/deliveries/{delivery.public_id}/answer", answer="accept")


def paid_out(app: Flask, stage: Stage) -> None:
    """The treasurer prepares what is owed, a colleague approves what the page shows."""
    for payout in stage.payouts():
        page = f"/payouts/{payout.public_id}"
        click(app, stage, stage.treasurer, f"{page}/preparation")
        with visiting(app, stage.colleague, at=stage.at) as browser:
            pinned = shown(browser.get(page).text, "pinned")
        click(app, stage, stage.colleague, f"{page}/approval", pinned=pinned)


def shown(page: str, name: str) -> str:
    """What a page filled in of a form."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found, name
    return found[1]


def call(app: Flask, stage: Stage) -> None:
    """The officer calls the first tranche."""
    click(app, stage, stage.officer, f"/campaigns/{stage.campaign.public_id}/tranches", tranche="1")


def test_the_story_on_bank_files_through_screens_and_worker(database: Database, settings: Settings) -> None:
    stage = set_up(database, replace(settings, rails=("bank",)), BY_BANK)
    desk = BankDesk(database, at=stage.at)

    def bring_in(*entries: Entry) -> None:
        file = (io.BytesIO(desk.statement(*entries).read()), f"statement-{desk.number}.xml")
        click(app, stage, stage.treasurer, "/statements", file=file)
        stage.rest()

    with pages(stage) as app:
        call(app, stage)
        issued = stage.look(lambda db: list(db.exec(select(Call).order_by(col(Call.id)))))
        bring_in(*(Entry([Part(one.total_cents, reference=one.reference)]) for one in issued))
        accepted(app, stage)
        stage.rest()
        account = {"rail": "bank", "holder": "Atelier Wiki", "account": MAKER_IBAN}
        click(app, stage, stage.maker, "/payee-account", **account)
        paid_out(app, stage)
        stage.rest()
        with visiting(app, stage.treasurer, at=stage.at) as browser:
            chosen = browser.get("/bank/files/selection?all=transfers").text
            form = {name: shown(chosen, name) for name in ("chosen", "execute_on")}
            made = browser.post("/bank/files/selection", data=form)
            assert made.status_code == 303, made.text[:3000]
            batch = stage.look(lambda db: db.exec(select(BankBatch)).one())
            file = browser.post(f"/bank/files/{batch.public_id}/copy")
            assert b"pain.001" in file.data
            assert browser.post(f"/bank/files/{batch.public_id}/copy").status_code == 409, "taken out once"
        [payout] = stage.payouts()
        order = desk.order(payout.outside_id)
        bring_in(Entry([Part(order.amount_cents, end_to_end_id=order.end_to_end_id)], is_credit=False))
        assert stage.again(payout).state == "paid"
        found = stage.act(lambda db: comparison.compare(db, stage.worker.rails["bank"], at=stage.at))
        assert found.is_equal, comparison.differences(found)
        assert "Agrees with the book" in _desk(app, stage)
    check_book(database, at_rest=True)


def _desk(app: Flask, stage: Stage) -> str:
    with visiting(app, stage.treasurer, at=stage.at) as browser:
        return browser.get("/desk").text


def test_the_story_on_stripe_through_screens_and_worker(database: Database, settings: Settings) -> None:
    with stripe_stage(database, settings) as there, pages(there.stage) as app:
        stage, world = there.stage, there.fake.world
        call(app, stage)
        there.rest()
        for wanted, backer in zip(there.collections(), stage.backers, strict=True):
            one = next(row for row in there.calls() if row.id == wanted.call_id)
            with visiting(app, backer, at=stage.at) as browser:
                assert "FR14 2004" in browser.get(f"/calls/{one.public_id}").text, "the account to pay to"
            there.transfer(wanted)
        there.rest()
        accepted(app, stage)
        there.rest()
        click(app, stage, stage.maker, "/payee-account/provider", rail="stripe")
        with visiting(app, stage.maker, at=stage.at) as browser:
            assert browser.get("/payee-account/provider/stripe").location.startswith("https://connect.")
        world.restrict(world.all("account")[0]["id"])
        there.rest()
        paid_out(app, stage)
        there.rest()
        [payout] = stage.payouts()
        assert payout.state == "paid"
        assert sum(one["amount"] for one in world.all("transfer")) == payout.amount_cents
        stage.at = stage.at.replace(hour=stage.at.hour + 4)
        there.rest()
        assert "Agrees with the book" in _desk(app, stage)
