"""A milestone is changed or split on screen: proposed, read side by side, agreed, shown as it is since then."""

import pytest
from flask import Flask
from sqlmodel import select

from app.campaigns.ballot import Motion
from app.estimates.model import Milestone
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from tests.money_cast import set_up, visiting
from tests.money_stage import Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TWO_HALVES = {
    "piece-0-title": "The editor", "piece-0-criteria": "Two persons edit one page.", "piece-0-due_on": "2027-05-01",
    "piece-0-price": "4 000", "piece-1-title": "No line lost", "piece-1-criteria": "No line is lost.",
    "piece-1-due_on": "2027-08-01", "piece-1-price": "2 000", "reason": "The editor is useful before the rest.",
}  # fmt: skip


def send(app: Flask, play: Stage, who: Actor, path: str, **form: str) -> tuple[int, str]:
    with visiting(app, who, at=play.at) as browser:
        answer = browser.post(path, data=form)
        return answer.status_code, answer.text


def shown(app: Flask, play: Stage, who: Actor | None, path: str, language: str = "en") -> str:
    with visiting(app, who, language, at=play.at) as browser:
        return browser.get(path).text


def test_a_milestone_is_split_on_screen_and_everybody_reads_what_was_agreed(
    database: Database, settings: Settings, app: Flask
) -> None:
    play = set_up(database, settings)
    play.fund()
    name = play.milestones[0].public_id
    address = f"/milestones/{name}/amendment"
    assert address in shown(app, play, play.maker, f"/milestones/{name}")
    assert address not in shown(app, play, play.backers[0], f"/milestones/{name}")
    assert "Step 1" in shown(app, play, play.maker, address)
    code, text = send(app, play, play.maker, address, **{**TWO_HALVES, "piece-1-price": "2 000,01"})
    assert (code, "to the cent: an amendment changes no price" in text) == (422, True)
    assert send(app, play, play.backers[0], address, **TWO_HALVES)[0] == 403
    assert send(app, play, play.maker, address, **TWO_HALVES)[0] == 303
    asked = play.look(lambda db: db.exec(select(Motion)).one())
    motion = f"/motions/{asked.public_id}"
    assert f"{motion}/amendment" in shown(app, play, play.backers[0], motion)
    proposed = shown(app, play, play.backers[0], f"{motion}/amendment")
    assert "Proposed in its place" in proposed
    assert "€4,000.00" in proposed
    assert "Modifier ce que livre" in shown(app, play, play.backers[0], motion, "fr")
    assert "piece-0" not in shown(app, play, play.maker, f"/milestones/{name}"), "nothing has changed yet"
    for who in play.backers:
        send(app, play, who, f"{motion}/voice", answer="yes")
    play.rest()
    made = play.look(lambda db: db.exec(select(Milestone).where(Milestone.title == "No line lost")).one())
    assert "Split off “Step 1”" in shown(app, play, None, f"/milestones/{made.public_id}/amendments")
    before = shown(app, play, None, f"/milestones/{name}/amendments")
    assert "Before, it was “Step 1” for €6,000.00" in before
    listed = shown(app, play, None, f"/milestones/of-campaign/{play.campaign.public_id}/amendments")
    assert all(title in listed for title in ("Step 1", "The editor", "No line lost"))
    assert "/amendments" in shown(app, play, None, f"/campaigns/{play.campaign.public_id}")
    assert "Since then" in shown(app, play, None, f"{motion}/amendment")
    assert "backers agreed to amend the milestone “Step 1”" in _quote(play)
    play.milestones.append(made)
    assert play.accepted(3).state == "accepted"
    assert play.balance("owed:") == 240_000


def _quote(play: Stage) -> str:
    """What the quote says about it."""
    import pypdfium2

    from app.estimates.model import Estimate
    from app.estimates.paper import quote_pdf

    paper = pypdfium2.PdfDocument(
        play.look(lambda db: quote_pdf(db, db.get_one(Estimate, play.milestones[0].estimate_id), "en"))
    )
    return " ".join(page.get_textpage().get_text_range() for page in paper).replace("\r\n", " ")
