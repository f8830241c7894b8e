"""Grants and work as people meet them on screen: matched and withdrawn; offered, ordered, done, accepted, or late."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select

from app.campaigns import rules
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, OnDefault, Pledge
from app.campaigns.round_rules import Chosen
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from app.worker import Worker
from tests import cast as c
from tests.money_cast import visiting

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DUE = c.NOW + timedelta(days=60)
ANSWERS = {
    "needs_the_work": "yes", "wants_an_invoice": "yes", "will_check_it": "yes", "expects_a_tax_receipt": "no",
}  # fmt: skip
Send = Callable[..., None]


@pytest.fixture
def open_campaign(database: Database) -> tuple[c.Cast, Campaign]:
    """An open campaign in which work may count, and whose rule refunds all where somebody does not do their part."""
    with database.writing() as db:
        cast = c.settle(db)
        estimate = c.estimate_approved(db, cast)
        chosen = Chosen(in_kind_most_basis_points=2000, on_default=OnDefault.REFUND_ALL, default_days=10)
        made = rules.prepare(db, estimate, deadline_on=c.DEADLINE, chosen=chosen, by=cast.officer, at=c.NOW)
        rules.open_round(db, made, by=cast.officer, at=c.NOW)
    return cast, made


@pytest.fixture
def send(app: Flask) -> Send:
    """Sends a form as a person and expects it to be taken."""

    def post(who: Actor, path: str, at: datetime = c.NOW, **form: str) -> None:
        with visiting(app, who, at=at) as browser:
            answer = browser.post(path, data=form)
            assert answer.status_code == 303, sentence(answer.text)

    return post


def sentence(page: str) -> str:
    """What a refused form says."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())[:2000]


def read(app: Flask, who: Actor | None, path: str, at: datetime = c.NOW, language: str = "en") -> str:
    """A page as this person reads it."""
    with visiting(app, who, language, at=at) as browser:
        answer = browser.get(path)
        assert answer.status_code == 200
        return " ".join(answer.text.split())


def one(database: Database, kind: Any) -> Any:
    """The newest row of a table."""
    with database.reading() as db:
        return db.exec(select(kind).order_by(col(kind.id).desc())).first()


def signature(browser: FlaskClient, path: str) -> str:
    """The digest of the text that was read."""
    found = re.search(r'name="text"[^>]*value="([0-9a-f]{64})"', browser.get(path).text)
    assert found is not None
    return found[1]


def test_a_grant_is_opened_matches_at_the_signature_and_ends_with_its_pledge(
    app: Flask, database: Database, open_campaign: tuple[c.Cast, Campaign], send: Send
) -> None:
    cast, campaign = open_campaign
    writer, giver, backer, address = (
        cast.buyers[0],
        cast.approvers[0],
        cast.buyers[1],
        f"/campaigns/{campaign.public_id}",
    )
    send(writer, "/matching/new", title="Digital commons", reference="EU-77", total="5 000,00", factor="50")
    grant = f"/matching/{one(database, MatchingGrant).public_id}"
    with visiting(app, None) as browser:
        assert browser.get(grant).status_code == 404, "nobody else reads it before the fund"
    assert "Read the rule" not in read(app, cast.officer, "/")
    assert "Nobody has signed this yet" in read(app, writer, grant)
    assert "Sign the grant “Digital commons” of €5,000.00" in read(app, giver, "/")
    with visiting(app, giver) as browser:
        words = signature(browser, grant)
        assert browser.post(f"{grant}/signature", data={"text": "0" * 64}).status_code == 409
    send(giver, f"{grant}/signature", text=words)
    assert words in read(app, writer, grant), "what was signed stays to be read"
    assert "Read the rule of the grant “Digital commons”" in read(app, cast.officer, "/")
    send(cast.officer, f"{grant}/activation")
    board = read(app, cast.maker, "/")
    assert "Declare what other public money pays" in board
    assert f'{address}#declare"' in board
    folded = read(app, cast.maker, address).split("Declare other public money")[0].rsplit("<details", 1)[1]
    assert folded.startswith(">"), "closed; the link of the board, which names the form in it, opens it"
    send(cast.maker, f"{address}/public-money")
    assert "Declare what other public money pays" not in read(app, cast.maker, "/")
    send(
        backer,
        f"{address}/pledges",
        amount="8000",
        po_number="PO",
        publicity="full",
        rail="sandbox",
        **ANSWERS,
    )
    pledge = f"/pledges/{one(database, Pledge).public_id}"
    with visiting(app, backer) as browser:
        text = signature(browser, pledge)
    send(backer, f"{pledge}/signature", text=text)
    assert "€4,000.00" in read(app, backer, pledge)
    match = one(database, Pledge)
    assert (match.amount_cents, match.state) == (400_000, "signed")
    assert "€1,000" in read(app, None, grant), "what is left of it"
    assert "A matching grant added to a pledge" in read(app, None, f"{address}/trail")
    send(backer, f"{pledge}/withdrawal", reason="No budget.")
    assert one(database, Pledge).state == "withdrawn"
    assert "€5,000" in read(app, None, grant)
    send(giver, f"{grant}/closing", reason="The year is over.")
    assert "Clos : The year is over." in read(app, None, grant, language="fr").replace("\u202f", " ")


def ordered(app: Flask, database: Database, cast: c.Cast, campaign: Campaign, send: Send) -> str:
    """Work offered, valued and ordered on screen, and the campaign secured with it."""
    worker, address = cast.buyers[0], f"/campaigns/{campaign.public_id}"
    with database.reading() as db:
        first = rules.milestones_of(db, campaign.estimate_id)[0]
    send(
        worker, f"{address}/work", milestone=first.public_id, what="We test it.", days="10", rate="600", ceiling="5000",
        due_on=DUE.date().isoformat(),
    )  # fmt: skip
    work = f"/work/{one(database, InKindContribution).public_id}"
    assert "Value 10 days of work offered by" in read(app, cast.maker, "/")
    send(cast.maker, f"{work}/value", value="4500")
    assert "Sign the work order of €4,500.00" in read(app, worker, "/")
    with visiting(app, worker) as browser:
        text = signature(browser, work)
    send(worker, f"{work}/signature", text=text)
    assert "A work order was signed" in read(app, None, f"{address}/trail")
    with database.writing() as db:
        c.pledge(db, campaign, cast.buyers[1], 4_000_000)
        c.pledge(db, campaign, cast.buyers[2], campaign.minimum_cents - 4_450_000)
        rules.decide(db, campaign, at=c.DECIDED)
    return work


def test_work_is_offered_ordered_noted_sent_back_and_accepted(
    app: Flask, database: Database, open_campaign: tuple[c.Cast, Campaign], send: Send
) -> None:
    cast, campaign = open_campaign
    worker, at = cast.buyers[0], c.DECIDED
    work = ordered(app, database, cast, campaign, send)
    assert "Hand over 10 days of work" in read(app, worker, "/", at)
    send(worker, f"{work}/days", at, worked_on=at.date().isoformat(), days="9.5", what="The importer")
    with visiting(app, worker, at=at) as browser:
        assert "does not hold them yet" in browser.post(f"{work}/handing-over").text
    send(worker, f"{work}/days", at, worked_on=at.date().isoformat(), days="0.5", what="Its tests")
    send(worker, f"{work}/handing-over", at)
    assert "Answer the time sheet of" in read(app, cast.maker, "/", at)
    send(cast.maker, f"{work}/return", at, reason="No documentation.")
    send(worker, f"{work}/handing-over", at)
    send(cast.maker, f"{work}/acceptance", at)
    assert one(database, InKindContribution).state == "rendered"
    assert "€4,500" in read(app, cast.officer, "/commitment?year=2026", at)


def test_work_that_is_late_is_met_by_the_campaigns_own_rule_on_screen(
    app: Flask, database: Database, settings: Settings, open_campaign: tuple[c.Cast, Campaign], send: Send
) -> None:
    cast, campaign = open_campaign
    work = ordered(app, database, cast, campaign, send)
    late = one(database, InKindContribution).due_at + timedelta(hours=1)
    worker = Worker(database, settings, sends_mails=False)
    worker.until_quiet(late)
    assert "did not hand over" in read(app, cast.officer, "/", late)
    gaps = read(app, None, f"/shortfalls/of-campaign/{campaign.public_id}", late)
    address = re.search(r"/shortfalls/[0-9a-f]{32}", gaps)
    assert address is not None
    assert "was not done in time" in read(app, None, address[0], late)
    assert "its milestone waits" in read(app, cast.buyers[0], work, late).lower()
    worker.until_quiet(late + timedelta(days=12))
    page = read(app, None, f"/campaigns/{campaign.public_id}", late + timedelta(days=12), "fr")
    assert "Un travail n’a pas été fait à temps" in page
