"""Real pages in real Chromium: a Jalon that has played its story, a browser per person, and axe.

Every test here counts as `browser`. A visitor's test fails when a page wrote an error to the console (a refused
script or style among them), whether or not the test looked.
"""

import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.played import Site, served, settings_on
from tests.prepare import find_chromium

HERE = Path(__file__).parent
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ACCESSIBLE = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def site(story: Path, tmp_path: Path) -> Iterator[Site]:
    """A Jalon of its own for this test, served on a free port, as the story left it."""
    path = tmp_path / "jalon.db"
    shutil.copyfile(story, path)
    yield from served(settings_on(path, tmp_path))


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The installed Chromium; the test fails where there is none."""
    program = find_chromium()
    if program is None:
        pytest.fail(
            "No Chromium here: install it (Debian: apt install chromium), or name it in JALON_CHROMIUM."
        )
    browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
    yield browser
    browser.close()


Visitor = Callable[..., Page]


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Makes a person's own browser on the site: `visitor(javascript=False, language="fr", dark=True, width=390)`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def arrive(
        *,
        javascript: bool = True,
        language: str = "en",
        dark: bool = False,
        width: int = 1280,
        height: int = 900,
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            java_script_enabled=javascript,
            locale={"fr": "fr-FR"}.get(language, "en-GB"),
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: note(message, complaints))
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert complaints == []


def note(message: Any, complaints: list[str]) -> None:
    """Keep what a page complained of; an answer that refuses (409, 422) is no complaint."""
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The axe-core script, from the wheel that brings it."""
    found = next(path for path in _under(files("axe_playwright_python")) if path.name == "axe.min.js")
    return str(found.read_text(encoding="utf-8"))


def _under(folder: Any) -> Iterator[Any]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _under(each)
        else:
            yield each


@pytest.fixture
def find_barriers() -> Callable[[Page], list[str]]:
    """Asks axe, which waits in the page, what keeps people out of it: one line for each barrier."""

    def look(page: Page) -> list[str]:
        asked = {"runOnly": {"type": "tag", "values": list(ACCESSIBLE)}, "resultTypes": ["violations"]}
        found = page.evaluate("asked => axe.run(document, asked)", asked)
        return [
            f"{barrier['id']}: {barrier['help']} - {', '.join(str(node['target']) for node in barrier['nodes'])}"
            for barrier in found["violations"]
        ]

    return look
