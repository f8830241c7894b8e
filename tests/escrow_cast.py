"""A secured campaign of six backers, and the pages about its money."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from app.campaigns.model import Pledge, Publicity
from app.people.access import Actor
from tests.money_cast import Backing, visiting
from tests.money_stage import Stage

HIDDEN = re.compile(r"7[,\s\u00a0\u202f.]?777[.,]13|777713")
SIX = (
    Backing("Banque Voilée", 777_713, Publicity.NAME_ONLY),
    Backing("Banque Ouverte", 1_000_000),
    Backing("Assurances du Port", 900_000),
    Backing("Réseau Nord", 800_000),
    Backing("Cité Secrète", 500_000, Publicity.ANONYMOUS),
    Backing("Ministère", 1_022_287, is_public_body=True),
)
PRICES = (3_000_000, 2_000_000)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """A page's words."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def page_of(stage: Stage, *more: str) -> str:
    """The address of the campaign's pages."""
    return "/".join(["", "campaigns", stage.campaign.public_id, *more])


def read(
    app: Flask, stage: Stage, reader: Actor | None, path: str, status: int = 200, language: str = "en"
) -> str:
    """A page as this person sees it now."""
    with visiting(app, reader, language, at=stage.at) as client:
        return text_of(client, path, status)


def post(app: Flask, stage: Stage, by: Actor, path: str, **typed: str) -> tuple[int, str]:
    """Send a form; the status and the page that answers."""
    with visiting(app, by, at=stage.at) as client:
        answer = client.post(path, data=typed)
        return answer.status_code, answer.get_data(as_text=True)


def pledges_of(stage: Stage) -> list[Pledge]:
    """The pledges, in the order of the backers."""
    return stage.look(lambda db: list(db.exec(select(Pledge).order_by(Pledge.id))))  # type: ignore[arg-type]


def money_pages(stage: Stage) -> list[str]:
    """Every page about the campaign's money that strangers may open."""
    figures = ("", "received", "held", "released", "refunded", "fees")
    return [
        page_of(stage, "money"), page_of(stage, "money", "piece"), page_of(stage, "trail"), page_of(stage),
        page_of(stage, "money", "chain.csv"), "/verify", f"/verify?campaign={stage.campaign.public_id}",
        *(page_of(stage, "money", f"entries?figure={figure}") for figure in figures),
    ]  # fmt: skip
