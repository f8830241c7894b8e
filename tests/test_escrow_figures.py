"""The figures of a campaign are those of its book at every turn."""

from typing import Any

import pytest

from app.campaigns.model import Campaign
from app.escrow import money_page
from app.escrow.doors import Sight
from app.escrow.lines import EFFECTS, by_pledge, flows, pledge_of, summed
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.escrow_cast import PRICES, SIX
from tests.money_cast import set_up
from tests.money_stage import Stage

pytestmark = pytest.mark.long_story


@pytest.fixture
def stage(database: Database, settings: Settings) -> Stage:
    """A secured campaign of six backers: one hides its amount, one its name too, one is a public body."""
    return set_up(database, settings, SIX, PRICES)


def test_each_way_money_moves_keeps_both_sides_of_the_sum_equal() -> None:
    for pair, change in EFFECTS.items():
        came = change.get("received", 0) + change.get("claims", 0)
        is_now = sum(change.get(name, 0) for name in ("held", "released", "refunded", "fees"))
        assert came == is_now, pair


def test_accounts_say_whose_they_are() -> None:
    codes = {
        "held:3:17:sandbox": 17,
        "held-vat:3:17:sandbox": 17,
        "back:17:sandbox": 17,
        "claim:17:sandbox": 17,
    }
    assert {code: pledge_of(code) for code in codes} == codes
    assert pledge_of("owed:4:3:sandbox") is pledge_of("fees") is pledge_of("outside:sandbox") is None


def test_the_figures_are_those_of_the_book_at_every_turn(stage: Stage) -> None:
    def check() -> None:
        moneys = stage.look(lambda db: by_pledge(flows(db, stage.campaign.id)))
        total = summed(moneys.values())
        kinds = ("held", "held-vat", "held-fee")
        assert total.held == sum(stage.balance(f"{kind}:{stage.campaign.id}:") for kind in kinds)
        assert total.released - total.paid_out == stage.balance("owed:")
        assert total.refunded - total.paid_back == stage.balance("back:")
        assert total.fees == stage.balance("fees") + stage.balance("vat")
        assert total.claims == stage.balance("claim:")
        for money in moneys.values():
            if money.received or money.held:
                came = money.received + money.claims
                assert came == money.held + money.released + money.refunded + money.fees

    issued = stage.call()
    stage.pay(issued[0], 100_000)
    stage.rest()
    check()
    for call in issued:
        stage.pay(stage.again(call))
    stage.rest()
    check()
    stage.accepted()
    check()
    stage.turn(stage.paid[2], Happened.CHARGED_BACK)
    check()


def test_the_picture_sums_up_on_both_sides(stage: Stage) -> None:
    stage.fund()
    stage.accepted()

    def sides(exactly: bool) -> tuple[int, int]:
        def work(db: Any) -> tuple[int, int]:
            campaign = db.get_one(Campaign, stage.campaign.id)
            sight = Sight(lines=exactly, sums=exactly, organization_id=None)
            shown = money_page.money_of(db, campaign, stage.maker.organization.id, sight)
            sources, uses = money_page.flow_picture(shown, exactly=exactly)
            return sum(cents for _, cents in sources), sum(cents for _, cents in uses)

        return stage.look(work)

    for exactly in (True, False):
        came, is_now = sides(exactly)
        assert came == is_now > 0
