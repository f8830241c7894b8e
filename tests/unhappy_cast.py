"""A campaign of three unequal backers by a rule of its own: for tests of what does not end well by itself."""

from collections.abc import Callable

from flask import Flask
from sqlmodel import Session, col, select

from app.campaigns.ballot import Motion
from app.campaigns.round_rules import Chosen
from app.delivery.model import Delivery
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from tests.money_cast import Backing, set_up, visiting
from tests.money_stage import Stage

UNEQUAL = (
    Backing("Banque Lumen", 600_000),
    Backing("Assurances du Port", 250_000),
    Backing("Réseau Nord", 150_000),
)


def post(app: Flask, stage: Stage, who: Actor, path: str, **form: str) -> int:
    """Send a form as this person, at the stage's present."""
    with visiting(app, who, at=stage.at) as browser:
        return browser.post(path, data=form).status_code


def shown(app: Flask, stage: Stage, who: Actor | None, path: str) -> str:
    """A page as this person reads it."""
    with visiting(app, who, at=stage.at) as browser:
        return browser.get(path).text


def page_of(delivery: Delivery) -> str:
    """The address of a delivery."""
    return f"/deliveries/{delivery.public_id}"


def newest_motion(db: Session) -> str:
    """The address of the question that was put last."""
    return f"/motions/{db.exec(select(Motion.public_id).order_by(col(Motion.id).desc())).first()}"


def unequal(database: Database, settings: Settings) -> Callable[..., Stage]:
    """Begins a campaign of three unequal backers by a rule of its own, its first tranche paid."""

    def begin(lead: int | None = None, **rules: object) -> Stage:
        chosen = Chosen(**rules)  # type: ignore[arg-type]
        return set_up(database, settings, UNEQUAL, chosen=chosen, lead=lead, then=Stage.fund)

    return begin
