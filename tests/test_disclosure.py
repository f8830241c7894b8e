"""What everyone may read tells no amount a backer keeps to itself: not by arithmetic, not to another backer."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.campaigns.disclosure import Backing, Crowd, hides_in_groups, may_tell, tell
from app.campaigns.model import Publicity
from app.campaigns.progress import Backer, by_organization

KINDS = ("pledged", "committed", "matching")

backings = st.lists(
    st.builds(
        Backing,
        organization_id=st.integers(1, 6),
        cents=st.integers(1, 10**9),
        is_hidden=st.booleans(),
        kind=st.sampled_from(KINDS),
    ),
    max_size=9,
)


def row(size: int, places: Iterable[int]) -> list[Fraction]:
    """An equation: the sum of the amounts at these places is known."""
    marked = set(places)
    return [Fraction(place in marked) for place in range(size)]


def solves(equations: Sequence[Sequence[Fraction]], place: int) -> bool:
    """Whether the amount at this place follows from the equations, by elimination."""
    size = len(equations[0]) if equations else 0
    rows = [list(equation) for equation in equations]
    wanted = row(size, [place])
    for column in range(size):
        pivot = next((r for r in rows if r[column] and not any(r[:column])), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [value / pivot[column] for value in pivot]
        rows = [_less(r, pivot, column) for r in rows]
        wanted = _less(wanted, pivot, column)
    return bool(size) and not any(wanted)


def _less(equation: Sequence[Fraction], pivot: Sequence[Fraction], column: int) -> list[Fraction]:
    factor = equation[column]
    return [a - factor * b for a, b in zip(equation, pivot, strict=True)]


def shown(found: Sequence[Backing]) -> list[list[Fraction]]:
    """Everything the page says about these backings, as equations."""
    told, size = tell(found), len(found)
    equations = [row(size, [place]) for place in told.alone]
    if told.total:
        equations.append(row(size, range(size)))
    if told.by_kind:
        for kind in KINDS:
            equations.append(row(size, [i for i, backing in enumerate(found) if backing.kind == kind]))
    return equations


def test_the_elimination_finds_what_follows_and_nothing_else() -> None:
    three = [row(3, [0, 1, 2]), row(3, [1]), row(3, [1, 2])]
    assert all(solves(three, place) for place in range(3))
    assert not solves([row(3, [0, 1, 2]), row(3, [0])], 1)


@settings(deadline=None)
@given(backings)
def test_no_hidden_amount_follows_from_what_is_shown_not_even_for_another_backer(
    found: list[Backing],
) -> None:
    equations, size = shown(found), len(found)
    for insider in {0, *(backing.organization_id for backing in found)}:
        own = [row(size, [i]) for i, backing in enumerate(found) if backing.organization_id == insider]
        for place, backing in enumerate(found):
            if backing.is_hidden and backing.organization_id != insider:
                assert not solves([*equations, *own], place)


@settings(deadline=None)
@given(backings)
def test_where_nobody_hides_everything_is_shown(found: list[Backing]) -> None:
    open_ones = [Backing(b.organization_id, b.cents, is_hidden=False, kind=b.kind) for b in found]
    told = tell(open_ones)
    assert (told.total, told.by_kind, told.alone) == (True, True, frozenset(range(len(found))))


@settings(deadline=None)
@given(backings)
def test_hidden_amounts_never_stand_alone_and_no_more_join_the_sum_than_needed(found: list[Backing]) -> None:
    told = tell(found)
    assert not any(found[place].is_hidden for place in told.alone)
    covers = [b for place, b in enumerate(found) if not b.is_hidden and place not in told.alone]
    for kind in KINDS:
        assert sum(backing.kind == kind for backing in covers) <= 2
    assert told.by_kind or len(covers) <= 2


def test_one_hidden_amount_takes_the_two_smallest_shown_ones_with_it() -> None:
    found = [Backing(1, 500, is_hidden=True), *(Backing(n, n * 100, is_hidden=False) for n in (2, 3, 4, 5))]
    told = tell(found)
    assert told.total
    assert told.alone == {3, 4}


def test_two_backers_one_of_whom_hides_show_no_sum_at_all() -> None:
    told = tell([Backing(1, 500, is_hidden=True), Backing(2, 900, is_hidden=False)])
    assert (told.total, told.by_kind, told.alone) == (False, False, frozenset({1}))


def test_a_raise_of_the_same_organization_does_not_count_as_another_one() -> None:
    same = [Backing(1, 500, is_hidden=True), Backing(1, 50, is_hidden=True), Backing(1, 7, is_hidden=True)]
    assert not tell(same).total


def test_one_hiding_ministry_among_companies_joins_the_one_sum_of_all() -> None:
    total, by_kind = may_tell(Crowd(6, 1), Crowd(5, 0), Crowd(1, 1))
    assert (total, by_kind) == (True, False)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 8)), max_size=12),
    st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=1, max_size=4),
)
def test_groups_treated_alike_hide_each_other_whatever_their_shares_are(
    members: list[tuple[int, int]], shares: list[list[int]]
) -> None:
    """`shares[figure][group]` is what a group's members have of a figure, as a part of their amount."""
    if not hides_in_groups(members):
        return
    size = len(members)
    figures = [[Fraction(figure[group]) for group, _ in members] for figure in shares]
    for insider in {0, *(organization for _, organization in members)}:
        own = [row(size, [i]) for i, (_, organization) in enumerate(members) if organization == insider]
        for place, (_, organization) in enumerate(members):
            if organization != insider:
                assert not solves([*figures, *own], place)


def test_a_group_of_two_is_too_small_to_hide_in() -> None:
    assert hides_in_groups([])
    assert hides_in_groups([("paid", 1), ("paid", 2), ("paid", 3)])
    assert not hides_in_groups([("paid", 1), ("paid", 2), ("unpaid", 3)])
    assert not hides_in_groups([("paid", 1), ("paid", 2), ("paid", 2)])


def backer(organization: int, cents: int | None, **facts: Any) -> Backer:
    name = facts.pop("name", f"Organization {organization}")
    return Backer(
        pledge_id=0, organization_id=organization, name=name, cents=cents,
        **{"is_own": False, "is_committed": False, "publicity": Publicity.FULL, **facts},
    )  # fmt: skip


def test_an_organization_that_raised_its_pledge_is_one_line_with_its_sum() -> None:
    lines = by_organization([backer(1, 500), backer(2, 700), backer(1, 300)])
    assert [(line.name, line.cents) for line in lines] == [("Organization 1", 800), ("Organization 2", 700)]


def test_what_an_organization_signed_without_its_name_never_joins_its_named_line() -> None:
    veiled = {"name": None, "publicity": Publicity.ANONYMOUS}
    lines = by_organization([backer(1, 500), backer(1, None, **veiled), backer(1, None, **veiled)])
    assert [(line.name, line.cents, line.has_more) for line in lines] == [
        ("Organization 1", 500, False), (None, None, False),
    ]  # fmt: skip


def test_an_amount_kept_hidden_is_not_in_the_sum_of_its_line_which_says_so() -> None:
    hidden = backer(1, None, publicity=Publicity.NAME_ONLY)
    (line,) = by_organization([backer(1, 500), hidden])
    assert (line.cents, line.has_more, line.is_added_up) == (500, True, False)
    assert by_organization([hidden, hidden])[0].cents is None


def test_a_matching_grant_is_a_line_of_its_own() -> None:
    lines = by_organization([backer(1, 500), backer(1, 100, is_match=True), backer(1, 200, is_match=True)])
    assert [(line.cents, line.is_match) for line in lines] == [(500, False), (300, True)]
