"""A row moves along an arrow of its graph, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest

from app import house
from app.kit.rules import Conflict
from app.kit.states import GRAPHS, graph, move


class DoorState(StrEnum):
    """What a door can be."""

    OPEN = "open"
    CLOSED = "closed"
    WALLED_UP = "walled up"


@dataclass
class Gate:
    """Something with a state."""

    state: str = DoorState.OPEN


@pytest.fixture(autouse=True)
def _a_gate_with_moves() -> Iterator[None]:
    graph(
        "Gate",
        DoorState,
        {DoorState.OPEN: (DoorState.CLOSED,), DoorState.CLOSED: (DoorState.OPEN, DoorState.WALLED_UP)},
    )
    yield
    del GRAPHS["Gate"]


def test_a_row_moves_along_an_arrow() -> None:
    gate = Gate()
    for state in (DoorState.CLOSED, DoorState.OPEN, DoorState.CLOSED, DoorState.WALLED_UP):
        move(gate, state)
        assert gate.state == state
        assert type(gate.state) is str


@pytest.mark.parametrize(
    ("before", "after"),
    [("open", "open"), ("open", "walled up"), ("walled up", "open"), ("walled up", "walled up")],
)
def test_without_an_arrow_nothing_moves(before: str, after: str) -> None:
    gate = Gate(before)
    with pytest.raises(Conflict) as refused:
        move(gate, DoorState(after))
    assert refused.value.status == 409
    assert gate.state == before


def test_a_graph_knows_where_it_begins_and_ends() -> None:
    assert GRAPHS["Gate"].first == DoorState.OPEN
    assert GRAPHS["Gate"].final() == [DoorState.WALLED_UP]


def test_every_table_with_a_state_has_its_graph_and_begins_in_its_first_state() -> None:
    house.import_rooms()
    from sqlmodel import SQLModel

    tables = {mapper.class_.__name__: mapper for mapper in SQLModel._sa_registry.mappers}
    with_state = {name for name, mapper in tables.items() if "state" in mapper.columns}
    assert with_state == set(GRAPHS) - {"Gate"}
    for name in with_state:
        assert tables[name].columns["state"].default.arg == GRAPHS[name].first, name


def test_a_state_fits_its_column() -> None:
    house.import_rooms()
    from sqlmodel import SQLModel

    for mapper in SQLModel._sa_registry.mappers:
        known = GRAPHS.get(mapper.class_.__name__)
        if known:
            assert max(map(len, known.states)) <= mapper.columns["state"].type.length, known.name
