"""What everyone may read of amounts some backers keep to themselves.

A backer may show its name without its amount, or neither. A sum over fewer than three such backers would tell the
amounts behind it (one of two backers knows the other by taking its own away), so it joins a larger sum: amounts of
other backers that could stand alone are then only shown added up. Where even that is not enough, no sum is shown.
Read once it holds; who compares a sum before and after a signature learns what was signed.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from app.kit.money import Cents

FEWEST = 3


@dataclass(frozen=True)
class Backing:
    """One signed pledge as its disclosure needs it: whose, how much, kept hidden or not, payable when."""

    organization_id: int
    cents: Cents
    is_hidden: bool
    kind: str = "pledged"


@dataclass(frozen=True)
class Crowd:
    """How many organizations stand behind a sum, and how many of them hide their amount."""

    organizations: int
    hiding: int

    @property
    def hides_well(self) -> bool:
        """Whether its sum tells nobody's hidden amount, if need be with shown amounts inside it."""
        return self.hiding == 0 or self.organizations >= FEWEST


@dataclass(frozen=True)
class Told:
    """What may be read: the sum, the sums by kind, and the positions of the amounts that stand alone."""

    total: bool
    by_kind: bool
    alone: frozenset[int]


def may_tell(everyone: Crowd, *kinds: Crowd) -> tuple[bool, bool]:
    """Whether the sum of all may be told, and whether it may be told by kind."""
    return everyone.hides_well, all(crowd.hides_well for crowd in kinds)


def tell(backings: Sequence[Backing]) -> Told:
    """What everyone may read of these backings."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for position, backing in enumerate(backings):
        by_kind[backing.kind].append(position)
    everyone = _crowd(backings, range(len(backings)))
    total, kinds = may_tell(everyone, *(_crowd(backings, positions) for positions in by_kind.values()))
    shown = {position for position, backing in enumerate(backings) if not backing.is_hidden}
    if kinds:
        covers = set().union(*(_cover(backings, positions) for positions in by_kind.values()))
    elif total:
        covers = _cover(backings, range(len(backings)))
    else:
        covers = set()
    return Told(total, kinds, frozenset(shown - covers))


def hides_in_groups(members: Iterable[tuple[Hashable, int]]) -> bool:
    """Whether each group (its key, an organization in it) has at least three organizations, or there is none.

    Members with the same key have the same share of every sum, so that the sums tell of a group only its own sum.
    """
    groups: dict[Hashable, set[int]] = defaultdict(set)
    for key, organization_id in members:
        groups[key].add(organization_id)
    return all(len(group) >= FEWEST for group in groups.values())


def _crowd(backings: Sequence[Backing], positions: Iterable[int]) -> Crowd:
    positions = list(positions)
    organizations = {backings[position].organization_id for position in positions}
    hiding = {backings[p].organization_id for p in positions if backings[p].is_hidden}
    return Crowd(len(organizations), len(hiding))


def _cover(backings: Sequence[Backing], positions: Iterable[int]) -> set[int]:
    """The shown amounts that disappear in the sum, the smallest first, so that three organizations stand behind it."""
    positions = list(positions)
    behind = {backings[position].organization_id for position in positions if backings[position].is_hidden}
    covers: set[int] = set()
    if not behind:
        return covers
    for position in sorted(positions, key=lambda p: (backings[p].cents, p)):
        backing = backings[position]
        if len(behind) >= FEWEST:
            break
        if not backing.is_hidden and backing.organization_id not in behind:
            behind.add(backing.organization_id)
            covers.add(position)
    return covers
