"""A backer does not pay, as people meet it on screen: each campaign's own rule, and a payment that comes late."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import col, select

from app.campaigns.ballot import Motion
from app.campaigns.missing import Shortfall
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.escrow.model import Call
from app.kit.db import Database
from app.kit.settings import Settings
from app.people.access import Actor
from app.people.model import Kind, Role
from tests.money_cast import Backing, outsider, set_up, visiting
from tests.money_stage import Stage

PRICES = (500_000, 300_000, 200_000)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Begin = Callable[..., Stage]


@pytest.fixture
def unpaid(database: Database, settings: Settings) -> Begin:
    """Bank, insurer and grid; the grid does not pay its first call and its window is over."""

    def begin(rule: OnDefault, *cents: int, optional: int = 0, tranches: list[int] | None = None) -> Stage:
        names = ("Banque Lumen", "Assurances du Port", "Réseau Nord")
        made = set_up(
            database, settings, [Backing(name, sum_) for name, sum_ in zip(names, cents, strict=True)], PRICES,
            Chosen(on_default=rule, default_days=10), tranches, optional=optional,
        )  # fmt: skip
        for call in made.call()[:2]:
            made.pay(call)
        made.rest()
        later(made, days=31)
        return made

    return begin


def later(play: Stage, days: int) -> None:
    """The worker wakes up so many days later."""
    from datetime import timedelta

    play.at += timedelta(days=days)
    play.rest()


def gap_of(play: Stage) -> Shortfall:
    """The only gap."""
    return play.look(lambda db: db.exec(select(Shortfall)).one())


def post(app: Flask, play: Stage, who: Actor, path: str, **form: str) -> int:
    """Send a form as this person, at the stage's present."""
    with visiting(app, who, at=play.at) as browser:
        return browser.post(path, data=form).status_code


def shown(app: Flask, play: Stage, who: Actor | None, path: str, language: str = "en") -> str:
    """A page as this person reads it."""
    with visiting(app, who, language, at=play.at) as browser:
        return browser.get(path).text


def page_of(play: Stage) -> str:
    """The address of the gap, as the campaign's page leads to it."""
    return f"/shortfalls/{gap_of(play).public_id}"


def campaign_page(app: Flask, play: Stage) -> str:
    """What a stranger reads of the gaps of this campaign."""
    return shown(app, play, None, f"/shortfalls/of-campaign/{play.campaign.public_id}")


def test_headroom_fills_the_gap_and_everybody_reads_it(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.TOP_UP, 450_000, 350_000, 100_000, optional=2)
    assert page_of(play) in campaign_page(app, play)
    assert "Filled" in shown(app, play, None, page_of(play))
    assert "Comblé" in shown(app, play, None, page_of(play), "fr")
    newest = play.look(lambda db: db.exec(select(Call).order_by(col(Call.id).desc())).first())
    assert newest is not None
    for call in play.look(lambda db: list(db.exec(select(Call).where(Call.state == "issued")))):
        play.pay(call)
    play.rest()
    assert play.accepted(1).state == "accepted"
    assert play.balance("owed:") in (600_000, 600_001), "the VAT of each call is rounded for itself"


def test_the_others_and_a_newcomer_take_the_gap_over_on_screen(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.TOP_UP, 500_000, 300_000, 200_000)
    newcomer = outsider(play, "Mutuelle du Sud", Kind.CORPORATE, Role.BUYER, limit=10**7)
    page = f"{page_of(play)}/takeovers"
    assert "In proportion to your parts: €1,250.00" in shown(app, play, play.backers[0], page_of(play))
    assert post(app, play, play.backers[2], page, amount="100") == 422, "it is the one that is late"
    assert post(app, play, play.backers[0], page, amount="2 000,01") == 422
    assert post(app, play, play.backers[0], page, amount="1 250,00") == 303
    assert post(app, play, play.backers[0], page, amount="10") == 409, "it has answered"
    assert "Banque Lumen takes over" in shown(app, play, play.backers[0], page_of(play))
    assert "Banque Lumen takes over" not in shown(app, play, None, page_of(play))
    assert post(app, play, newcomer, page, amount="750,00") == 303
    play.rest()
    assert gap_of(play).state == "filled"
    assert "Filled" in campaign_page(app, play)


def test_optional_milestones_are_cut_and_the_milestone_says_so(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.CUT_OPTIONAL, 550_000, 250_000, 200_000, optional=2, tranches=[1, 1, 1])
    assert "Scope cut" in campaign_page(app, play)
    left_out = shown(app, play, None, f"/milestones/{play.milestones[2].public_id}")
    assert "nobody pays for it, and nobody works on it" in left_out
    assert (play.again(play.campaign).state, play.balance("back:") > 0) == ("secured", True)


def test_the_backers_vote_on_screen_between_less_and_the_end(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.VOTE, 500_000, 300_000, 200_000)
    asked = play.look(lambda db: db.exec(select(Motion)).one())
    motion = f"/motions/{asked.public_id}"
    assert motion in shown(app, play, None, page_of(play))
    assert post(app, play, play.backers[2], f"{motion}/voice", answer="yes") == 403, (
        "it is the one that is late"
    )
    assert post(app, play, play.backers[0], f"{motion}/voice", answer="yes") == 303
    play.rest()
    assert (gap_of(play).state, play.again(play.campaign).state) == ("cut", "secured")
    assert "Carried" in shown(app, play, None, motion)


def test_a_vote_against_less_stops_the_campaign_and_says_why(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.VOTE, 500_000, 300_000, 200_000)
    asked = play.look(lambda db: db.exec(select(Motion)).one())
    assert post(app, play, play.backers[0], f"/motions/{asked.public_id}/voice", answer="no") == 303
    play.rest()
    assert (gap_of(play).state, play.balance("held")) == ("stopped", 0)
    assert "A backer did not pay, and the campaign&#39;s rule did not fill the gap." in shown(
        app, play, None, f"/campaigns/{play.campaign.public_id}"
    )


@pytest.mark.parametrize("rule", [OnDefault.REFUND_ALL, OnDefault.TOP_UP, OnDefault.VOTE])
def test_a_payment_that_comes_late_ends_the_gap_and_nobody_else_pays(
    unpaid: Begin, app: Flask, rule: OnDefault
) -> None:
    play = unpaid(rule, 500_000, 300_000, 200_000)
    if rule == OnDefault.TOP_UP:
        assert post(app, play, play.backers[0], f"{page_of(play)}/takeovers", amount="10") == 303
    late = play.look(lambda db: db.exec(select(Call).where(Call.state == "defaulted")).one())
    play.pay(late)
    play.rest()
    assert (gap_of(play).state, play.again(play.campaign).state) == ("paid", "secured")
    assert "Paid after all" in campaign_page(app, play)
    assert play.look(lambda db: [one.state for one in db.exec(select(Motion))]) in ([], ["overtaken"])
    assert play.accepted(1).state == "accepted"
    assert play.balance("owed:") == 600_000


def test_without_a_late_payment_everybody_is_refunded_to_the_cent(unpaid: Begin, app: Flask) -> None:
    play = unpaid(OnDefault.REFUND_ALL, 500_000, 300_000, 200_000)
    assert "To be filled" in campaign_page(app, play)
    later(play, days=11)
    assert (gap_of(play).state, play.balance("held")) == ("stopped", 0)
    assert play.balance("back:") == 480_000
    assert "Campaign stopped" in campaign_page(app, play)
