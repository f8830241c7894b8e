"""No page keeps anybody out: axe finds nothing, the console stays silent, nothing has to be scrolled sideways.

The pages of the table are seen in turn in French and light, and in English and dark; the drill sees each in both.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from app.kit.db import Database
from tests.browser.conftest import Site, note, served, settings_on
from tests.browser.pages import PAGES, Seen
from tests.browser.pages_cast import cookie_of, prepare
from tests.browser.pages_named import address_of

NARROW: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 900}
LOOKS = (("fr", False), ("en", True))
STILL_COMING = "[hx-trigger=load], .htmx-request"
SIDEWAYS = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? '' :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(e => e.tagName + '.' + e.className).join(', ') || 'something'"""


@pytest.fixture(scope="module")
def town(story: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One Jalon for all these pages: nobody changes anything in it."""
    folder = tmp_path_factory.mktemp("town")
    path = folder / "jalon.db"
    shutil.copyfile(story, path)
    settings = settings_on(path, folder)
    database = Database(settings.database_url)
    prepare(database)
    database.close()
    yield from served(settings)


Reader = Callable[[str, str, bool], tuple[Page, list[str]]]


@pytest.fixture(scope="module")
def reader(chromium: Browser, town: Site, axe_source: str) -> Iterator[Reader]:
    """A tab in a language and a scheme, in which a person has come in, and what its pages complain of.

    Opened once, and everybody comes in there in turn: a tab for each page, or for each person, took longer than the
    page. Axe waits in every page of it.
    """
    tabs: dict[tuple[str, bool], tuple[Page, list[str]]] = {}

    def open_for(who: str, language: str, dark: bool) -> tuple[Page, list[str]]:
        if (language, dark) not in tabs:
            tabs[language, dark] = open_tab(language, dark)
        page, complaints = tabs[language, dark]
        page.context.clear_cookies()
        if secret := cookie_of(town.database, who, language):
            page.context.add_cookies([{"name": "jalon", "value": secret, "url": town.url}])
        complaints.clear()
        return page, complaints

    def open_tab(language: str, dark: bool) -> tuple[Page, list[str]]:
        context = chromium.new_context(
            base_url=town.url, locale=language, color_scheme="dark" if dark else "light"
        )
        context.add_init_script(axe_source)
        page, complaints = context.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: note(message, complaints))
        return page, complaints

    yield open_for
    for page, _complaints in tabs.values():
        page.context.close()


def test_axe_sees_a_barrier_and_a_page_without(
    chromium: Browser, axe_source: str, find_barriers: Callable[[Page], list[str]]
) -> None:
    page = chromium.new_page()
    page.add_init_script(axe_source)
    for content, barrier in (
        ("<img src='data:,'>", "image-alt"),
        ("<p style='color:#999'>faint", "color-contrast"),
    ):
        page.goto(
            "data:text/html,<!doctype html><html lang=en><title>t</title><main><h1>x</h1>" + quote(content)
        )
        assert [found.split(":")[0] for found in find_barriers(page)] == [barrier]
    page.goto("data:text/html,<!doctype html><html lang=en><title>t</title><main><h1>x</h1></main></html>")
    assert find_barriers(page) == []
    page.close()


SEEN = [
    pytest.param(page, *look, id=f"{page}-{look[0]}", marks=[pytest.mark.drill] if (turn + other) % 2 else [])
    for turn, page in enumerate(PAGES)
    for other, look in enumerate(LOOKS)
]


@pytest.mark.parametrize(("seen", "language", "dark"), SEEN)
def test_no_page_keeps_anybody_out(
    seen: Seen,
    language: str,
    dark: bool,
    town: Site,
    reader: Reader,
    find_barriers: Callable[[Page], list[str]],
) -> None:
    with town.database.reading() as db:
        address = address_of(seen, db)
    page, complaints = reader(seen.who, language, dark)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == (404 if seen.rule == "/nothing/here" else 200)
    assert not page.url.startswith(f"{town.url}/sign-in?"), "had to sign in"
    assert page.locator("html").get_attribute("lang") == language
    expect(page.locator(STILL_COMING)).to_have_count(0)
    barriers, wide = [], ""
    # First at the size the page before was left at: each change of size lays the whole page out anew.
    for size in sorted((WIDE, NARROW), key=lambda size: size != page.viewport_size):
        page.set_viewport_size(size)
        if size == WIDE:
            barriers = find_barriers(page)
        else:
            wide = page.evaluate(SIDEWAYS)
    assert barriers == []
    assert complaints == []
    assert wide == "", f"wider than 360 pixels: {wide}"
