"""The program's own sentences in the reader's language. The English one is its key; the French stands in `fr.po`."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

CATALOG = Path(__file__).with_name("fr.po")
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.M)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
LOCALES = {"fr": "fr_FR", "en": "en_IE"}
ESCAPES = {r"\n": "\n", r"\"": '"', r"\\": "\\"}


@dataclass(frozen=True, init=False)
class Sentence:
    """A sentence with its facts, to be said in the language of whoever reads it."""

    message: str
    facts: dict[str, Any]

    def __init__(self, message: str, **facts: Any) -> None:
        object.__setattr__(self, "message", message)
        object.__setattr__(self, "facts", facts)


class Words:
    """Speaks one language; made anew when another one is chosen."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, message: str, **facts: Any) -> str:
        """The sentence with its facts."""
        sentence = catalog().get(message, message) if self.language == "fr" else message
        return sentence % facts if facts else sentence

    def say(self, sentence: Sentence) -> str:
        """A sentence found elsewhere."""
        return self(sentence.message, **sentence.facts)

    def moment(self, at: datetime) -> str:
        """A day and an hour as the server's pages write them: “3 December 2026, 14:05”."""
        from babel.dates import format_date

        return f"{format_date(at, 'long', locale=LOCALES[self.language])}, {at:%H:%M}"


def language_of_system() -> str:
    """French where the computer speaks it, English elsewhere."""
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "fr" if spoken.lower().startswith("fr") else "en"


@lru_cache(maxsize=1)
def catalog() -> dict[str, str]:
    """Every sentence of the program, in French."""
    text = CATALOG.read_text(encoding="utf-8")
    return {plain(english): plain(french) for english, french in ENTRY.findall(text) if plain(english)}


def plain(quoted: str) -> str:
    """The text between the quotation marks of a catalog, its lines joined."""
    joined = "".join(QUOTED.findall(quoted))
    return re.sub(r'\\[n"\\]', lambda found: ESCAPES[found[0]], joined)
