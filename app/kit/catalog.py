"""One language's sentences, read from the plain gettext catalogs (`fr.po`) that stand beside the code.

A reader of our own: the first page of a start waits for it, and this takes a tenth of what a general one takes. The
house reads the same files with Babel and holds both readings against each other.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ENTRY = re.compile(r'^(msg(?:id|id_plural|str(?:\[\d\])?)) ((?:".*"\n?)+)', re.M)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "t": "\t"}


class Catalog:
    """Sentences of one language by their English, for one thing and for many."""

    def __init__(self, paths: list[Path]) -> None:
        self._one: dict[str, str] = {}
        self._many: dict[str, str] = {}
        for path in paths:
            for english, (one, *many) in entries(path.read_text(encoding="utf-8")):
                if one:
                    self._one[english] = one
                if many:
                    self._many[english] = many[0]

    def of(self, message: str) -> str:
        """The sentence; the English one where there is no other."""
        return self._one.get(message, message)

    def of_many(self, singular: str, plural: str, num: int) -> str:
        """The sentence for so many. French counts none and one alike."""
        return self._one.get(singular, singular) if num <= 1 else self._many.get(singular, plural)


def entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each English sentence of a catalog with what it is called: one sentence, or one for one and one for many."""
    english = ""
    said: list[str] = []
    for word, quoted in ENTRY.findall(text):
        if word == "msgid":
            if english:
                yield english, said
            english, said = plain(quoted), []
        elif word != "msgid_plural":
            said.append(plain(quoted))
    if english:
        yield english, said


def plain(quoted: str) -> str:
    """What stands between the quotation marks, its lines joined."""
    one_line = quoted.count('"') == 2
    joined = quoted.strip()[1:-1] if one_line else "".join(QUOTED.findall(quoted))
    return ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]), joined) if "\\" in joined else joined
