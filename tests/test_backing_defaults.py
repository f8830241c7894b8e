"""What happens to a match whose pledge is not paid."""

from sqlmodel import Session, select

from app.campaigns import grants
from app.campaigns.matching_model import MatchingGrant
from app.campaigns.model import Campaign, OnDefault, Pledge
from app.campaigns.round_rules import Chosen
from app.demo.backing import open_grant
from app.demo.cast import BANK, CITY, GRID, INSURER
from app.escrow.model import Refund
from tests.playing import Play
from tests.test_defaults import finish, live, shortfall


def test_a_match_ends_with_the_pledge_that_is_not_paid_and_goes_back_to_its_giver(play: Play) -> None:
    """The giver has paid for the same tranche: its money goes back, and the others' headroom fills both."""
    made = play.approved((600_000, 300_000, 300_000), optional=1)
    made.open(30, chosen=Chosen(on_default=OnDefault.TOP_UP))

    def give(db: Session) -> int:
        at = play.at
        campaign = db.get_one(Campaign, made.campaign_id)
        grants.declare(db, campaign, amount_cents=0, by=play.actor(db, made.quoter), at=at)
        terms = grants.GrantTerms("Commons", "G-1", 60_000, 5_000, after_backers=3)
        return open_grant(play, db, terms, CITY).id

    grant_id = play.act(give)
    for company, cents in ((BANK, 500_000), (GRID, 430_000), (INSURER, 120_000)):
        made.pledge(company, cents)
    made.close_early()
    made.call()
    made.pay_calls(unpaid=(INSURER,))
    play.later(days=31)
    assert shortfall(play).state == "filled"
    with play.database.reading() as db:
        match = db.exec(select(Pledge).where(Pledge.grant_id == grant_id)).one()
        back = sum(db.exec(select(Refund.price_cents).where(Refund.pledge_id == match.id)))
        assert (match.state, match.amount_cents, db.get_one(MatchingGrant, grant_id).reserved_cents) == (
            "defaulted", 60_000, 0,
        )  # fmt: skip
        assert 0 < back <= 60_000
    assert set(live(play, made)) == {BANK.name, GRID.name}
    assert sum(live(play, made).values()) == 900_000
    finish(play, made)
    assert play.campaign(made).state == "completed"
