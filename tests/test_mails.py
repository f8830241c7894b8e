"""Mails on their way out: complete in both languages, to a folder or a server, once, with no way to add a header."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from jinja2 import meta
from pydantic import SecretStr

from app.kit.settings import Settings
from app.notices import letters, post
from app.notices.about import ABOUT

NAMES = sorted(path.stem for path in (letters.MAILS / "en").glob("*.txt"))
INVITATION: dict[str, Any] = {
    "to": "ada@example.org", "template": "invitation", "language": "fr",
    "facts": {
        "link": "http://localhost/invitations/secret", "name": "Ada Laurent", "organization": "Banque Lumen",
        "invited_by": "Karim Haddad", "until": "2026-12-03T09:00:00+00:00",
    },
}  # fmt: skip


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    """Settings without a database: delivering needs none."""
    return Settings(
        database_url="sqlite:///nowhere.db", secret_key=SecretStr("x" * 40), folder=tmp_path,
        base_url="https://jalon.example", mail_url=SecretStr((tmp_path / "mails").as_uri()),
        mail_from="jalon@jalon.example", heads_file=tmp_path / "heads.txt",
    )  # fmt: skip


def placeholders(language: str, name: str) -> set[str]:
    """The facts a mail needs."""
    text = (letters.MAILS / language / f"{name}.txt").read_text(encoding="utf-8")
    return meta.find_undeclared_variables(letters.environment().parse(text))


def test_every_mail_is_there_in_french_and_english_and_for_a_thing_that_is_told() -> None:
    assert sorted(path.stem for path in (letters.MAILS / "fr").glob("*.txt")) == NAMES
    of_people = {"_foot", "invitation", "new_password", "password_changed"}
    assert {name.partition("_")[0] for name in NAMES if name not in of_people} == set(ABOUT)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_of_a_mail_say_the_same_facts(name: str) -> None:
    assert placeholders("fr", name) == placeholders("en", name)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_mail_has_a_subject_and_plain_words(name: str, language: str) -> None:
    text = (letters.MAILS / language / f"{name}.txt").read_text(encoding="utf-8")
    assert text.split("\n")[0].strip()
    assert "!" not in text
    if language == "fr":
        assert not [
            line for line in text.split("\n") if " ;" in line or " ?" in line or "« " in line or " »" in line
        ]


def test_a_mail_becomes_a_file_in_its_readers_language_and_a_second_time_stays_one(plain: Settings) -> None:
    for _ in range(2):
        post.deliver(plain, INVITATION, key="mail:invitation:7")
    (path,) = list((plain.folder / "mails").iterdir())
    assert path.name.startswith("mail-invitation-7-")
    assert path.name.endswith(".eml")
    assert path.stat().st_mode & 0o077 == 0
    mail = read(path.read_bytes())
    assert mail["Subject"] == "Karim Haddad vous invite à agir pour Banque Lumen"
    assert mail["To"] == "Ada Laurent <ada@example.org>"
    assert mail["Content-Language"] == "fr"
    assert "http://localhost/invitations/secret" in mail.get_content()
    assert "3 décembre 2026, 10:00 (heure\u202f: Paris)" in mail.get_content()


def test_an_hour_in_a_mail_is_the_operators_and_says_so(plain: Settings) -> None:
    said = {
        (language, zone): read(
            post.written(plain, INVITATION | {"language": language, "zone": zone}, key="a").as_bytes()
        ).get_content()
        for language, zone in (("fr", "Indian/Reunion"), ("en", "America/New_York"), ("en", "UTC"))
    }
    assert "3 décembre 2026, 13:00 (heure\u202f: La Réunion)" in said["fr", "Indian/Reunion"]
    assert "3 December 2026, 04:00 (New York time)" in said["en", "America/New_York"]
    assert "3 December 2026, 09:00 (UTC time)" in said["en", "UTC"]


def read(content: bytes) -> EmailMessage:
    """The message in a file or on the wire."""
    return cast(EmailMessage, message_from_bytes(content, policy=modern))


def test_the_same_key_gives_the_same_message_id_and_another_key_another(plain: Settings) -> None:
    first, again, other = (post.written(plain, INVITATION, key=key)["Message-ID"] for key in ("a", "a", "b"))
    assert first == again != other
    assert first.endswith("@jalon.example>")


def test_no_fact_adds_a_header(plain: Settings) -> None:
    wicked = "Banque\r\nBcc: everybody@example.org\r\n\r\nHello"
    facts = INVITATION["facts"] | {"organization": wicked, "invited_by": wicked, "name": wicked}
    mail = read(post.written(plain, INVITATION | {"facts": facts}, key="a").as_bytes())
    assert mail["Bcc"] is None
    assert set(mail.keys()) == set(read(post.written(plain, INVITATION, key="a").as_bytes()).keys())
    with pytest.raises(ValueError):
        post.written(plain, INVITATION | {"to": "ada@example.org\r\nBcc: everybody@example.org"}, key="a")


def test_a_missing_fact_is_an_error_and_not_a_gap(plain: Settings) -> None:
    facts = {name: fact for name, fact in INVITATION["facts"].items() if name != "link"}
    with pytest.raises(Exception, match="link"):
        post.written(plain, INVITATION | {"facts": facts}, key="a")


class Server(socketserver.StreamRequestHandler):
    """A mail server just large enough; `offers` are its extensions."""

    taken: list[bytes]
    offers: tuple[bytes, ...] = ()

    def handle(self) -> None:
        """Speak SMTP."""
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line.strip().upper()[:4]
            if verb == b"EHLO":
                self.wfile.writelines(b"250-" + offer + b"\r\n" for offer in self.offers)
                self.wfile.write(b"250 here\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.wfile.write(b"250 kept\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """A mail server on this machine: its address, and what it took in."""
    taken: list[bytes] = []
    handler = type("Handler", (Server,), {"taken": taken})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_address[1]}", taken
        listening.shutdown()
        thread.join()


def test_a_mail_goes_to_a_mail_server(plain: Settings, server: tuple[str, list[bytes]]) -> None:
    address, taken = server
    settings = replaced(plain, f"smtp://{address}")
    post.deliver(settings, INVITATION, key="mail:invitation:7")
    mail = read(taken[0])
    assert mail["To"] == "Ada Laurent <ada@example.org>"
    assert mail["Message-ID"] == post.written(plain, INVITATION, key="mail:invitation:7")["Message-ID"]


def test_a_mail_server_that_is_silent_is_an_error_the_outbox_keeps(plain: Settings) -> None:
    with pytest.raises(OSError):
        post.deliver(replaced(plain, "smtp://127.0.0.1:9"), INVITATION, key="a")


def test_no_password_goes_to_a_mail_server_in_the_clear(
    plain: Settings, server: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LOCAL_HOSTS", ())
    address, taken = server
    with pytest.raises(post.NotSafe):
        post.deliver(replaced(plain, f"smtp://jalon:secret@{address}"), INVITATION, key="a")
    assert not taken


def replaced(settings: Settings, mail_url: str) -> Settings:
    """The settings with another place for mails."""
    from dataclasses import replace

    return replace(settings, mail_url=SecretStr(mail_url))


def test_every_address_in_a_mail_is_a_page(app: Flask) -> None:
    found = app.url_map.bind("localhost")
    for path in (
        "/organizations/x", "/needs/x", "/roadmap/x", "/estimates/x", "/campaigns/x", "/pledges/x", "/calls/x",
        "/deliveries/x", "/deliveries/x/dispute", "/payouts/x", "/payouts", "/password/forgotten",
    ):  # fmt: skip
        assert found.match(path, method="GET"), path
