"""The program's own pages without its window: who may come in, choices, papers without the server, both languages."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from client.addresses import AddressRefused
from client.own.door import COOKIE, OwnDoor
from client.own.views import own_pages
from client.papers import Copies, Copy, Filing
from client.preferences import Choices, Preferences
from client.profiles import Kind, Profile
from client.troubles import Reach, why_not, why_not_here
from client.words import Sentence, Words

PAGES = ("/", "/choices", "/opening", "/no-answer", "/papers", "/nowhere")


@dataclass
class Someone:
    """What the pages ask of the program, and what they made it do."""

    folder: Path
    profile: Profile | None = None
    stage: str = ""
    trouble: str = ""
    has_windows: bool = False
    reason: Sentence | None = None
    lost: list[Path] = field(default_factory=list)
    did: list[tuple[str, ...]] = field(default_factory=list)

    def unreadable(self) -> list[Path]:
        return self.lost

    def words(self) -> Words:
        return Words(self.choices().language or "en")

    def choices(self) -> Preferences:
        return Choices(self.folder).read()

    def choose(self, **chosen: Any) -> None:
        Choices(self.folder).change(**chosen)

    def profiles(self) -> list[Profile]:
        server = Profile("server-1", Kind.REMOTE, "Our chapter", "https://jalon.example")
        return [Profile("demo", Kind.DEMO), Profile("local", Kind.LOCAL), server]

    def add(self, name: str, address: str, fingerprint: str) -> Profile:
        if not address.startswith("https:"):
            raise AddressRefused("Write only the address, like https://jalon.example.org.")
        self.did.append(("add", name, address, fingerprint))
        return self.profiles()[-1]

    def remove(self, profile_id: str) -> bool:
        self.did.append(("remove", profile_id))
        return not self.has_windows

    def open(self, profile_id: str) -> None:
        self.did.append(("open", profile_id))

    def go_back(self) -> None:
        self.did.append(("go back",))

    def copies(self) -> list[Copy]:
        return Copies(self.folder).all()

    def papers_folder(self) -> Path:
        return self.folder / "Jalon"

    def choose_papers_folder(self) -> None:
        self.did.append(("choose folder",))

    def keychain_sentence(self) -> str:
        return "This system has no keychain."


@pytest.fixture
def desk(tmp_path: Path) -> Someone:
    return Someone(tmp_path)


@pytest.fixture
def door(desk: Someone) -> Iterator[OwnDoor]:
    door = OwnDoor(own_pages(desk))
    yield door
    door.stop()


@pytest.fixture
def window(door: OwnDoor) -> FlaskClient:
    """The program's own window: it holds the cookie, and names itself when it sends a form."""
    pages: Flask = door.pages
    client = pages.test_client()
    client.set_cookie(COOKIE, door.cookie.split(";")[0].partition("=")[2], domain=door.origin.host)
    pages.config["SERVER_NAME"] = f"{door.origin.host}:{door.origin.port}"
    client.environ_base["HTTP_ORIGIN"] = str(door.origin)
    return client


def test_nobody_comes_in_but_the_window_itself(door: OwnDoor, window: FlaskClient, desk: Someone) -> None:
    assert window.get("/choices").status_code == 200
    assert window.get("/choices", headers={"Host": "jalon.example"}).status_code == 400
    elsewhere = {"Origin": "https://jalon.example"}
    assert window.post("/profiles/demo/opening", headers=elsewhere).status_code == 403
    window.delete_cookie(COOKIE, domain=door.origin.host)
    assert window.get("/choices").status_code == 403
    assert desk.did == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_speaks_the_language_chosen_under_a_policy_without_scripts(
    window: FlaskClient, desk: Someone, language: str
) -> None:
    desk.choose(language=language)
    desk.profile = desk.profiles()[-1]
    for path in PAGES:
        page = window.get(path)
        assert f'<html lang="{language}">' in page.text, path
        assert "default-src 'none'" in page.headers["Content-Security-Policy"], path
        assert ("Préférences" in page.text) is (language == "fr"), path
        assert page.headers["Cache-Control"] == "no-store"


def test_a_server_is_added_opened_and_forgotten(window: FlaskClient, desk: Someone) -> None:
    wrong = window.post("/profiles", data={"address": "jalon", "name": "Mine", "fingerprint": ""})
    assert wrong.status_code == 422
    assert "Write only the address" in wrong.text
    assert 'value="Mine"' in wrong.text
    right = {"address": "https://jalon.example", "name": "Mine", "fingerprint": "ab"}
    assert window.post("/profiles", data=right).location == "/opening"
    asked = window.get("/profiles/server-1/removal").text
    assert "Forget Our chapter?" in asked
    assert "https://jalon.example" in asked
    assert desk.did[2:] == [], "nothing is forgotten before it is asked"
    assert window.get("/profiles/demo/removal").status_code == 404
    window.post("/profiles/server-1/removal")
    desk.has_windows = True
    assert "A window of this server is open." in window.post("/profiles/server-1/removal").text
    assert window.post("/profiles/server-9/opening").status_code == 404
    assert desk.did == [
        ("add", "Mine", "https://jalon.example", "ab"),
        ("open", "server-1"),
        ("remove", "server-1"),
        ("remove", "server-1"),
    ]


def test_choices_are_kept_and_hours_that_are_none_are_refused(window: FlaskClient, desk: Someone) -> None:
    hours = {"quiet_from": "20:00", "quiet_until": "07:30"}
    assert window.post("/choices", data={"language": "fr", "asks_where": "yes", **hours}).status_code == 303
    kept = desk.choices()
    assert (kept.language, kept.asks_where, kept.notices) == ("fr", True, False)
    assert (kept.quiet_from, kept.quiet_until) == ("20:00", "07:30")
    refused = window.post("/choices", data={**hours, "quiet_until": "late"})
    assert refused.status_code == 422
    assert desk.choices() == kept
    window.post("/language", data={"language": "en"})
    assert desk.choices().language == "en"
    window.post("/choices/papers")
    assert desk.did == [("choose folder",)]


def test_without_the_server_papers_opened_lately_are_read_and_it_is_tried_again(
    window: FlaskClient, desk: Someone
) -> None:
    desk.profile = desk.profiles()[-1]
    at = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001  (as the computer's clock shows it)
    kept = Copies(desk.folder).keep(Filing("Signatures", "Quotes", "D-7", "devis.pdf"), b"%PDF one", at=at)
    page = window.get("/no-answer").text
    assert "Our chapter does not answer" in page
    assert "D-7 devis.pdf" in page
    assert "Signatures" in page
    assert "22 November 2026, 09:30" in page
    paper = window.get(f"/papers/{kept.id}")
    assert (paper.mimetype, paper.data) == ("application/pdf", b"%PDF one")
    paper.close()
    assert window.get("/papers/..").status_code == 404
    assert window.post("/again").location == "/opening"
    assert desk.did == [("go back",)]
    desk.trouble = "The folder cannot be used."
    assert desk.trouble in window.get("/no-answer").text


def test_what_is_wrong_is_said_in_the_language_chosen(window: FlaskClient, desk: Someone) -> None:
    desk.trouble, desk.reason = "database disk image is malformed", why_not_here("damaged", "/home/ada/jalon")
    page = window.get("/no-answer").text
    assert "The file of this Jalon is damaged." in page
    assert desk.trouble not in page
    desk.choose(language="fr")
    assert "Le fichier de ce Jalon est abîmé." in window.get("/no-answer").text
    desk.profile = desk.profiles()[-1]
    desk.trouble, desk.reason = "", why_not(Reach.OTHER_CERTIFICATE, "https://jalon.example")
    page = window.get("/no-answer").text
    assert "Our chapter n’a pas été ouvert" in page
    assert "Le certificat de https://jalon.example n’est pas celui" in page
    desk.lost = [desk.folder / "profiles.json"]
    assert f"conservés dans {desk.folder}/profiles.json." in window.get("/").text


def test_what_cannot_be_kept_is_said_on_a_page(
    window: FlaskClient, desk: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_facts: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(desk, "add", refuse)
    answer = window.post("/profiles", data={"address": "https://jalon.example"})
    assert answer.status_code == 507
    assert "The disk is full: nothing was saved." in answer.text


def test_the_opening_says_what_is_waited_for(window: FlaskClient, desk: Someone) -> None:
    said = set()
    for stage in ("tables", "story", "pages"):
        desk.stage = stage
        said.add(window.get("/opening").text)
    assert len(said) == 3
