"""A mandate from its payer's page to the fund's desk and back, through the doors people use."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import select

from app.escrow.model_outside import PaymentMeans
from app.kit.db import Database
from app.kit.settings import Settings
from app.main import create_app
from app.rails.bank.model_mandates import BankMandate
from tests.debit_cast import Debited, debit_stage
from tests.money_cast import visiting
from tests.statements import PAYER_IBAN


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: the rules run on both."""
    return sqlite_url


@pytest.fixture
def stage(database: Database, settings: Settings) -> Debited:
    """Everybody, before anything is left."""
    return debit_stage(database, settings)


@pytest.fixture
def app(stage: Debited, settings: Settings) -> Flask:
    """The pages, where the bank is a way to pay."""
    return create_app(replace(settings, rails=("bank",)))


def test_a_mandate_is_written_printed_confirmed_used_and_revoked_on_screen(
    stage: Debited, app: Flask
) -> None:
    in_fours = "DE89 3704 0044 0532 0130 00"
    with visiting(app, stage.backers[0]) as payer:
        written = {"holder": "Banque Lumen SA", "iban": in_fours, "scheme": "CORE", "notice_days": "14"}
        wrong = payer.post("/means-of-payment/mandates", data={**written, "iban": "DE89370400440532013001"})
        assert wrong.status_code == 422
        assert payer.post("/means-of-payment/mandates", data=written).status_code == 303
        shown = payer.get("/means-of-payment").text
        assert "Waits for the signed paper" in shown
        assert PAYER_IBAN not in shown, "its end is enough to recognize it by"
        mandate = stage.look(lambda db: db.exec(select(BankMandate)).one())
        paper = payer.get(f"/mandates/{mandate.public_id}/mandate.pdf")
        assert paper.data.startswith(b"%PDF")
        assert payer.get(f"/mandates/{mandate.public_id}").status_code == 403
    page = f"/mandates/{mandate.public_id}"
    with visiting(app, stage.backers[1]) as other:
        assert other.get(f"{page}/mandate.pdf").status_code == 404
    with visiting(app, stage.treasurer) as treasurer:
        assert "One mandate waits for its signed paper" in treasurer.get("/mandates").text
        found = treasurer.get(page).text
        assert '<span class="grouped"><span>DE89</span><span>3704</span>' in found, (
            "gaps are drawn, not copied"
        )
        late = treasurer.post(f"{page}/confirmation", data={"signed_on": "2027-01-01"})
        assert late.status_code == 422
        signed = {"signed_on": stage.at.date().isoformat()}
        assert treasurer.post(f"{page}/confirmation", data=signed).status_code == 303
        assert "In force" in treasurer.get(page).text
        assert treasurer.post(f"{page}/confirmation", data=signed).status_code == 409
    stage.called()
    assert [one.means for one in stage.collections()] == ["direct debit"]
    left = stage.look(lambda db: db.exec(select(PaymentMeans)).one())
    with visiting(app, stage.backers[0], language="fr") as payer:
        assert payer.post(f"/means-of-payment/{left.public_id}/end").status_code == 303
        assert "Révoqué" in payer.get("/means-of-payment").text
        assert payer.post(f"/means-of-payment/{left.public_id}/end").status_code == 409
    with visiting(app, stage.treasurer) as treasurer:
        assert "Revoked" in treasurer.get(page).text
