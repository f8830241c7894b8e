"""The folder that needs no Python: built here, trimmed, put into the menu, and started to its first page."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.desktop.acts import choose, go, one_of
from tests.desktop.conftest import give_story
from tests.desktop.desk import ROOT, Desk, become, until

pytestmark = [pytest.mark.drill]
LARGEST = 520_000_000  # bytes; untrimmed it is a quarter more


@pytest.fixture(scope="module")
def bundle() -> Path:
    """The bundle, built as packaging/README.md says; JALON_BUNDLE names one that was built before."""
    if given := os.environ.get("JALON_BUNDLE"):
        return Path(given)
    built = subprocess.run(
        [sys.executable, "packaging/build.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr[-4000:]
    print(built.stdout)
    return ROOT / "dist" / "jalon-desktop"


def test_the_bundle_opens_draws_papers_takes_links_and_ends_cleanly(
    computer, story: Path, bundle: Path
) -> None:
    assert (
        sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file() and not path.is_symlink())
        < LARGEST
    )
    # Nothing but what it brings along: no Python is found by its name.
    desk: Desk = computer(program=(str(bundle / "jalon-desktop"),), environment={"PATH": "/nowhere"})
    give_story(desk, story)
    papers = desk.home / "papers"
    choose(desk, papers=str(papers))
    began = time.monotonic()
    page = desk.start("--profile", "demo")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    print(f"to its first page: {time.monotonic() - began:.1f} s")
    become(page, "Ada Laurent")
    campaign = one_of(story, "SELECT public_id FROM campaign WHERE state = 'completed' LIMIT 1")
    page.goto(page.evaluate("location.origin") + f"/campaigns/{campaign}/money")
    go(page, f"/campaigns/{campaign}/money/chain.csv")
    desk.keys("ctrl+shift+s")
    saved = until(
        lambda: [each for each in papers.rglob("*.pdf") if each.stat().st_size], what="papers are drawn"
    )
    assert saved[0].read_bytes().startswith(b"%PDF")
    host = page.evaluate("location.host")
    assert desk.run(f"jalon://{host}/roadmap").returncode == 0
    page.wait_for_url("**/roadmap")
    assert desk.stop() == 0
    assert "Traceback" not in desk.log


def test_the_bundle_puts_itself_into_the_menu_and_opens_links(bundle: Path, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share"), "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", str(bundle / "install.sh")], env=environment, check=True)
    entry = (tmp_path / "share/applications/jalon.desktop").read_text()
    assert f'Exec="{bundle}/jalon-desktop" %u' in entry
    assert "MimeType=x-scheme-handler/jalon;" in entry
    assert (tmp_path / "share/icons/hicolor/scalable/apps/jalon.svg").exists()
