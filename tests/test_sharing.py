"""Cutting pledges into parts: every sum exact, no pledge exceeded, nothing negative, whatever the figures."""

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.campaigns.sharing import cut, scope
from app.kit.money import LARGEST, Cents, portion, split

CENTS = st.integers(1, 10**11)
SMALL = st.integers(1, 12)


@st.composite
def promised(draw: st.DrawFn, cents: st.SearchStrategy[Cents] = CENTS) -> tuple[list[Cents], list[Cents]]:
    """Pledges, and milestones that cost at most what is pledged."""
    pledges = draw(st.lists(cents, min_size=1, max_size=20))
    left = sum(pledges)
    prices = []
    for _ in range(draw(st.integers(1, 8))):
        if left:
            prices.append(draw(st.integers(1, left)))
            left -= prices[-1]
    return pledges, prices


@given(promised() | promised(SMALL))
@example(([1, 1, 1], [1, 1, 1]))
@example(([3_333_333, 3_333_333, 3_333_334], [3_333_333, 3_333_334, 3_333_333]))
def test_every_milestone_sums_exactly_and_no_pledge_is_exceeded(
    drawn: tuple[list[Cents], list[Cents]],
) -> None:
    pledges, prices = drawn
    parts = cut(pledges, prices)
    assert [sum(row[m] for row in parts) for m in range(len(prices))] == prices
    assert all(sum(row) <= pledge for row, pledge in zip(parts, pledges, strict=True))
    assert all(cents >= 0 for row in parts for cents in row)
    assert all(isinstance(cents, int) for row in parts for cents in row)


@given(promised() | promised(SMALL))
def test_no_part_is_further_than_two_cents_from_the_exact_share(
    drawn: tuple[list[Cents], list[Cents]],
) -> None:
    pledges, prices = drawn
    whole = sum(pledges)
    for row, pledge in zip(cut(pledges, prices), pledges, strict=True):
        reached = stood = 0
        for cents, price in zip(row, prices, strict=True):
            reached, stood = reached + price, stood + cents
            assert abs(stood * whole - pledge * reached) < 2 * whole


@given(promised(st.integers(1, 1000)), st.randoms(use_true_random=False))
def test_the_sums_do_not_depend_on_the_order_of_pledges(
    drawn: tuple[list[Cents], list[Cents]], random: object
) -> None:
    pledges, prices = drawn
    shuffled = list(pledges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    straight, turned = cut(pledges, prices), cut(shuffled, prices)
    for m, price in enumerate(prices):
        assert sum(row[m] for row in straight) == sum(row[m] for row in turned) == price


def test_when_everything_is_called_every_pledge_gives_all_it_promised() -> None:
    for pledges in permutations([100, 1, 33, 7]):
        parts = cut(pledges, [47, 47, 47])
        assert [sum(row) for row in parts] == list(pledges)


def test_milestones_dearer_than_the_pledges_are_refused() -> None:
    with pytest.raises(ValueError, match="more than was promised"):
        cut([10, 10], [21])


def test_cutting_each_milestone_alone_would_exceed_a_pledge() -> None:
    """The control: largest remainder without memory asks the first pledge for more than it promised."""
    alone = [split(price, [1, 1, 1]) for price in (1, 1, 1)]
    assert sum(row[0] for row in alone) == 3  # of a pledge of 1
    assert [sum(row) for row in cut([1, 1, 1], [1, 1, 1])] == [1, 1, 1]


def test_optional_milestones_are_financed_in_order_up_to_the_first_that_is_not_covered() -> None:
    assert scope(100, [50, 10], 149) == 0
    assert scope(100, [50, 10], 150) == 1
    assert scope(100, [50, 10], 160) == 2
    assert scope(100, [], 100) == 0


@given(st.integers(0, LARGEST), st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_a_split_loses_no_cent_and_gives_nobody_a_cent_too_much(total: Cents, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole


@given(st.integers(0, LARGEST), st.integers(0, 10_000))
def test_a_portion_is_rounded_half_up_to_the_cent(cents: Cents, basis_points: int) -> None:
    taken = portion(cents, basis_points)
    assert -5000 < taken * 10_000 - cents * basis_points <= 5000
    assert portion(5, 1000) == 1  # half a cent
