"""A public body certifies the service itself, and is called for its money only then."""

from typing import Any

from flask import Flask
from sqlmodel import Session, select

from app.campaigns import rules as campaigns
from app.delivery.model import Delivery, DeliveryState
from app.delivery.stages import Stage as MilestoneStage
from app.kit.db import Database
from app.kit.settings import Settings
from tests.delivery_cast import opinion, where
from tests.money_cast import TWO, Backing, set_up, visiting

PUBLIC = (*TWO[:1], Backing("Ministère", 500_000, is_public_body=True))


def test_a_public_body_is_called_by_its_own_certificate_and_released_when_it_pays(
    database: Database, settings: Settings, app: Flask
) -> None:
    stage = set_up(database, settings, PUBLIC)
    assert len(stage.fund()) == 1, "a public body is not called before acceptance"
    delivery = stage.accepted()
    assert where(stage) == MilestoneStage.AWAITS_PAYMENT
    assert stage.balance("owed:") == 360_000
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, stage.maker) as browser:
        assert "Ministère, not certified yet" in browser.get(page).text
    with visiting(app, stage.backers[1]) as browser:
        shown = browser.get(page).text
        assert "Silence never certifies." in shown
        assert "€3,780.00" in shown, "3 000 and 600 of VAT, the fee of 150 and 30 of VAT on it"
        pledge = shown.split('name="pledge" value="')[1].split('"')[0]
        assert browser.post(f"{page}/certificates", data={"pledge": pledge}).status_code == 303
        again = browser.post(f"{page}/certificates", data={"pledge": pledge})
        assert again.status_code == 409
        assert "certified already" in again.text
    with visiting(app, stage.backers[0]) as browser:
        assert browser.post(f"{page}/certificates", data={"pledge": pledge}).status_code == 404
    call = stage.look(lambda db: db.exec(select(Delivery)).one() and _last_call(db))
    assert call.total_cents == 378_000
    stage.pay(call)
    stage.rest()
    assert where(stage) == MilestoneStage.ACCEPTED
    assert stage.balance("owed:") == 720_000


def _last_call(db: Session) -> Any:
    from app.escrow.model import Call

    return db.exec(select(Call).order_by(Call.id.desc())).first()  # type: ignore[attr-defined]


def test_silence_of_a_public_body_accepts_the_work_but_never_calls_its_money(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings, PUBLIC)
    stage.fund()
    delivery = stage.hand_in()
    stage.at = delivery.review_ends_at
    stage.rest()
    assert stage.again(delivery).state == DeliveryState.ACCEPTED
    assert stage.look(lambda db: _last_call(db).pledge_id) != stage.look(
        lambda db: next(p.id for p in campaigns.signed_pledges(db, stage.campaign) if p.is_after_acceptance)
    )


def test_an_award_in_part_is_what_a_public_body_is_called_for(database: Database, settings: Settings) -> None:
    stage = set_up(database, settings, PUBLIC)
    stage.fund()
    delivery = stage.heard()
    for who in (0, 1):
        opinion(stage, delivery, who, 40)
    stage.rest()
    call = stage.certify(delivery, 1)
    assert (call.price_cents, call.vat_cents) == (120_000, 24_000)
    stage.pay(call)
    stage.rest()
    assert stage.balance("owed:") == 288_000
    assert stage.balance("back:") == 216_000, "only who paid in advance gets something back"
