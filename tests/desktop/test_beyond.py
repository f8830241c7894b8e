"""What a browser cannot: papers in folders, files dropped on the window, notices, links from mails, locked doors."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Playwright

from client.drops import page_for
from tests.desktop.acts import choose, go, one_of, typed_into
from tests.desktop.conftest import give_story
from tests.desktop.desk import ROOT, Desk, become, until
from tests.desktop.offscreen import run_offscreen

BELL = ROOT / "tests" / "desktop" / "bell_keeper.py"


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A message bus of its own, on which somebody shows notices and clicks on them."""
    tmp_path = tmp_path_factory.mktemp("bus")
    started = subprocess.run(
        ["dbus-daemon", "--session", "--fork", "--print-address=1", "--print-pid=1", "--nopidfile",
         f"--address=unix:path={tmp_path}/bus"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    address, pid = started.stdout.split()
    keeper = subprocess.Popen(
        [sys.executable, str(BELL), str(tmp_path / "rung")],
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address},
    )
    until((tmp_path / "rung").exists)
    yield address
    keeper.kill()
    keeper.wait()
    os.kill(int(pid), 15)


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, display: str, playwright: Playwright, story: Path, bus: str
) -> Iterator[Desk]:
    """One window for every check of this file: Ada's, on the demonstration, with a browser and a bell beside it."""
    home = tmp_path_factory.mktemp("desk")
    browser = home / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {home}/opened\n')
    browser.chmod(0o755)
    desk = Desk(home, display, playwright, bus=bus)
    desk.environment |= {"BROWSER": str(browser), "JALON_ASK_SECONDS": "1"}
    give_story(desk, story)
    choose(desk, papers=str(home / "papers"), quiet_from="00:00", quiet_until="00:00")
    try:
        become(desk.start("--profile", "demo"), "Ada Laurent")
        yield desk
        assert desk.stop() == 0
        assert "Traceback" not in desk.log
    finally:
        desk.clear_away()


@pytest.fixture
def page(desk: Desk) -> Page:
    """What that window shows, at home again."""
    assert desk.browser is not None
    page = desk.browser.contexts[0].pages[0]
    page.goto(page.evaluate("location.origin") + "/")
    return page


def test_papers_are_saved_where_they_belong_one_by_one_and_together(
    desk: Desk, page: Page, story: Path
) -> None:
    papers = desk.home / "papers"
    campaign = one_of(story, "SELECT public_id FROM campaign WHERE state = 'completed' LIMIT 1")
    page.goto(page.evaluate("location.origin") + f"/campaigns/{campaign}/money")
    # Defect 1: pywebview's own download saves nothing.
    go(page, f"/campaigns/{campaign}/money/chain.csv")
    saved = until(lambda: list(papers.rglob("chain.csv")), what="the file is in its folder")
    assert saved[0].parent.parent.parent == papers, "campaign, kind, file"
    desk.keys("ctrl+shift+s")
    certificates = until(lambda: list(papers.rglob("*.pdf")), what="the papers of the campaign are saved")
    assert all(path.read_bytes().startswith(b"%PDF") for path in until(lambda: complete(papers)))
    assert certificates


def complete(papers: Path) -> list[Path]:
    """The papers, once none of them is empty any more."""
    found = list(papers.rglob("*.pdf"))
    return found if found and all(path.stat().st_size for path in found) else []


def test_a_paper_is_saved_where_its_reader_says(desk: Desk, page: Page, story: Path) -> None:
    choose(desk, papers=str(desk.home / "papers"), asks_where=True, quiet_from="00:00", quiet_until="00:00")
    quote = one_of(story, "SELECT public_id FROM estimate WHERE state = 'approved' LIMIT 1")
    address = page.evaluate("location.origin") + f"/estimates/{quote}/quote.pdf"
    with contextlib.suppress(PlaywrightError):  # the engine's own viewer takes the page's place
        page.goto(address)
    desk.keys("ctrl+s")
    target = desk.home / "mine.pdf"
    until(lambda: desk.windows("Save the paper"), what="the dialog opens")
    # What is typed before the dialog listens is lost: it is typed until the file is there.
    until(
        lambda: typed_into(desk, "Save the paper", target) or target.exists(),
        what="the file is where it was asked for",
    )
    assert until(lambda: target.exists() and target.read_bytes()).startswith(b"%PDF")
    choose(desk, papers=str(desk.home / "papers"), quiet_from="00:00", quiet_until="00:00")


def test_pages_are_drawn_larger_and_smaller_by_the_menu_s_keys(desk: Desk, page: Page) -> None:
    wide = page.evaluate("innerWidth")
    desk.keys("ctrl+equal")
    page.wait_for_function("wide => innerWidth < wide", arg=wide)
    desk.keys("ctrl+minus", "ctrl+minus")
    page.wait_for_function("wide => innerWidth > wide", arg=wide)
    desk.keys("ctrl+0")
    page.wait_for_function("wide => innerWidth === wide", arg=wide)


def test_the_menu_leads_back_and_home(desk: Desk, page: Page) -> None:
    go(page, "/needs")
    page.wait_for_url("**/needs")
    go(page, "/roadmap")
    page.wait_for_url("**/roadmap")
    desk.keys("alt+Left")
    page.wait_for_url("**/needs")
    desk.keys("ctrl+Home")
    page.wait_for_url(lambda url: url.endswith("/"))


def test_a_page_is_kept_as_pdf_and_printed(desk: Desk, page: Page) -> None:
    page.goto(page.evaluate("location.origin") + "/needs")
    desk.keys("ctrl+s")
    kept = until(lambda: [each for each in (desk.home / "papers").glob("*.pdf") if each.stat().st_size])
    assert kept[0].read_bytes().startswith(b"%PDF")
    # Without the program's answer to it, Qt does nothing when a page asks to be printed.
    page.evaluate("setTimeout(() => print(), 0)")
    dialog = until(lambda: desk.windows("^Print$"), what="the system asks on what to print")
    desk.type("windowfocus", "--sync", dialog[-1])
    desk.type("key", "Escape")
    until(lambda: not desk.windows("^Print$"), what="the dialog is gone")


def test_a_dropped_file_lies_in_the_form_that_brings_it_in(tmp_path: Path) -> None:
    backlog, book, bank, other = (
        tmp_path / name for name in ("needs.csv", "needs.xlsx", "bank.xml", "other.xml")
    )
    for file, content in (
        (backlog, "software,title\n"), (book, "PK"), (other, "<a/>"),
        (bank, '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>'),
    ):  # fmt: skip
        file.write_text(content)
    done = run_offscreen("drop_here", str(backlog), str(book), str(bank), home=tmp_path)
    assert done.stdout.splitlines() == [
        "needs.csv at /needs/backlogs/new", "needs.xlsx at /needs/backlogs/new", "bank.xml at /statements",
    ], done.stderr  # fmt: skip
    assert page_for(other) is None


def test_what_begins_to_wait_is_told_once(desk: Desk, page: Page, bus: str) -> None:
    rung = Path(bus.partition("path=")[2].partition(",")[0]).with_name("rung")
    told = desk.own / "demo" / "told.json"
    until(told.exists, what="what waits was read a first time")
    keys = json.loads(told.read_text())
    assert keys, "something waits for the buyer of the story"
    rung.write_text("")
    told.write_text(json.dumps(keys[1:]))  # as if one of them were new
    until(rung.read_text, what="a notice is shown")
    assert len(rung.read_text().splitlines()) == 1
    page.wait_for_url(lambda url: not url.endswith("/"))  # the bell was clicked, and its page opened


def test_a_link_from_a_mail_opens_in_the_window_that_is_there(desk: Desk, page: Page) -> None:
    host = page.evaluate("location.host")
    second = desk.run(f"jalon://{host}/roadmap?next=//evil.example")
    assert second.returncode == 0, second.stderr
    page.wait_for_url("**/roadmap")


def test_the_window_is_locked_to_its_jalon_and_foreign_links_go_to_the_system(desk: Desk, page: Page) -> None:
    host = page.evaluate("location.host")
    for foreign in (
        f"http://{host}@evil.example/",
        "http://127.0.0.1:9/",
        f"https://{host}/",
        "mailto:a@b.example",
    ):
        page.evaluate(
            f"document.body.insertAdjacentHTML('beforeend', '<a id=away href=\"{foreign}\">away</a>')"
        )
        go(page, foreign)
        until(
            lambda foreign=foreign: foreign.split("@")[-1].strip("/") in opened(desk),
            what=f"{foreign} goes outside",
        )
    # Defect 6: a new window would be handed to the system's browser even for pages of ours.
    page.evaluate(
        "() => { const link = document.createElement('a'); link.href = '/needs'; link.target = '_blank';"
        " document.body.append(link); link.click(); }"
    )
    page.wait_for_url("**/needs")
    assert "/needs" not in opened(desk)
    own = next(line for line in sockets_of(desk) if line)
    go(page, f"http://client.localhost:{own}/choices")
    time.sleep(0.5)
    assert "client.localhost" not in page.url, "a page of the server reaches the program's own"
    permission = page.evaluate("navigator.permissions.query({name: 'camera'}).then(state => state.state)")
    assert permission != "granted"


def opened(desk: Desk) -> str:
    """What the system's browser was asked to open."""
    path = desk.home / "opened"
    return path.read_text() if path.exists() else ""


def sockets_of(desk: Desk) -> list[str]:
    """The ports the program listens on, but for the engine's own and the Jalon's."""
    assert desk.process is not None
    shown = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=False).stdout
    return [
        line.split()[3].rpartition(":")[2]
        for line in shown.splitlines()
        if f"pid={desk.process.pid}," in line and not line.split()[3].endswith(f":{desk.port}")
    ]
