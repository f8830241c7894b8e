"""States as written graphs: a row moves along an arrow or not at all.

Each room declares its tables with `graph(...)`; `docs/states.md` is drawn from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.kit.rules import Conflict


@dataclass(frozen=True)
class Graph:
    """The moves one kind of row may make. The first state is where it begins."""

    name: str
    states: type[StrEnum]
    moves: Mapping[Any, tuple[Any, ...]]

    @property
    def first(self) -> StrEnum:
        """The state a new row begins in."""
        return next(iter(self.states))

    def final(self) -> list[StrEnum]:
        """The states no move leaves."""
        return [state for state in self.states if not self.moves.get(state)]

    def allows(self, before: str, after: str) -> bool:
        """Whether an arrow leads from one state to the other."""
        return after in self.moves.get(self.states(before), ())


GRAPHS: dict[str, Graph] = {}


def graph(name: str, states: type[StrEnum], moves: Mapping[Any, tuple[Any, ...]]) -> Graph:
    """Declare the moves of one kind of row, by the class name of its table."""
    GRAPHS[name] = Graph(name, states, moves)
    return GRAPHS[name]


def move(row: Any, after: StrEnum) -> None:
    """Move a row along an arrow of its graph; raises `Conflict` where there is none."""
    known = GRAPHS[type(row).__name__]
    if not known.allows(row.state, after):
        raise Conflict("This was already decided: the page you acted on is out of date.")
    row.state = after.value
