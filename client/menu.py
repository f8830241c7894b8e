"""The menu of the window, with its keys. Everything in it can be reached without a mouse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QAction, QKeySequence

from client.words import Words

Act = Callable[[], None]


@dataclass(frozen=True)
class Entry:
    """One line of the menu; `is_for_jalon` lines need an open Jalon."""

    label: str
    keys: str
    act: Act
    is_for_jalon: bool = False


def build(
    native: Any, words: Words, sections: dict[str, list[Entry | None]], *, in_jalon: bool
) -> list[QAction]:
    """Put the menu on the window; None is a line between entries. Returns its actions, which somebody has to hold."""
    bar = native.menuBar()
    bar.clear()
    actions = []
    for title, entries in sections.items():
        menu = bar.addMenu(words(title))
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            elif in_jalon or not entry.is_for_jalon:
                action = QAction(words(entry.label), native)
                action.setShortcuts([QKeySequence(key) for key in entry.keys.split(" or ") if key])
                action.triggered.connect(lambda _checked=False, act=entry.act: act())
                menu.addAction(action)
                actions.append(action)
    return actions
