"""Alone on a laptop: the demonstration in its window, from the first page to a clean end."""

import os
import signal
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.desktop.desk import Desk, become, until
from tests.desktop.offscreen import run_offscreen


def test_the_demonstration_opens_is_used_and_ends_cleanly(told: Desk) -> None:
    page = told.start("--profile", "demo")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    become(page, "Ada Laurent")
    page.locator(".rail-links a[href^='/campaigns']").first.click()
    page.locator("main a[href^='/campaigns/']").first.click()
    expect(page.locator("main")).to_contain_text("€")
    # pywebview would hand a bridge, and the key to it, into every page of every origin.
    assert (
        page.evaluate("[typeof window.pywebview, typeof window.qt, typeof window.QWebChannel]")
        == ["undefined"] * 3
    )

    origin = page.evaluate("location.origin")
    assert status_of(f"{origin}/") == 403, "another user of this computer is let in"
    assert status_of(f"{origin}/health") == 200
    assert status_of(f"{origin}/health", Host="jalon.example") == 400

    window = told.windows("Jalon")[-1]
    told.type("windowsize", "--sync", window, "900", "700")
    told.keys("ctrl+equal")
    page.wait_for_function("innerWidth < 900 && innerWidth > 600")
    wide = page.evaluate("innerWidth")

    assert told.stop() == 0
    assert "Traceback" not in told.log
    web = told.own / "demo" / "web"
    assert {each.stat().st_mode & 0o777 for each in (web, web.parent, told.own)} == {0o700}
    check_nothing_is_lost(told)

    page = told.start("--profile", "demo")
    expect(page.locator(".who-name")).to_have_text("Ada Laurent")
    assert page.evaluate("location.origin") == origin, "what a page remembered here would be lost"
    page.wait_for_function(
        "wide => innerWidth === wide", arg=wide
    )  # as large, and drawn as large, as it was left
    assert told.stop(signal.SIGTERM) == 0
    command_lines = [line for line in told.log.splitlines() if "secret" in line.lower()]
    assert command_lines == []


def check_nothing_is_lost(desk: Desk) -> None:
    """The database stands on its own: nothing waits in a journal beside it."""
    database = sqlite3.connect(desk.own / "demo" / "jalon.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    journal = desk.own / "demo" / "jalon.db-wal"
    assert not journal.exists() or journal.stat().st_size == 0


def status_of(address: str, **headers: str) -> int:
    """How a stranger on this computer is answered."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_without_a_screen_or_a_library_one_sentence_says_what_to_do(computer) -> None:
    desk = computer()
    blind = desk.run(DISPLAY="", QT_QPA_PLATFORM="")
    assert blind.returncode == 2
    assert blind.stderr == (
        "There is no screen here (DISPLAY and WAYLAND_DISPLAY are not set): start Jalon from a desktop session.\n"
    )


def test_a_signal_that_comes_while_the_window_is_made_ends_it(tmp_path: Path) -> None:
    """Defect 8: pywebview's own answer to the signal ends a loop that does not run yet, and the program goes on."""
    done = run_offscreen("leave_early", str(tmp_path), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ended\n"


@pytest.mark.drill
def test_whoever_closes_the_window_while_the_story_is_played_does_not_wait_for_its_end(computer) -> None:
    desk: Desk = computer()
    page = desk.start("--profile", "demo")
    expect(page.get_by_role("status")).to_contain_text("is being prepared")
    assert desk.stop() == 0
    database = sqlite3.connect(desk.own / "demo" / "jalon.db")
    assert database.execute("SELECT count(*) FROM organization").fetchone() == (0,), (
        "it was played to its end"
    )
    database.close()


@pytest.mark.drill
def test_a_jalon_that_cannot_be_opened_says_why_on_a_page_of_its_own(told: Desk) -> None:
    database = told.own / "demo" / "jalon.db"
    changed = sqlite3.connect(database)
    changed.execute("UPDATE alembic_version SET version_num = 'from_tomorrow'")
    changed.commit()
    changed.close()
    page = told.start("--profile", "demo")
    expect(page.locator("main")).to_contain_text("made by a later version of Jalon")
    assert told.stop() == 0
    assert "Traceback" not in told.log


@pytest.mark.drill
def test_from_the_chooser_the_program_becomes_the_profile_chosen(told: Desk) -> None:
    page = told.start()
    page.get_by_role("button", name="Open — A demonstration").click()
    assert told.process is not None
    pid = told.process.pid
    told.browser = None
    until(
        lambda: "demo" in Path(f"/proc/{pid}/cmdline").read_text(),
        what="the same process becomes the demonstration",
    )
    page = told.attach()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    os.kill(pid, signal.SIGINT)
    assert told.ended() == 0
