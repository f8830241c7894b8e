"""Work that is not done in time is a default: the campaign's own rule runs, to a state, to the cent."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.campaigns import in_kind, motions, work
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion
from app.campaigns.in_kind_model import InKindContribution
from app.campaigns.model import Campaign, OnDefault
from app.campaigns.round_rules import Chosen
from app.demo.cast import BANK, CITY, GRID, INSURER
from app.demo.funding import OFFICER
from app.demo.round import Round
from app.kit.rules import Refused
from tests.playing import Play
from tests.test_defaults import live, shortfall, take_over

pytestmark = pytest.mark.long_story

WORTH = 100_000
PRICES = (600_000, 300_000)


def late(play: Play, rule: OnDefault, *, room: int = 0, optional: int = 0, own: int = 0) -> Round:
    """Two banks pay (with so much above their parts); the insurer, who may pay too (`own`), works and is late."""
    made = play.approved((*PRICES, *([200_000] if room else [])), optional=optional + bool(room))
    made.open(30, chosen=Chosen(on_default=rule, in_kind_most_basis_points=3_000))

    def agree(db: Session) -> None:
        campaign, at, by = db.get_one(Campaign, made.campaign_id), play.at, play.actor(db, INSURER.people[1])
        first = campaigns.milestones_of(db, campaign.estimate_id)[0]
        offer = in_kind.Offer(first.id, "We test it.", 8, 60_000, WORTH, at.date() + timedelta(days=45))
        offered = in_kind.offer(db, campaign, offer, by=by, at=at)
        in_kind.value(db, offered, cents=WORTH, by=play.actor(db, made.quoter), at=at)
        in_kind.agree(db, offered, text="We test it.", text_hash="x" * 64, by=by, at=at)

    play.act(agree)
    missing = sum(PRICES) - WORTH + room - own
    if own:
        made.pledge(INSURER, own)
    made.pledge(BANK, missing // 2).pledge(GRID, missing - missing // 2)
    if play.campaign(made).state == "open":
        made.close_early()
    made.call_and_pay()
    play.later(days=46)
    return made


def state_of(play: Play) -> InKindContribution:
    with play.database.reading() as db:
        return db.exec(select(InKindContribution)).one()


def test_the_others_headroom_pays_for_work_that_was_not_done(play: Play) -> None:
    made = late(play, OnDefault.TOP_UP, room=120_000)
    assert shortfall(play).state == "filled"
    found = state_of(play)
    assert (found.state, found.does_count, play.campaign(made).in_kind_cents) == ("lapsed", False, 0)
    assert sum(live(play, made).values()) == sum(PRICES)
    made.pay_calls()
    for number in (1, 2):
        if number == 2:
            made.call_and_pay()
        made.hand_in(number, f"v{number}")
        made.answer((BANK, GRID))
    assert play.campaign(made).state == "completed"


def test_what_the_headroom_does_not_pay_is_offered_and_taken_over(play: Play) -> None:
    made = late(play, OnDefault.TOP_UP, room=20_000)
    gap = shortfall(play)
    assert (gap.state, gap.gap_cents, gap.offered_cents) == ("open", WORTH, 80_000)
    take_over(play, GRID, 80_000)
    assert shortfall(play).state == "filled"
    assert sum(live(play, made).values()) == sum(PRICES)


@pytest.mark.parametrize("rule", [OnDefault.TOP_UP, OnDefault.REFUND_ALL, OnDefault.CUT_OPTIONAL])
def test_where_nothing_helps_the_campaign_stops_and_everything_goes_back(play: Play, rule: OnDefault) -> None:
    made = late(play, rule)
    play.later(days=30)
    assert (play.campaign(made).state, shortfall(play).state) == ("stopped", "stopped")
    assert "Work" in play.campaign(made).end_reason


@pytest.mark.on_both
def test_more_days_from_the_fund_keep_the_rule_from_running(play: Play) -> None:
    made = late(play, OnDefault.REFUND_ALL)
    play.act(lambda db: work.wait_for(
        db, db.exec(select(InKindContribution)).one(), days=20, reason="They were ill.",
        by=play.actor(db, OFFICER), at=play.at,
    ))  # fmt: skip
    play.later(days=1)
    assert (state_of(play).state, shortfall(play).state) == ("agreed", "waited")
    assert play.campaign(made).state == "secured"


@pytest.mark.on_both
def test_the_backers_vote_on_work_that_was_not_done(play: Play) -> None:
    """Who is late with its work pays some of it too, and has no voice in what follows."""
    made = late(play, OnDefault.VOTE, own=90_000)
    with play.database.reading() as db:
        question = db.exec(select(Motion).order_by(col(Motion.id).desc())).first()
        assert question is not None
        assert set(motions.stakes_now(db, play.campaign(made), question)) == {
            play.actor(db, company.people[1]).organization.id for company in (BANK, GRID)
        }
    with pytest.raises(Refused, match="Only the backers"):
        play.act(lambda db: motions.speak(
            db, db.exec(select(Motion)).one(), is_yes=True, by=play.actor(db, INSURER.people[1]), at=play.at
        ))  # fmt: skip
    for company in (BANK, GRID):
        play.act(lambda db, company=company: motions.speak(
            db, db.exec(select(Motion)).one(), is_yes=True, by=play.actor(db, company.people[1]), at=play.at
        ))  # fmt: skip
    play.work()
    assert play.campaign(made).state in ("stopped", "secured")
    assert shortfall(play).state in ("stopped", "cut")
    assert CITY.name not in live(play, made)
