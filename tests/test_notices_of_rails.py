"""The door for Stripe's notices: proved, kept once, answered at once, and never believed."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from app.kit.clock import now
from app.kit.settings import Settings
from app.main import create_app
from app.people.model import Kind, Operator, Organization
from app.rails.inbox import InboxEvent
from tests.fake_stripe import SECRETS, FakeStripe, serving

DOOR = "/rails/stripe/notices/account"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    """Stripe, which notifies."""
    with serving() as fake:
        yield fake


@pytest.fixture
def app(settings: Settings, fake: FakeStripe) -> Iterator[Flask]:
    """Jalon on that rail, its forms guarded as always."""
    facts = {**vars(settings), "rails": ("stripe",), "stripe": fake.settings(), "demo": False}
    app = create_app(Settings(**facts))
    with app.database.writing() as db:
        fund = Organization(name="Fonds", kind=Kind.FUND, applied_at=now())
        db.add(fund)
        db.flush()
        db.add(Operator(id=1, organization_id=fund.id))
    yield app
    app.database.close()


def kept(app: Flask) -> list[tuple[str, str]]:
    """What the inbox holds."""
    with app.database.reading() as db:  # type: ignore[attr-defined]
        return [(event.event_id, event.outside_id) for event in db.exec(select(InboxEvent))]


def post(browser: FlaskClient, fake: FakeStripe, event: dict, door: str = DOOR, **changes: object) -> int:  # type: ignore[type-arg]
    """Deliver an event; the answer's code."""
    body, header = fake.signed(event, **changes)  # type: ignore[arg-type]
    return browser.post(door, data=body, headers={"Stripe-Signature": header}).status_code


def test_webhook_a_notice_is_kept_once_however_often_and_in_whatever_order(
    app: Flask, fake: FakeStripe
) -> None:
    thing = fake.world.new("ch", "charge", amount=1)
    first, second = fake.world.tell("charge.pending", thing), fake.world.tell("charge.succeeded", thing)
    browser = app.test_client()
    for event in (second, first, second, second, first):
        assert post(browser, fake, event) == 200
    assert kept(app) == [(second["id"], thing["id"]), (first["id"], thing["id"])]
    assert not fake.calls, "the answer is given before anything is asked"


def test_webhook_forged_replayed_old_wrong_mode_and_wrong_door_keep_nothing(
    app: Flask, fake: FakeStripe
) -> None:
    event = fake.world.tell("charge.succeeded", fake.world.new("ch", "charge", amount=1))
    browser = app.test_client()
    assert post(browser, fake, event, secret="whsec_guessed") == 400
    assert post(browser, fake, event, at=1.0) == 400
    assert post(browser, fake, {**event, "livemode": True}) == 400
    assert post(browser, fake, event, door="/rails/stripe/notices/connect") == 400
    assert browser.post(DOOR, data=b"{}").status_code == 400
    assert (
        browser.post(DOOR, data=b"x" * 600_000, headers={"Stripe-Signature": "t=1,v1=0"}).status_code == 413
    )
    assert post(browser, fake, event, door="/rails/stripe/notices/elsewhere") == 404
    assert post(browser, fake, event, door="/rails/sandbox/notices/account") == 404
    assert not kept(app)
    answered = browser.post(DOOR, data=b"{}", headers={"Stripe-Signature": "t=1,v1=0"}).text
    assert not any(secret in answered for secret in SECRETS.values())


def test_a_payees_event_at_its_own_door_is_about_the_payee(app: Flask, fake: FakeStripe) -> None:
    payout = fake.world.new("po", "payout", amount=1)
    event = fake.world.tell("payout.paid", payout, account="acct_1")
    assert post(app.test_client(), fake, event, door="/rails/stripe/notices/connect") == 200
    assert kept(app) == [(event["id"], "acct_1")]
