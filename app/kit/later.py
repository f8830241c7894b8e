"""Pages known from the last start, whose code is loaded when somebody first opens one.

What a start of the desktop program waits for most is code of pages nobody has asked for yet. So the addresses are kept
in a file after the first start, and stand for views that are loaded one by one. The file is of no use, and is written
anew, once anything of the code has changed.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask

from app.kit.addresses import Address

KEPT = "addresses.json"


class Later:
    """Stands for a view until it is first asked, or asked about."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = module
        self.__name__ = name

    @cached_property
    def view(self) -> Any:
        """The view itself."""
        return getattr(import_module(self.__module__), self.__name__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.view(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """What is marked on the view: who may open it, where its refusals are shown."""
        return getattr(self.view, name)


class Known(NamedTuple):
    """One address, and where its view is defined."""

    rule: str
    endpoint: str
    methods: list[str]
    module: str
    name: str


def open_known(app: Flask, folder: Path, code: Path) -> bool:
    """Open the pages kept in this folder; whether there were any, of the code as it is now."""
    try:
        kept = json.loads((folder / KEPT).read_text(encoding="utf-8"))
        if kept["code"] != state_of(code):
            return False
        known = [Known(*each) for each in kept["addresses"]]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    for each in known:
        address = Address(each.rule, endpoint=each.endpoint, methods=each.methods)
        address.provide_automatic_options = True  # type: ignore[attr-defined]
        app.url_map.add(address)
        app.view_functions[each.endpoint] = Later(each.module, each.name)
    return True


def keep_known(app: Flask, folder: Path, code: Path) -> None:
    """Keep the addresses of all pages but files, in a folder that only this user writes."""
    known = [
        Known(rule.rule, rule.endpoint, sorted(rule.methods or ()), view.__module__, view.__name__)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for view in (app.view_functions[rule.endpoint],)
    ]
    fresh = folder / f"{KEPT}.new"
    fresh.write_text(json.dumps({"code": state_of(code), "addresses": known}), encoding="utf-8")
    fresh.replace(folder / KEPT)


def load_the_rest(app: Flask) -> None:
    """Load every view, while nobody waits for one."""
    for view in list(app.view_functions.values()):
        if isinstance(view, Later):
            _ = view.view


def state_of(code: Path) -> str:
    """A sum that changes when a file of the code does: of a bundle, which has no such files, its program."""
    digest = hashlib.blake2b(digest_size=16)
    for path, size, written in sorted(_files(code)):
        digest.update(f"{path} {size} {written}\n".encode())
    return digest.hexdigest()


def _files(code: Path) -> Iterator[tuple[str, int, int]]:
    program = Path(sys.executable).stat()
    yield sys.executable, program.st_size, program.st_mtime_ns
    folders = [str(code)] if code.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as found:
            for each in found:
                if each.is_dir(follow_symlinks=False):
                    folders.append(each.path)
                elif each.name.endswith(".py"):
                    facts = each.stat()
                    yield each.path, facts.st_size, facts.st_mtime_ns
