"""The look: the gallery of every macro stands, says things in both languages, and obeys the strict page policy."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.gallery_words import gallery
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined

from app.kit import words

LAYOUT = Path(__file__).parent.parent / "app" / "layout"
VOID = {"input", "meta", "link", "br", "hr", "img", "use", "rect", "path", "circle"}


class Page(HTMLParser):
    """A page as a flat list of tags, with what was left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at line {self.getpos()[0]}")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def rendered(
    language: str, template: str = "layout/gallery.html", undefined: type[Undefined] = Undefined, **more: Any
) -> str:
    """A template of the layout with invented content, in one language."""
    shown = gallery(language)
    mistakes, typed = shown.pop("mistakes"), shown.pop("typed")
    pages = Environment(loader=FileSystemLoader(LAYOUT.parent), autoescape=True, undefined=undefined)
    pages.globals.update(
        {"_": words._, "ngettext": words.ngettext, "money": words.money, "number": words.number, "day": words.day},
        url_for=lambda endpoint, filename: f"/{endpoint}/{filename}",
        csrf_token=lambda: "token",
        typed=lambda name, default="": typed.get(name, default),
        mistake_of=lambda name: mistakes.get(name),
    )
    with words.use_language(language):
        return pages.get_template(template).render(shown | more)
