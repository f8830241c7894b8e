"""The certificate says what was released, in two languages, and keeps a name that is not told."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from app.campaigns.model import Publicity
from app.kit.db import Database
from app.kit.settings import Settings
from tests.money_cast import TWO, Backing, set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """Two backers with half of the money each, the first tranche paid."""
    return set_up(database, settings, then=Stage.fund)


def text_of(pdf: bytes) -> str:
    """What a reader sees on the paper."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Acceptance certificate"), ("fr", "Procès-verbal de recette")]
)
def test_the_certificate_says_what_was_released_in_the_language_asked_for(
    stage: Stage, app: Flask, language: str, title: str
) -> None:
    delivery = stage.accepted()
    with visiting(app, None) as browser:
        answer = browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf?language={language}")
        assert answer.mimetype == "application/pdf"
        assert browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf?language=xx").status_code == 404
    words = text_of(answer.data)
    assert title in words
    assert "Banque Lumen" in words
    assert "D-2026-0001-1" in words


def test_the_certificate_keeps_the_name_of_who_backs_without_it_and_waits_while_its_sums_would_tell_an_amount(
    database: Database, settings: Settings, app: Flask
) -> None:
    shy_state = (TWO[0], Backing("Ministère", 500_000, Publicity.ANONYMOUS, is_public_body=True))
    stage = set_up(database, settings, shy_state)
    stage.fund()
    delivery = stage.accepted()
    page = f"/deliveries/{delivery.public_id}"
    with visiting(app, None) as browser:
        assert "Ministère" not in browser.get(page).text
        assert browser.get(f"{page}/certificate.pdf").status_code == 404
    with visiting(app, stage.auditor) as browser:
        assert "Ministère" in text_of(browser.get(f"{page}/certificate.pdf").data)
    stage.pay(stage.certify(delivery, 1))
    stage.rest()
    with visiting(app, None) as browser:
        words = text_of(browser.get(f"{page}/certificate.pdf").data)
        assert "Ministère" not in words
        assert "An organization" in words


def test_what_is_not_decided_has_no_certificate(stage: Stage, app: Flask) -> None:
    delivery = stage.hand_in()
    with visiting(app, stage.maker) as browser:
        assert browser.get(f"/deliveries/{delivery.public_id}/certificate.pdf").status_code == 404
