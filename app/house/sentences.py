"""Finds every sentence the code and the templates say, and every one the catalogs know."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

# Which arguments of which calls are sentences, counted from 0.
SPEAKERS = {
    "_": (0,), "N_": (0,), "ngettext": (0, 1), "Refused": (0,), "Conflict": (0,), "refuse": (0,), "require": (1,),
    "Check": (0,), "faults": (0,), "ring": (2,),
}  # fmt: skip
MENDS = ("Please mend what is marked below.",)  # said by the kit's own refusal of a whole form
FACTS = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%%|%")  # {…} in the audit, whose facts are columns
# French wants a narrow no-break space before these, and no exclamation at all.
SLIP = re.compile(r"[ \u00a0](?:[;:»]|\?(?! \w))|«[ \u00a0]|\w[;?]|!|«(?!\u202f)|(?<!\u202f)»")


@dataclass(frozen=True)
class French:
    """One entry of a catalog."""

    file: str
    english: tuple[str, ...]
    french: tuple[str, ...]
    is_fuzzy: bool


def used(folder: Path) -> dict[str, list[str]]:
    """Every English sentence said in the code and the templates below a folder, with where it is said."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        reader = {".py": _in_python, ".html": _in_template, ".txt": _in_template}.get(path.suffix)
        if reader is None or "static" in path.parts or "fonts" in path.parts:
            continue
        for line, sentence in reader(path.read_text(encoding="utf-8")):
            found.setdefault(sentence, []).append(f"{path.relative_to(folder.parent)}:{line}")
    for sentence in MENDS:
        found.setdefault(sentence, ["app/kit/rules.py"])
    return found


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        for place in SPEAKERS.get(name, ()):
            if place < len(call.args):
                yield from ((call.lineno, sentence) for sentence in _literals(call.args[place]))


def _literals(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.IfExp):
        yield from _literals(argument.body)
        yield from _literals(argument.orelse)
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
        yield argument.value


def _in_template(text: str) -> Iterator[tuple[int, str]]:
    for call in Environment().parse(text).find_all(nodes.Call):  # noqa: S701  (nothing is rendered)
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        for place in SPEAKERS.get(name, ()):
            if place < len(call.args):
                yield from ((call.lineno, sentence) for sentence in _template_literals(call.args[place]))


def _template_literals(argument: nodes.Expr | None) -> Iterator[str]:
    if isinstance(argument, nodes.CondExpr):
        yield from _template_literals(argument.expr1)
        yield from _template_literals(argument.expr2)
    elif isinstance(argument, nodes.Const) and isinstance(argument.value, str) and argument.value:
        yield argument.value


def catalogs(folder: Path) -> dict[str, list[French]]:
    """Every entry of every room's French, by each of its English sentences (a plural is found by both)."""
    found: dict[str, list[French]] = {}
    for path in sorted(folder.rglob("fr.po")):
        with path.open("rb") as lines:
            catalog = read_po(lines, locale="fr", abort_invalid=True)
        for message in catalog:
            if not message.id:
                continue
            english, french = _several(message.id), _several(message.string)
            entry = French(str(path.relative_to(folder.parent)), english, french, message.fuzzy)
            for sentence in english:
                found.setdefault(sentence, []).append(entry)
    return found


def _several(sentences: Any) -> tuple[str, ...]:
    return (sentences,) if isinstance(sentences, str) else tuple(sentences or ())


def slips_of(entry: French) -> Iterator[str]:
    """What is wrong with one French entry: unfinished, another fact in it, typography."""
    if entry.is_fuzzy:
        yield "is marked fuzzy"
    if not all(entry.french):
        yield "has no French yet"
        return
    known = set().union(*map(_facts, entry.english))
    for number, sentence in enumerate(entry.french):
        # A singular may leave its count out (“One need”), and whatever the English one leaves out.
        needed = _facts(entry.english[min(number, len(entry.english) - 1)])
        if len(entry.french) > 1 and number == 0:
            needed -= {"num"}
        if other := (needed - _facts(sentence)) | (_facts(sentence) - known):
            yield f"has other facts in French: {', '.join(sorted(other))}"
        if slip := SLIP.search(FACTS.sub("x", sentence)):
            yield f"has a slip of French typography near “{sentence[max(0, slip.start() - 10) : slip.end() + 5]}”"


def _facts(sentence: str) -> set[str]:
    return {match[1] or match[2] or match[0] for match in FACTS.finditer(sentence) if match[0] != "%%"}
