"""The rules of the house, as far as a machine can hold them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

from app import house
from app.house import sentences
from app.kit.states import GRAPHS
from app.main import HOUSE, ROOMS
from tests.browser.pages import NO_PAGES, PAGES

ROOT = HOUSE.parent
FORBIDDEN = {
    "common", "data", "handle", "helper", "helpers", "info", "manager", "process", "service", "services", "utils",
}  # fmt: skip
TEMPLATES = sorted(path for path in HOUSE.rglob("*.html"))
PYTHON = sorted(HOUSE.rglob("*.py"))
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
LONGEST_FILE = 265
# What is loaded with the first paper: drawings, and the modules of rooms that fill them in.
PAPERS = re.compile(r"app\.documents\.(?!(sums|vat|party|spelling|texts)\b)|app\.\w+\.paper(_\w+)?\b")
# Buttons without a field: what they are refused with stands on a page of its own.
LONE_BUTTONS = {
    "rails.hear",
    "people.sign_in_demo",
    "people.sign_out",
    "people.speak",
    "people.fetch_token",
    "people.sign_in_again",
}


def names(paths: list[Path]) -> list[str]:
    """Paths as people name them, for the names of tests."""
    return [str(path.relative_to(ROOT)) for path in paths]


def test_the_import_contracts_hold() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.contracts"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_the_states_drawn_are_those_of_the_code() -> None:
    assert (house.DOCS / "states.md").read_text(encoding="utf-8") == house.states_page(), "run ./run states"


def test_every_state_can_be_reached_and_every_move_stays_in_its_graph() -> None:
    house.import_rooms()
    for graph in GRAPHS.values():
        reached = {graph.first}
        while more := {after for state in reached for after in graph.moves.get(state, ())} - reached:
            reached |= more
        assert reached | {graph.first} == set(graph.states), graph.name


def test_a_thing_has_one_french_name() -> None:
    other_names = re.compile(r"\bestimations?\b|\bconserv\w+ (?:jusqu|sur le compte)|\bséquestr\w+", re.I)
    for entries in sentences.catalogs(HOUSE).values():
        for entry in entries:
            assert not any(other_names.search(text) for text in entry.french), (entry.file, entry.french)
            if any(re.search(r"\bheld\b", text) for text in entry.english):
                assert not any("conserv" in text.lower() for text in entry.french), (entry.file, entry.french)


def test_every_sentence_stands_in_both_languages() -> None:
    lines = house.missing_words()
    assert not lines, f"{len(lines)} to mend:\n" + "\n".join(lines)


def test_the_search_for_sentences_finds_them_wherever_they_are_said(tmp_path: Path) -> None:
    room = tmp_path / "app"
    room.mkdir()
    (room / "rules.py").write_text(
        'require(f([1, 2]), "One " "line.", a=1)\nraise Refused("No." if x else "Never.")\n'
    )
    (room / "page.html").write_text('{{ _("A %(n)s", n=1) }}{{ ngettext("%(num)s one", "%(num)s more", 2) }}')
    assert set(sentences.used(room)) - set(sentences.MENDS) == {
        "One line.", "No.", "Never.", "A %(n)s", "%(num)s one", "%(num)s more",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("french", "slip"),
    [
        ("", "no French yet"),
        ("Bonjour", "other facts in French: name"),
        ("%(name)s et %(other)s", "other facts in French: other"),
        ("%(name)s !", "typography"),
        ("%(name)s ?", "typography"),
        ("« %(name)s »", "typography"),
    ],
)
def test_a_slip_in_a_catalog_is_found(tmp_path: Path, french: str, slip: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "fr.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "%(name)s"\nmsgstr "{french}"\n')
    [entry] = sentences.catalogs(tmp_path / "app")["%(name)s"]
    assert any(slip in found for found in sentences.slips_of(entry))


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [name for name in names(PYTHON) if FORBIDDEN & set(re.split(r"[/_.]", name))]
    # What a public body certifies is called “service fait”: there the word says something.
    assert [name for name in vague if name != "app/delivery/service.py"] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_files(room: str) -> None:
    folder = HOUSE / room
    needed = ["__init__.py", "views.py", "pages", "fr.po"]
    if room != "boards":  # it only reads
        needed += ["model.py"]
    missing = [name for name in needed if not (folder / name).exists()]
    assert not missing, f"{room} lacks {', '.join(missing)}"
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert docstring is not None
    assert len(docstring.splitlines()) == 1


def test_every_file_is_short_enough_to_read() -> None:
    long = {
        name: count
        for name, path in zip(names(PYTHON), PYTHON, strict=True)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"look for the missing noun: {long}"


def test_every_public_function_says_what_one_gains() -> None:
    silent = [
        f"{name}: {node.name}"
        for name, path in zip(names(PYTHON), PYTHON, strict=True)
        for node in public(ast.parse(path.read_text(encoding="utf-8")))
        if not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The functions and classes at the top of a module that others may use."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_no_comment_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [
        n for n, p in zip(names(PYTHON), PYTHON, strict=True) if later.search(p.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_a_template_holds_to_the_strict_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    plain = EXPRESSION.sub("x", text)
    assert not re.search(r"\|\s*safe\b", text), "nothing is marked safe"
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|javascript:", plain, re.I), (
        "no inline style or script"
    )
    assert not re.search(r"\s(?:hx-on|on[a-z]+=|hx-vars)", plain), "no event attributes"
    tags = [re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag) for tag in re.findall(r"<[a-z][^>]*>", plain)]
    unquoted = [tag for tag in tags if re.search(r"\s[a-z-]+=[^\"'\s]", tag)]
    assert not unquoted, f"attributes stand in quotation marks: {unquoted}"


def test_every_route_says_who_may_open_it(app: Flask) -> None:
    open_doors = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not getattr(app.view_functions[rule.endpoint], "allowed", None)
    ]
    assert open_doors == []


def test_every_form_that_can_be_refused_has_a_page_to_say_so_on(app: Flask) -> None:
    """A POST view names the page of its refusals, or reads nothing that could be refused beside a field."""
    homeless = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "POST" in (rule.methods or ()) and not getattr(view, "refusals_page", None):
            homeless.append(rule.endpoint)
    assert set(homeless) <= LONE_BUTTONS


def test_every_page_of_refusals_is_a_page_that_takes_the_same_address(app: Flask) -> None:
    by_endpoint = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint, rule in by_endpoint.items():
        page = getattr(app.view_functions[endpoint], "refusals_page", None)
        if page:
            assert page in by_endpoint, f"{endpoint} shows refusals on {page}, which is no page"
            assert "GET" in (by_endpoint[page].methods or ()), page
            assert by_endpoint[page].arguments <= rule.arguments, f"{page} needs more than {endpoint} knows"


def test_only_escrow_writes_in_the_book() -> None:
    writes = re.compile(r"ledger\.book import [^\n]*\bpost\b|\bbook\.post\(")
    posting = [
        n for n, p in zip(names(PYTHON), PYTHON, strict=True) if writes.search(p.read_text(encoding="utf-8"))
    ]
    assert [name for name in posting if name not in ("app/escrow/moves.py", "app/ledger/book.py")] == []


def test_no_float_comes_near_money() -> None:
    rooms = ("ledger", "escrow", "payouts", "campaigns", "delivery", "estimates", "rails", "audit")
    near = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in rooms
        for path in sorted((HOUSE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert near == []


def test_the_clock_is_read_at_the_door_only() -> None:
    readers = [
        name
        for name, path in zip(names(PYTHON), PYTHON, strict=True)
        if re.search(r"datetime\.now\(|\bdate\.today\(|\butcnow\(", path.read_text(encoding="utf-8"))
    ]
    assert set(readers) <= {"app/kit/clock.py", "app/kit/migrate.py"}


def test_what_draws_papers_is_loaded_with_the_first_paper() -> None:
    """Every start would wait for it: a view imports its room's `paper` inside the function that hands one out."""
    early = [
        f"{path.relative_to(HOUSE)}: {node.module}"
        for path in PYTHON
        if "documents" not in path.parts and not path.stem.startswith("paper") and "demo" not in path.parts
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        if any(PAPERS.match(f"{node.module}.{each.name}") for each in node.names)
    ]  # fmt: skip
    assert early == []


def test_every_module_can_be_imported_alone() -> None:
    house.import_rooms()
    for room in ROOMS:
        import_module(f"app.{room}.views")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_is_looked_at_in_the_browser(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert rules - {seen.rule for seen in PAGES} == NO_PAGES | {"/static/<path:filename>"}
