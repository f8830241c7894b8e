"""A screen without a screen (Xvfb), and computers on which the shipped program is started.

Nothing of the program is replaced: it is driven through the devtools door of its own engine, from outside.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.desktop.desk import Desk
from tests.played import Site, served, settings_on

HERE = Path(__file__).parent
expect.set_options(timeout=60_000)  # a program begins more slowly than a page

Computer = Callable[..., Desk]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen for all tests of this process."""
    if shutil.which("Xvfb") is None:
        pytest.fail("No Xvfb here: install it (Debian: apt install xvfb).")
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=(writing,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    screen.terminate()
    screen.wait(10)


@pytest.fixture
def computer(tmp_path: Path, display: str, playwright: Playwright) -> Iterator[Computer]:
    """Makes a person's computer: `computer("anna", language="fr")`."""
    made: list[Desk] = []

    def make(name: str = "desk", **known: str) -> Desk:
        home = tmp_path / name
        home.mkdir(mode=0o700)
        desk = Desk(home, display, playwright, **known)
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.clear_away()


@pytest.fixture
def told(computer: Computer, story: Path) -> Desk:
    """A computer whose demonstration has been played before: nothing to wait for."""
    desk = computer()
    give_story(desk, story)
    return desk


def give_story(desk: Desk, story: Path) -> None:
    """Put the played story where the program keeps its demonstration."""
    folder = desk.own / "demo"
    folder.mkdir(parents=True, mode=0o700)
    shutil.copyfile(story, folder / "jalon.db")


@pytest.fixture
def site(story: Path, tmp_path: Path) -> Iterator[Site]:
    """A server of a chapter, as the story left it."""
    path = tmp_path / "server.db"
    shutil.copyfile(story, path)
    yield from served(settings_on(path, tmp_path))
