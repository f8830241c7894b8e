"""What people do in the window and beside it, in words the tests share."""

import contextlib
import json
import subprocess
from pathlib import Path

from playwright.sync_api import Page

from app.kit.db import Database
from tests.desktop.desk import Desk


def choose(desk: Desk, **chosen: object) -> None:
    """Choices made before the program starts."""
    folder = desk.home / "config" / "jalon"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "preferences.json").write_text(json.dumps(chosen))


def one_of(story: Path, query: str) -> str:
    """A public name out of the story."""
    database = Database(f"sqlite:///{story}")
    with database.engine.connect() as connection:
        name = connection.exec_driver_sql(query).scalar_one()
    database.close()
    return str(name)


def go(page: Page, path: str) -> None:
    """Go to a page as a click on a link does."""
    page.evaluate(
        "path => { const link = document.createElement('a'); link.href = path; link.textContent = 'go';"
        " document.querySelector('main').append(link); link.setAttribute('hx-boost', 'false'); link.click(); }",
        path,
    )


def typed_into(desk: Desk, title: str, target: Path) -> None:
    """Type a name into the dialog that is open, and press Enter."""
    if desk.windows(title):
        with contextlib.suppress(subprocess.CalledProcessError):  # it closed meanwhile
            desk.type("windowfocus", "--sync", desk.windows(title)[-1])
            desk.type("key", "--clearmodifiers", "ctrl+a")
            desk.type("type", str(target))
            desk.type("key", "Return")
