"""A backer does not pay: each campaign's own rule runs, to a state, to the cent."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from app.campaigns.ballot import Motion
from app.campaigns.missing import Shortfall
from app.campaigns.model import OnDefault, Part, Pledge
from app.campaigns.round_rules import Chosen
from app.campaigns.sharing import cut
from app.demo.cast import BANK, GRID, INSURER, Company
from app.demo.funding import OFFICER
from app.demo.round import Round
from app.escrow import calls, offers
from app.escrow.model import Call
from tests.playing import Play, refused

pytestmark = pytest.mark.long_story

PRICES = (600_000, 300_000, 99_999)
ROOMY = {BANK.name: 450_000, GRID.name: 350_000, INSURER.name: 199_999}


@pytest.fixture
def unpaid(play: Play) -> Callable[..., Round]:
    """A round of three backers of which the insurer does not pay its first call in time."""

    def begin(
        rule: OnDefault, pledges: dict[str, int] = ROOMY, prices: tuple[int, ...] = PRICES, optional: int = 0,
        tranches: list[int] | None = None, late: tuple[Company, ...] = (INSURER,), **chosen: object,
    ) -> Round:  # fmt: skip
        made = play.approved(prices, optional=optional)
        made.open(30, tranches, chosen=Chosen(on_default=rule, **chosen))  # type: ignore[arg-type]
        for company in (BANK, GRID, INSURER):
            made.pledge(company, pledges[company.name])
        if play.campaign(made).state == "open":
            made.close_early()
        made.call()
        made.pay_calls(unpaid=late)
        play.later(days=31)
        return made

    return begin


def shortfall(play: Play) -> Shortfall:
    """The newest gap."""
    with play.database.reading() as db:
        found = db.exec(select(Shortfall).order_by(col(Shortfall.id).desc())).first()
    assert found is not None
    return found


def take_over(play: Play, company, cents: int) -> None:  # type: ignore[no-untyped-def]
    """A buyer signs for so much of the gap."""
    play.act(lambda db: offers.sign(
        db, db.get_one(Shortfall, shortfall(play).id), amount_cents=cents, rail="sandbox", text="I sign.",
        by=play.actor(db, company.people[1]), at=play.at,
    ))  # fmt: skip


def live(play: Play, made: Round) -> dict[str, int]:
    """What each organization pays of a round now."""
    from app.campaigns import rules as campaigns
    from app.people.model import Organization

    found: dict[str, int] = {}
    with play.database.reading() as db:
        for part in campaigns.parts_of(db, play.campaign(made)):
            pledge = db.get_one(Pledge, part.pledge_id)
            name = db.get_one(Organization, pledge.organization_id).name
            found[name] = found.get(name, 0) + part.price_cents
    return found


def finish(play: Play, made: Round) -> None:
    """Every tranche is paid, delivered and accepted by the bank, which has most of the money."""
    made.pay_calls()
    with play.database.reading() as db:
        count = len(
            {part.milestone_id for part in db.exec(select(Part)) if part.campaign_id == made.campaign_id}
        )
    for number in range(1, count + 1):
        if number > 1:
            made.call_and_pay()
        made.hand_in(number, f"v{number}")
        made.answer((BANK,))


@pytest.mark.on_both
def test_the_others_headroom_fills_the_gap_at_once_and_the_work_goes_on(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    made = unpaid(
        OnDefault.TOP_UP,
        {BANK.name: 500_000, GRID.name: 400_000, INSURER.name: 95_000},
        (600_000, 300_000, 200_000),
        1,
    )
    assert shortfall(play).state == "filled"
    assert play.pledges(made)[INSURER.name].state == "defaulted"
    assert sum(live(play, made).values()) == 900_000
    assert INSURER.name not in live(play, made)
    finish(play, made)
    assert play.campaign(made).state == "completed"
    assert play.total("owed:") == 1_080_001, "the VAT of each call is rounded for itself"


def test_what_is_missing_is_taken_over_by_those_who_sign_for_it_even_a_newcomer(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    from tests.playing import NORDLICHT

    made = unpaid(OnDefault.TOP_UP, default_days=14)
    gap = shortfall(play)
    assert (gap.state, gap.gap_cents, gap.offered_cents) == ("open", 199_999, 199_999)
    with refused(play):
        take_over(play, INSURER, 1_000)
    with refused(play):
        take_over(play, BANK, 200_000)
    take_over(play, BANK, 120_000)
    assert shortfall(play).state == "open"
    take_over(play, NORDLICHT, 79_999)
    play.work()
    assert shortfall(play).state == "filled"
    assert live(play, made) == {BANK.name: 570_000, GRID.name: 350_000, NORDLICHT.name: 79_999}
    finish(play, made)
    assert play.campaign(made).state == "completed"
    assert play.total("owed:") == 1_183_999  # the newcomer's country reverses the VAT


def test_a_gap_nobody_fills_stops_the_campaign_and_everything_goes_back(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    made = unpaid(OnDefault.TOP_UP, default_days=10)
    take_over(play, BANK, 100_000)
    play.later(days=10)
    assert play.campaign(made).state == "secured"
    play.later(days=1)
    assert (shortfall(play).state, play.campaign(made).state) == ("stopped", "stopped")
    assert play.total("held") == 0
    assert play.pledges(made)[INSURER.name].state == "defaulted"


def test_a_late_payment_ends_the_gap_and_so_does_more_time(play: Play, unpaid: Callable[..., Round]) -> None:
    made = unpaid(OnDefault.REFUND_ALL, default_days=10)
    call = play.calls(made)[INSURER.name]
    play.act(lambda db: calls.wait_on(
        db, db.get_one(Call, call.id), days=5, reason="Un jour férié.", by=play.actor(db, OFFICER), at=play.at
    ))  # fmt: skip
    play.work()
    assert shortfall(play).state == "waited"
    play.later(days=7)
    assert shortfall(play).state == "open", "it runs anew once the new day has passed"
    play.pay(call.reference, call.total_cents, INSURER.name)
    play.work()
    assert (shortfall(play).state, play.campaign(made).state) == ("paid", "secured")


def test_without_a_late_payment_everybody_is_refunded(play: Play, unpaid: Callable[..., Round]) -> None:
    made = unpaid(OnDefault.REFUND_ALL, default_days=10)
    play.later(days=18)  # the worker was down for a week
    assert play.campaign(made).state == "stopped"
    assert play.total("held") == 0


def test_optional_milestones_are_cut_the_last_first_and_what_was_paid_for_them_goes_back(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    made = unpaid(
        OnDefault.CUT_OPTIONAL, {BANK.name: 450_000, GRID.name: 350_000, INSURER.name: 100_000},
        (500_000, 200_000, 200_000), optional=2, tranches=[1, 1, 1],
    )  # fmt: skip
    assert (shortfall(play).state, play.campaign(made).state) == ("cut", "secured")
    assert sum(live(play, made).values()) == 700_000
    assert play.total("back:") > 0
    assert INSURER.name not in live(play, made)


def test_the_backers_vote_for_a_smaller_scope_without_who_did_not_pay(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    from app.campaigns import motions

    made = unpaid(
        OnDefault.VOTE, {BANK.name: 450_000, GRID.name: 350_000, INSURER.name: 100_000}, (500_000, 400_000),
    )  # fmt: skip

    def say(company) -> None:  # type: ignore[no-untyped-def]
        play.act(lambda db: motions.speak(
            db, db.exec(select(Motion)).one(), is_yes=True, by=play.actor(db, company.people[1]), at=play.at
        ))  # fmt: skip

    with refused(play):
        say(INSURER)
    say(BANK)
    play.work()
    assert (shortfall(play).state, play.campaign(made).state) == ("cut", "secured")
    assert live(play, made).keys() == {BANK.name, GRID.name}
    assert sum(live(play, made).values()) == 500_000


def states(play: Play) -> list[str]:
    """How every gap stands, the first one first."""
    with play.database.reading() as db:
        return list(db.exec(select(Shortfall.state).order_by(col(Shortfall.id))))


TWO_LATE = {BANK.name: 500_000, GRID.name: 200_000, INSURER.name: 200_000}


@pytest.mark.on_both
def test_two_that_do_not_pay_at_once_are_cut_together_and_the_work_goes_on(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    made = unpaid(
        OnDefault.CUT_OPTIONAL, TWO_LATE, (450_000, 250_000, 200_000), optional=2, tranches=[1, 1, 1],
        late=(GRID, INSURER),
    )  # fmt: skip
    assert (states(play), play.campaign(made).state) == (["cut", "cut"], "secured")
    assert live(play, made) == {BANK.name: 450_000}
    assert {
        call.state for call in play.calls(made).values() if call.pledge_id != play.pledges(made)[BANK.name].id
    } == {"void"}
    made.pay_calls()
    made.hand_in(1, "v1")
    made.answer((BANK,))
    assert play.campaign(made).state == "completed"
    assert play.total("owed:") == 540_000


def test_two_gaps_do_not_count_on_the_same_headroom(play: Play, unpaid: Callable[..., Round]) -> None:
    three = {BANK.name: 350_000, GRID.name: 150_000, INSURER.name: 150_000}
    made = unpaid(OnDefault.TOP_UP, three, (550_000, 200_000), 1, late=(GRID, INSURER))
    with play.database.reading() as db:
        gaps = list(db.exec(select(Shortfall).order_by(col(Shortfall.id))))
    room = 350_000 - live(play, made)[BANK.name]
    assert sum(gap.offered_cents for gap in gaps) == sum(gap.gap_cents for gap in gaps) - room
    with refused(play):
        take_over(play, GRID, 1_000)
    for gap in reversed(gaps):  # whichever is filled first leaves the other what it counts on
        if gap.state == "open":
            play.act(lambda db, gap=gap: offers.sign(
                db, db.get_one(Shortfall, gap.id), amount_cents=gap.offered_cents, rail="sandbox", text="I sign.",
                by=play.actor(db, BANK.people[1]), at=play.at,
            ))  # fmt: skip
    assert (states(play), live(play, made)) == (["filled", "filled"], {BANK.name: 550_000})


@pytest.mark.on_both
def test_neither_of_two_that_did_not_pay_votes_about_the_other(
    play: Play, unpaid: Callable[..., Round]
) -> None:
    from app.campaigns import motions

    made = unpaid(OnDefault.VOTE, TWO_LATE, (450_000, 450_000), late=(GRID, INSURER))

    def say(company, place: int) -> None:  # type: ignore[no-untyped-def]
        play.act(lambda db: motions.speak(
            db, db.exec(select(Motion).order_by(col(Motion.id))).all()[place], is_yes=True,
            by=play.actor(db, company.people[1]), at=play.at,
        ))  # fmt: skip

    for place in (0, 1):
        with refused(play):
            say((INSURER, GRID)[place], place)
    say(BANK, 0)
    play.work()
    assert (states(play), live(play, made)) == (["cut", "cut"], {BANK.name: 450_000})


@pytest.mark.on_both
def test_a_vote_nobody_answers_stops_the_campaign(play: Play, unpaid: Callable[..., Round]) -> None:
    made = unpaid(OnDefault.VOTE, default_days=5)
    play.later(days=6)
    assert (shortfall(play).state, play.campaign(made).state) == ("stopped", "stopped")


@given(
    pledges=st.lists(st.integers(1, 10**9), min_size=1, max_size=8), shares=st.lists(st.integers(0, 1000), min_size=1),
)  # fmt: skip
def test_what_is_taken_over_is_cut_to_the_cent_and_nobody_above_its_room(
    pledges: list[int], shares: list[int]
) -> None:
    whole = sum(pledges)
    prices = [share * whole // (1000 * len(shares)) for share in shares]
    parts = cut(pledges, prices)
    assert [sum(column) for column in zip(*parts, strict=True)] == prices
    assert all(sum(row) <= room for row, room in zip(parts, pledges, strict=True))
    assert all(cents >= 0 for row in parts for cents in row)
