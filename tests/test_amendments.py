"""A milestone is swapped or split as its backers agree: parts, calls and held money stay exact to the cent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from app.campaigns import motions
from app.campaigns import rules as campaigns
from app.campaigns.ballot import Motion
from app.campaigns.dividing import divided
from app.campaigns.model import Part
from app.campaigns.retired import DividedPart
from app.delivery import amendments, extensions
from app.delivery.standing import due_of
from app.demo.cast import BANK, GRID, INSURER, MINISTRY, WATCH
from app.demo.round import Round
from app.escrow.model import CallLine
from app.estimates.amending import Piece, amendments_of
from app.estimates.model import Milestone
from tests.playing import Play, refused

pytestmark = pytest.mark.long_story

THREE = {BANK.name: 333_333, GRID.name: 333_334, INSURER.name: 333_334}


def piece(title: str, cents: int, days: int = 200) -> Piece:
    return Piece(
        title=title, criteria="It works", due_on=date(2026, 3, 2) + timedelta(days=days), price_cents=cents
    )


def milestone_of(play: Play, made: Round, number: int) -> Milestone:
    with play.database.reading() as db:
        return campaigns.milestones_of(db, play.campaign(made).estimate_id)[number - 1]


def propose(play: Play, made: Round, number: int, *pieces: Piece) -> Motion:
    milestone = milestone_of(play, made, number)
    return play.act(lambda db: amendments.propose(
        db, play.campaign(made), db.get_one(Milestone, milestone.id), pieces, reason="So.",
        by=play.actor(db, WATCH.people[-1]), at=play.at,
    ))  # fmt: skip


def vote(play: Play, motion: Motion, *yes, no=()) -> None:  # type: ignore[no-untyped-def]
    for company in (*yes, *no):
        play.act(lambda db, who=company: motions.speak(
            db, db.get_one(Motion, motion.id), is_yes=who in yes, by=play.actor(db, who.people[1]), at=play.at
        ))  # fmt: skip
    play.work()


def prices(play: Play, made: Round) -> dict[int, list[int]]:
    """The live parts of each milestone, by its number."""
    found: dict[int, list[int]] = {}
    with play.database.reading() as db:
        for part in campaigns.parts_of(db, play.campaign(made)):
            number = db.get_one(Milestone, part.milestone_id).number
            found.setdefault(number, []).append(part.price_cents)
    return found


@pytest.mark.on_both
def test_a_paid_milestone_is_split_and_each_half_is_paid_for_itself(play: Play) -> None:
    made = play.round((700_001, 300_000), THREE)
    made.call_and_pay()
    held, paid = play.total("held"), sum(c.price_cents + c.vat_cents for c in play.calls(made).values())
    motion = propose(play, made, 1, piece("First half", 350_000), piece("Second half", 350_001))
    vote(play, motion, BANK, GRID)
    with play.database.reading() as db:
        assert db.get_one(Motion, motion.id).state == "done"
        lines = sum(line.price_cents for line in db.exec(select(CallLine)))
    assert (play.total("held"), lines) == (held, 700_001), "no money moved, no call asks for more"
    assert {number: sum(cents) for number, cents in prices(play, made).items()} == {
        1: 350_000,
        2: 300_000,
        3: 350_001,
    }
    made.hand_in(3, "v1")
    made.answer((BANK, GRID))
    assert play.total("owed:") in range(420_000, 420_004), "the VAT of each part is divided with it"
    made.hand_in(1, "v1")
    made.answer((BANK, GRID))
    assert play.total("owed:") == paid, "to the cent what was called for both halves"
    made.call_and_pay()
    made.hand_in(2, "v1")
    made.answer((BANK, GRID))
    assert play.campaign(made).state == "completed"
    assert play.total("held") == 0


def test_a_milestone_that_is_not_called_yet_is_split_into_tranches_of_their_own(play: Play) -> None:
    made = play.round((400_000, 300_001, 300_000), THREE, tranches=[1, 2, 2])
    motion = propose(play, made, 2, piece("A", 100_000), piece("B", 100_000), piece("C", 100_001))
    vote(play, motion, BANK, GRID)
    with play.database.reading() as db:
        campaign = play.campaign(made)
        planned = campaigns.planned_tranches(db, campaign)
        tranche = {m.number: planned[m.id] for m in campaigns.milestones_of(db, campaign.estimate_id)}
    assert tranche == {1: 1, 2: 2, 3: 2, 4: 3, 5: 4}
    for _ in range(4):
        made.call_and_pay()
    assert play.total("held:") == 1_000_001


@pytest.mark.on_both
def test_a_swap_changes_words_and_day_but_no_part(play: Play) -> None:
    made = play.round((700_001, 300_000), THREE)
    before = prices(play, made)
    asked = play.act(lambda db: extensions.ask_for_time(
        db, play.campaign(made), db.get_one(Milestone, milestone_of(play, made, 1).id),
        until_on=date(2026, 9, 1), reason="Late.", by=play.actor(db, WATCH.people[-1]), at=play.at,
    ))  # fmt: skip
    vote(play, asked, BANK, GRID)
    vote(play, propose(play, made, 1, piece("Something else", 700_001, 150)), BANK, GRID)
    now = milestone_of(play, made, 1)
    with play.database.reading() as db:
        [former] = amendments_of(db, db.get_one(Milestone, now.id))
        due = due_of(db, db.get_one(Milestone, now.id))
    assert (now.title, former.title, prices(play, made)) == ("Something else", "Jalon 1", before)
    assert due == now.due_on, "the day that was agreed last counts, not the later one agreed before"


def test_what_the_backers_refuse_or_what_came_in_between_changes_nothing(play: Play) -> None:
    made = play.round((700_001, 300_000), THREE)
    made.call_and_pay()
    before = prices(play, made)
    lost = propose(play, made, 1, piece("Less", 700_000), piece("More", 1))
    vote(play, lost, no=(BANK, GRID))
    late = propose(play, made, 1, piece("Less", 700_000), piece("More", 1))
    made.hand_in(1, "v1")
    with refused(play):
        propose(play, made, 1, piece("Anew", 700_001))
    vote(play, late, BANK, GRID)
    with play.database.reading() as db:
        states = [motion.state for motion in db.exec(select(Motion).order_by(col(Motion.id)))]
    assert (states, prices(play, made)) == (["lost", "overtaken"], before)
    made.answer((GRID, INSURER), accepts=False, reasons="No.")
    made.take_back()
    with refused(play) as refusal:
        propose(play, made, 1, piece("Less", 700_000), piece("More", 1))
    assert "not split any more" in str(refusal)
    vote(play, propose(play, made, 1, piece("Anew", 700_001)), BANK, GRID)
    assert milestone_of(play, made, 1).title == "Anew"


@pytest.mark.parametrize("pieces", [
    (), (piece("Cheaper", 700_000),), (piece("A", 700_000), piece("B", 2)), (piece(" ", 700_001),),
    (piece("Past", 700_001, -1),), (piece("None", 700_001), piece("Free", 0)),
    tuple(piece("Many", 140_000) for _ in range(5)),
])  # fmt: skip
def test_an_amendment_changes_no_price_and_says_everything(play: Play, pieces: tuple[Piece, ...]) -> None:
    made = play.round((700_001, 300_000), THREE)
    with refused(play):
        propose(play, made, 1, *pieces)


def test_a_public_body_pays_for_what_took_the_place_of_its_part(play: Play) -> None:
    made = play.round((600_000,), {BANK.name: 400_001, MINISTRY.name: 199_999})
    made.call_and_pay()
    vote(play, propose(play, made, 1, piece("A", 299_999), piece("B", 300_001)), BANK)
    made.hand_in(1, "v1")
    made.answer((BANK,))
    made.certify(MINISTRY)
    made.pay_calls()
    made.hand_in(2, "v1")
    made.answer((BANK,))
    made.certify(MINISTRY)
    made.pay_calls()
    play.work()
    assert (play.campaign(made).state, play.total("owed:")) == ("completed", 720_000)


@pytest.mark.on_both
def test_every_retired_part_has_its_pieces_to_the_cent(play: Play) -> None:
    made = play.round((700_001, 300_000), THREE)
    vote(
        play,
        propose(play, made, 1, *(piece(name, cents) for name, cents in (("A", 1), ("B", 2), ("C", 699_998)))),
        BANK,
        GRID,
    )
    with play.database.reading() as db:
        parts = {part.id: part for part in db.exec(select(Part))}
        made_of: dict[int, list[Part]] = {}
        for row in db.exec(select(DividedPart)):
            made_of.setdefault(row.from_part_id, []).append(parts[row.part_id])
    assert len(made_of) == 3
    for name, pieces in made_of.items():
        assert sum(one.price_cents for one in pieces) == parts[name].price_cents
        assert sum(one.vat_cents for one in pieces) == parts[name].vat_cents
        assert {one.pledge_id for one in pieces} == {parts[name].pledge_id}


def any_price(parts: list[tuple[int, int]]) -> bool:
    """A milestone costs something."""
    return any(price for price, _vat in parts)


@given(
    parts=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=8).filter(
        any_price
    ),
    cuts=st.lists(st.integers(1, 1000), min_size=1, max_size=4),
)
def test_parts_divide_exactly_for_any_amounts_and_any_pieces(
    parts: list[tuple[int, int]], cuts: list[int]
) -> None:
    whole = sum(price for price, _vat in parts)
    reached, prices = 0, []
    for place, cut in enumerate(cuts, start=1):
        price = whole - reached if place == len(cuts) else (whole - reached) * cut // 1000
        prices.append(price)
        reached += price
    matrix = divided(parts, prices)
    assert [sum(price for price, _vat in column) for column in zip(*matrix, strict=True)] == prices
    assert [(sum(p for p, _v in row), sum(v for _p, v in row)) for row in matrix] == parts
    assert all(price >= 0 and vat >= 0 for row in matrix for price, vat in row)
