"""What the house says about itself: its states drawn, its sentences counted in both languages."""

import pkgutil
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import app
from app.house.sentences import catalogs, slips_of, used
from app.kit.states import GRAPHS, Graph
from app.main import HOUSE, ROOMS

DOCS = HOUSE.parent / "docs"

HEADING = """# States

Drawn from the code by `./run states`; a test fails while this page is stale.

A row stands in one state and moves along an arrow or not at all. Each table's first line is where a row begins;
a state in **bold** is final. What can be computed (a campaign is 63 % pledged, a milestone is waiting) is not a
state. Facts have none: they are written once and answered by another fact.
"""


def import_rooms() -> None:
    """Import whatever declares tables or states, so that all of them are known."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        _room, _, part = module.name.removeprefix("app.").partition(".")
        if part and not part.startswith("views"):
            import_module(module.name)


def states_page() -> str:
    """The page with every table of moves, in the order of the story."""
    import_rooms()
    rooms: dict[str, list[Graph]] = {}
    # A room's own model first, then the others by name: which of them was imported first is chance.
    for graph in sorted(GRAPHS.values(), key=_place):
        rooms.setdefault(graph.states.__module__.split(".")[1], []).append(graph)
    order = [*ROOMS, *sorted(set(rooms) - set(ROOMS))]
    lines = [HEADING]
    for room in order:
        if room in rooms:
            # By file, then as they stand in it: whoever was imported first does not change the page.
            graphs = sorted(rooms[room], key=lambda graph: graph.states.__module__)
            lines += [f"## {room}", "", *(line for graph in graphs for line in _drawn(graph))]
    return "\n".join(lines).rstrip() + "\n"


def _place(graph: Graph) -> tuple[bool, str]:
    module = graph.states.__module__
    return not module.endswith(".model"), module


def _drawn(graph: Graph) -> Iterator[str]:
    final = graph.final()
    yield f"### {graph.name}"
    yield ""
    yield "| State | may become |"
    yield "| --- | --- |"
    for state in graph.states:
        after = ", ".join(_name(next_state, final) for next_state in graph.moves.get(state, ()))
        yield f"| {_name(state, final)} | {after or '–'} |"
    yield ""


def _name(state: str, final: Sequence[str]) -> str:
    return f"**{state}**" if state in final else str(state)


def draw_states() -> Path:
    """Write the page into the documentation; returns its path."""
    path = DOCS / "states.md"
    path.write_text(states_page(), encoding="utf-8")
    return path


def missing_words() -> list[str]:
    """A line for every sentence without its French, every French one nobody says, every fact lost between the two."""
    said = used(HOUSE)
    known = catalogs(HOUSE)
    lines = []
    for sentence, places in sorted(said.items()):
        if sentence not in known:
            lines.append(f"{places[0]}: no French for “{sentence}”")
    for sentence, entries in sorted(known.items()):
        if sentence not in said:
            lines += [f"{entry.file}: nobody says “{sentence}” any more" for entry in entries]
        if len({entry.french for entry in entries}) > 1:
            files = " and ".join(entry.file for entry in entries)
            lines.append(f"{files}: two French sentences for “{sentence}”")
        lines += [f"{entry.file}: “{sentence}” {slip}" for entry in entries for slip in slips_of(entry)]
    return lines
