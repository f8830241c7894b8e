"""Cutting promises into parts, to the cent.

Each milestone's parts sum exactly to its price, no part is negative, and no pledge ever gives more than it promised.
"""

from collections.abc import Sequence

from app.kit.money import Cents, split


def scope(required: Cents, optional: Sequence[Cents], promised: Cents) -> int:
    """How many of the optional milestones are financed: in order, stopping at the first that is not covered."""
    covered = required
    for count, price in enumerate(optional):
        covered += price
        if covered > promised:
            return count
    return len(optional)


def used_of(rooms: Sequence[Cents], price: Cents) -> list[Cents]:
    """How much of each headroom fills a gap of this price, in proportion; all of it where that is not enough."""
    return split(min(price, sum(rooms)), list(rooms)) if any(rooms) else [0] * len(rooms)


def count_to_cut(price: Cents, room: Cents, milestones: Sequence[tuple[Cents, Cents]]) -> int | None:
    """How many of these milestones are cut until the headroom fills the gap; None where even all do not help.

    Of each, in the order they are cut: what is missing of it, and what cutting it frees of the others' promises.
    """
    for count, (missing, freed) in enumerate([*milestones, (0, 0)]):
        if room >= price:
            return count
        price, room = price - missing, room + freed
    return None


def cut(pledges: Sequence[Cents], prices: Sequence[Cents]) -> list[list[Cents]]:
    """Each pledge's part of each milestone: `cut(...)[pledge][milestone]`, in cents.

    Cumulative largest remainder: after each milestone every pledge stands within a cent of its exact share of all
    prices so far, and never below what it stood at before (a plain largest remainder may step back by a cent).
    Raises ValueError if the prices exceed the pledges.
    """
    promised = sum(pledges)
    if sum(prices) > promised:
        raise ValueError("the milestones cost more than was promised")
    stands = [0] * len(pledges)
    parts: list[list[Cents]] = [[] for _ in pledges]
    reached = 0
    for price in prices:
        reached += price
        after = _stands_after(pledges, promised, stands, reached)
        for i, (old, new) in enumerate(zip(stands, after, strict=True)):
            parts[i].append(new - old)
        stands = after
    return parts


def _stands_after(
    pledges: Sequence[Cents], promised: Cents, before: Sequence[Cents], reached: Cents
) -> list[Cents]:
    """Where each pledge stands once `reached` cents are shared, starting from where each stood before."""
    left = reached - sum(before)
    stands = list(before)
    # First up to the whole cents of the exact share, the furthest behind first; then the odd cents.
    behind = sorted(
        range(len(pledges)), key=lambda i: (before[i] * promised - pledges[i] * reached, i)
    )  # the distance to the exact share, times `promised`, so that no fraction is rounded
    for i in behind:
        step = min(max(pledges[i] * reached // promised - stands[i], 0), left)
        stands[i] += step
        left -= step
    for i in sorted(range(len(pledges)), key=lambda i: (stands[i] * promised - pledges[i] * reached, i)):
        if left == 0:
            break
        if stands[i] * promised < pledges[i] * reached:
            stands[i] += 1
            left -= 1
    return stands
