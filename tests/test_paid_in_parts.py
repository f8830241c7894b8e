"""A call paid in two parts, one of them taken back: the other waits for it, and nothing is released twice or lost."""

from app.campaigns.model import CampaignState
from app.escrow.model import CallState
from app.kit.db import Database
from app.kit.settings import Settings
from app.rails.rail import Happened
from tests.book import check_book
from tests.money_cast import set_up


def test_a_campaign_waits_for_an_accepted_part_whose_payment_was_half_taken_back(
    database: Database, settings: Settings
) -> None:
    stage = set_up(database, settings, prices=(1_000_000,))
    calls = stage.call()
    stage.pay(calls[1])
    stage.pay(calls[0], calls[0].total_cents // 2)
    stage.rest()
    stage.pay(stage.again(calls[0]))
    stage.rest()
    delivery = stage.hand_in()
    stage.turn(stage.paid[1], Happened.CHARGED_BACK)
    for backer in (0, 1):
        stage.answer(delivery, backer, accepts=True)
    stage.rest()
    assert stage.again(stage.campaign).state == CampaignState.SECURED
    assert stage.balance("held:") > 0, "the half that stands goes on waiting for the other"
    stage.pay(stage.again(calls[0]))
    stage.rest()
    assert stage.again(calls[0]).state == CallState.PAID
    assert stage.again(stage.campaign).state == CampaignState.COMPLETED
    assert stage.balance("owed:") == 1_200_000
    assert stage.balance("held:") == stage.balance("claim:") == 0
    check_book(database)
