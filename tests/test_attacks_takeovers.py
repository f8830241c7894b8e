"""Taking over what another did not pay binds like a pledge: within the limit, not while an alarm rings, not twice."""

import pytest
from sqlmodel import col, select

from app.campaigns.missing import Shortfall, TakeOver
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.demo.cast import BANK, GRID, INSURER, Company
from app.demo.round import Round
from app.escrow import offers
from app.people import alarms
from app.people.model import Role, RoleGrant
from tests.playing import NORDLICHT, Play, refused


@pytest.fixture
def two_gaps(play: Play) -> Round:
    """Two of three backers did not pay: two gaps stand open, of 300 000 and 200 000."""
    made = play.approved((600_000, 400_000))
    made.open(30, chosen=Chosen(on_default=OnDefault.TOP_UP))
    for company, cents in ((BANK, 500_000), (GRID, 300_000), (INSURER, 200_000)):
        made.pledge(company, cents)
    made.call()
    made.pay_calls(unpaid=(GRID, INSURER))
    play.later(days=31)
    return made


def take_over(play: Play, gap: int, company: Company, cents: int) -> None:
    """A buyer signs for so much of one of the gaps."""

    def sign(db) -> None:  # type: ignore[no-untyped-def]
        found = list(db.exec(select(Shortfall).order_by(col(Shortfall.id))))[gap]
        offers.sign(
            db, found, amount_cents=cents, rail="sandbox", text="I sign.", by=play.actor(db, company.people[1]),
            at=play.at,
        )  # fmt: skip

    play.act(sign)


def limit(play: Play, company: Company, cents: int) -> None:
    """What its buyer may still sign for this year."""

    def set_limit(db) -> None:  # type: ignore[no-untyped-def]
        by = play.actor(db, company.people[1])
        query = select(RoleGrant).where(RoleGrant.person_id == by.person.id, RoleGrant.role == Role.BUYER)
        db.exec(query).one().limit_cents = cents

    play.act(set_limit)


def test_what_is_signed_for_one_gap_counts_in_the_limit_for_the_next(play: Play, two_gaps: Round) -> None:
    limit(play, NORDLICHT, 150_000)
    take_over(play, 0, NORDLICHT, 100_000)
    with refused(play):
        take_over(play, 1, NORDLICHT, 50_001)
    take_over(play, 1, NORDLICHT, 50_000)
    with play.database.reading() as db:
        assert [one.amount_cents for one in db.exec(select(TakeOver).order_by(col(TakeOver.id)))] == [
            100_000, 50_000]  # fmt: skip


def test_nothing_is_taken_over_while_an_alarm_rings(play: Play, two_gaps: Round) -> None:
    play.act(lambda db: alarms.ring(db, alarms.BOOK, "planted", at=play.at))
    with refused(play):
        take_over(play, 0, NORDLICHT, 1)
