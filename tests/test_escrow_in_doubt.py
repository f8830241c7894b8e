"""Money that names no call is matched once by the treasurer, and what is above goes back."""

import pytest
from flask import Flask
from sqlmodel import select

from app.escrow.model import CallState, Deposit
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails import sandbox
from tests.escrow_cast import PRICES, SIX, post, read
from tests.money_cast import set_up
from tests.money_stage import Stage


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


def stray(stage: Stage, cents: int, reference: str = "no idea") -> Deposit:
    """Money that names no call."""
    stage.act(lambda db: sandbox.pay_in(
        db, amount_cents=cents, currency="EUR", reference=reference, name="Somebody", account="XX1", at=stage.at
    ))  # fmt: skip
    stage.rest()
    return stage.look(lambda db: db.exec(select(Deposit)).all()[-1])


def test_the_treasurer_matches_money_in_doubt_once_and_gives_back_what_is_above(
    app: Flask, stage: Stage
) -> None:
    call = stage.call()[1]
    deposit = stray(stage, call.total_cents + 5_000)
    path = f"/suspense/{deposit.public_id}"
    assert "Somebody" in read(app, stage, stage.treasurer, "/suspense")
    status, page = post(app, stage, stage.treasurer, f"{path}/match", number="2026-9999")
    assert status == 422
    assert 'value="2026-9999"' in page
    assert "There is no call with this number" in page
    assert post(app, stage, stage.treasurer, f"{path}/match", number=f" {call.number} ")[0] == 303
    assert post(app, stage, stage.treasurer, f"{path}/match", number=call.number)[0] == 409
    assert stage.again(call).state == CallState.PAID
    assert "Give it back" in read(app, stage, stage.treasurer, "/suspense")
    assert post(app, stage, stage.treasurer, f"{path}/return")[0] == 303
    assert post(app, stage, stage.treasurer, f"{path}/return")[0] == 409
    assert stage.balance("suspense:") == 0
    assert stage.balance(f"back:{call.pledge_id}:") == 5_000
    assert "No money in doubt" in read(app, stage, stage.treasurer, "/suspense")


def test_money_in_doubt_is_the_fund_s_to_see_and_the_treasurer_s_to_match(app: Flask, stage: Stage) -> None:
    deposit = stray(stage, 1_000)
    assert "Match it" not in read(app, stage, stage.auditor, "/suspense")
    for reader in (stage.backers[0], stage.maker):
        read(app, stage, reader, "/suspense", 403)
    assert post(app, stage, stage.officer, f"/suspense/{deposit.public_id}/match", number="1")[0] == 403
    assert post(app, stage, stage.treasurer, f"/suspense/{'0' * 32}/match", number="1")[0] == 404
    assert post(app, stage, stage.treasurer, f"/suspense/{deposit.public_id}/return")[0] == 422
