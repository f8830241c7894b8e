"""What if: a round played on paper ends, to the cent, as the real one does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.campaigns import motions
from app.campaigns.ballot import Motion
from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.campaigns.simulation import Backer, Piece, play
from app.demo.cast import BANK, GRID, INSURER
from app.demo.round import Round
from app.kit.db import Database
from app.ledger.book import total
from tests import cast as c
from tests.playing import Play, on_stage
from tests.quoting_cast import visiting
from tests.test_defaults import live, shortfall

PRICES = (600_000, 300_000, 200_000)
PIECES = [Piece("One", 600_000), Piece("Two", 300_000), Piece("Three", 200_000, is_required=False)]
CENTS = st.integers(0, 10**8)
COMPANIES = (GRID, BANK, INSURER)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Play]:
    with on_stage(database, tmp_path) as made:
        yield made


@pytest.fixture
def real(stage: Play) -> Callable[..., Round]:
    """The same round with real people: the last of them promises most, and does not pay its first call."""

    def begin(rule: OnDefault, *cents: int, prices: tuple[int, ...] = PRICES, optional: int = 1) -> Round:
        made = stage.approved(prices, optional=optional)
        made.open(30, chosen=Chosen(on_default=rule))
        for company, sum_ in zip(COMPANIES, cents, strict=True):
            made.pledge(company, sum_)
        if stage.campaign(made).state == "open":
            made.close_early()
        made.call()
        made.pay_calls(unpaid=(INSURER,))
        stage.later(days=31)
        return made

    return begin


def paper(rule: OnDefault, *cents: int, prices: tuple[int, ...] = ()):  # type: ignore[no-untyped-def]
    pieces = [
        Piece(str(number), price, is_required=number == 0) for number, price in enumerate(prices)
    ] or PIECES
    return play(pieces, "free", rule, [Backer(sum_) for sum_ in cents])


def in_the_end(found) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """What each of the others pays once its headroom has filled the gap."""
    cut = {n for n, piece in enumerate(found.financed) if piece.title in found.default.cut_titles}
    return {
        COMPANIES[who].name: sum(part for n, part in enumerate(found.parts[who]) if n not in cut)
        + found.default.filled[who]
        for who in (0, 1)
    }


@pytest.mark.long_story
@pytest.mark.parametrize("cents", [(330_000, 340_001, 350_000), (300_000, 345_679, 354_321)])
def test_where_a_smaller_scope_helps_paper_and_reality_end_alike(
    stage: Play, real: Callable[..., Round], cents: tuple[int, ...]
) -> None:
    found = paper(OnDefault.TOP_UP, *cents)
    made = real(OnDefault.TOP_UP, *cents)
    gap = shortfall(stage)
    assert (gap.gap_cents, gap.offered_cents) == (found.default.gap_cents, found.default.open_cents)
    assert sum(found.default.filled) + found.default.open_cents == gap.gap_cents
    del made


@pytest.mark.long_story
@pytest.mark.parametrize("rule", [OnDefault.CUT_OPTIONAL, OnDefault.VOTE])
def test_what_the_rule_cuts_and_fills_on_paper_it_cuts_and_fills_in_reality(
    stage: Play, real: Callable[..., Round], rule: OnDefault
) -> None:
    """The others' part of what is cut pays for what is left; a vote is asked for it, and says yes."""
    prices, cents = (300_000, 400_000, 400_001), (360_000, 365_000, 375_001)
    found = paper(rule, *cents, prices=prices).default
    assert found.cut_titles
    assert not found.ends
    made = real(rule, *cents, prices=prices, optional=2)
    if rule == OnDefault.VOTE:
        for company in (GRID, BANK):
            stage.act(lambda db, who=company.people[1]: motions.speak(
                db, db.exec(select(Motion)).one(), is_yes=True, by=stage.actor(db, who), at=stage.at
            ))  # fmt: skip
        stage.work()
    assert live(stage, made) == in_the_end(paper(rule, *cents, prices=prices))
    assert shortfall(stage).state == "cut"


@pytest.mark.long_story
@pytest.mark.parametrize(
    ("rule", "cents"),
    [
        (OnDefault.REFUND_ALL, (360_000, 365_000, 375_000)),
        (OnDefault.CUT_OPTIONAL, (360_000, 365_000, 375_000)),  # too little to cut
        (OnDefault.VOTE, (499_000, 100_000, 501_000)),  # too little left to build anything
    ],
)
def test_where_paper_says_that_the_round_ends_it_ends_and_everything_goes_back(
    stage: Play, real: Callable[..., Round], rule: OnDefault, cents: tuple[int, ...]
) -> None:
    assert paper(rule, *cents).default.ends
    made = real(rule, *cents)
    stage.later(days=30)
    assert stage.campaign(made).state == "stopped"
    with stage.database.reading() as db:
        paid = [call for call in stage.calls(made).values() if call.paid_cents]
        assert total(db, "held") == 0
        assert total(db, "back:") == sum(call.price_cents + call.vat_cents for call in paid)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**8), st.booleans()), min_size=1, max_size=5),
    st.lists(CENTS, min_size=1, max_size=6), st.sampled_from(list(OnDefault)), st.sampled_from(["free", "by users"]),
)  # fmt: skip
def test_whatever_is_guessed_every_cent_is_somewhere(
    prices: list[tuple[int, bool]], cents: list[int], rule: str, key: str
) -> None:
    pieces = [Piece(f"{n}", price, n == 0 or required) for n, (price, required) in enumerate(prices)]
    found = play(pieces, key, rule, [Backer(sum_, sum_ % 97) for sum_ in cents])
    assert found.promised_cents <= found.total_cents
    if not found.is_reached:
        assert found.missing_cents > 0
        return
    for n, piece in enumerate(found.financed):
        assert sum(row[n] for row in found.parts) == piece.price_cents
    assert all(found.pays(n) <= backer.promised_cents for n, backer in enumerate(found.backers))
    default = found.default
    assert default is not None
    if rule in (OnDefault.TOP_UP, OnDefault.CUT_OPTIONAL, OnDefault.VOTE) and not default.ends:
        assert sum(default.filled) + default.open_cents == default.gap_cents
        assert default.filled[found.largest or 0] == default.offered[found.largest or 0] == 0


def test_the_page_plays_what_is_typed_and_says_what_cannot_be_read(app: Flask, database: Database) -> None:
    with database.writing() as db:
        cast = c.settle(db)
        estimate = c.estimate_approved(db, cast)
    address = f"/campaigns/what-if/{estimate.public_id}"
    with visiting(app, cast.officer) as browser:
        assert "Play it" in browser.get(address).text
        page = browser.get(f"{address}?key=free&on_default=top+up&promised-0=40000&promised-1=15000").text
        assert "Secured: 2 milestones are financed" in page
        assert "is offered to the others" in page
        assert "The minimum is missed" in browser.get(f"{address}?key=free&promised-0=1000").text
        assert "negative" in browser.get(f"{address}?key=free&promised-0=-5").text
        assert '<svg class="funding-track"' in page
    with visiting(app, cast.maker, language="fr") as browser:
        assert "Financeur A" in browser.get(f"{address}?key=equal&weight-0=1&weight-1=1").text
    with visiting(app, cast.buyers[0]) as browser:
        assert browser.get(address).status_code == 404
