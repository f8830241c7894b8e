"""Two chapters at once, each in a window of its own: neither knows who is signed in to the other."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.certificates import vouched_for_by_itself
from tests.desktop.desk import Desk, become, until
from tests.played import Site, served, settings_on


@pytest.fixture
def neighbor(story: Path, tmp_path: Path) -> Iterator[Site]:
    """A second chapter's server. Both have one host here, so that their cookies have one name and one address."""
    folder = tmp_path / "neighbor"
    folder.mkdir()
    shutil.copyfile(story, folder / "server.db")
    yield from served(settings_on(folder / "server.db", folder))


def know(desk: Desk, **servers: str) -> None:
    """Have the program know these servers."""
    folder = desk.home / "config" / "jalon"
    folder.mkdir(parents=True)
    rows = [{"id": name, "kind": "remote", "name": name, "address": url} for name, url in servers.items()]
    (folder / "profiles.json").write_text(json.dumps(rows))


@pytest.mark.drill
def test_two_chapters_are_open_side_by_side_and_keep_to_themselves(
    computer, site: Site, neighbor: Site
) -> None:
    one: Desk = computer()
    know(one, north=site.url, south=neighbor.url)
    other = replace(one)
    try:
        first, second = one.start("--profile", "north"), other.start("--profile", "south")
        become(first, "Ada Laurent")
        second.reload()
        expect(second.get_by_role("link", name="Sign in").first).to_be_visible()
        become(second, "Denis Roche")
        for page, name in ((first, "Ada Laurent"), (second, "Denis Roche"), (first, "Ada Laurent")):
            page.reload()
            expect(page.locator(".who-name")).to_have_text(name)
        assert len(one.windows("north – Jalon")) == len(one.windows("south – Jalon")) == 1

        assert one.stop() == 0
        second.reload()
        expect(second.locator(".who-name")).to_have_text("Denis Roche")
        assert other.stop() == 0
    finally:
        other.clear_away()
    webs = [one.own / name / "web" for name in ("north", "south")]
    assert [cookies_in(web) for web in webs] == [{"jalon"}, {"jalon"}]
    assert {web.stat().st_mode & 0o777 for web in webs} == {0o700}
    assert "Traceback" not in one.log


@pytest.mark.drill
def test_a_server_nobody_vouches_for_is_not_opened_before_its_fingerprint_is_given(
    computer, tmp_path: Path
) -> None:
    desk: Desk = computer(language="fr")
    with vouched_for_by_itself(tmp_path) as (address, fingerprint, asked):
        know(desk, north=address)
        page = desk.start("--profile", "north")
        expect(page.get_by_role("heading", level=1)).to_have_text("north n’a pas été ouvert")
        expect(page.locator("main")).to_contain_text("ajoutez-le de nouveau avec l’empreinte")
        assert asked == []
        page.get_by_role("link", name="Jalons", exact=True).click()
        page.get_by_label("Adresse du serveur").fill(address)
        page.get_by_text("Le serveur a un certificat de sa propre fabrication").click()
        page.get_by_label("Empreinte").fill(fingerprint)
        page.get_by_role("button", name="Ajouter et ouvrir").click()
        desk.browser = None
        until(
            lambda: "/health" in asked and "/" in asked, what="the program began anew, and its window came in"
        )
        assert desk.stop() == 0
    assert "Traceback" not in desk.log


def cookies_in(web: Path) -> set[str]:
    """The session's cookie, in the storage of one profile."""
    [kept] = web.rglob("Cookies")
    database = sqlite3.connect(kept)
    names = {name for (name,) in database.execute("SELECT name FROM cookies WHERE name = 'jalon'")}
    database.close()
    return names
