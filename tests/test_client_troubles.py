"""What goes wrong around the open window: nonsense from servers, certificates, full disks. One sentence each time."""

import errno
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app import serving
from app.local import CannotStart, Local
from client import papers, saving
from client.addresses import Origin
from client.notices import Known
from client.opening import Opening
from client.outside import NoAnswer, Outside
from client.papers import Filing
from client.profiles import Kind, Profile, Profiles
from client.troubles import Reach, reach_of, why_not, why_not_here, why_not_kept
from client.words import Words
from tests.certificates import vouched_for_by_itself
from tests.test_client_outside import Shelf

NO_ROOM = OSError(errno.ENOSPC, "No space left on device")


# ---- Servers ----


@contextmanager
def answering(said: bytes) -> Iterator[Outside]:
    """Something that answers every question with these words, whatever was asked."""
    door = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                line, _whence = door.accept()
            except OSError:
                return
            with line:
                line.recv(4096)
                line.sendall(said)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield Outside(Origin("http", "127.0.0.1", door.getsockname()[1]))
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()


def http(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n".encode() + body
    )


@pytest.mark.parametrize(
    ("said", "reach"),
    [
        (b"", Reach.SILENT),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reach.ANOTHER),
        (b"\x00\xff" * 500, Reach.ANOTHER),
        (http(b"<html>It works!</html>"), Reach.ANOTHER),
        (http(b"[]"), Reach.ANOTHER),
        (http(b"7"), Reach.ANOTHER),
        (http(b'"jalon"'), Reach.ANOTHER),
        (http(b'{"jalon": "1"}', "404 Not Found"), Reach.ANOTHER),
        (http(b"", "302 Found", "Location: https://jalon.example/\r\n"), Reach.ANOTHER),
        (http(b"<html>", "503 Service Unavailable"), Reach.SILENT),
        (http(b'{"jalon": "1"}')[:-3], Reach.ANOTHER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", Reach.ANOTHER),
        (http(b'{"jalon": "1"}'), Reach.THERE),
    ],
    ids=range(13),
)
def test_a_server_that_answers_nonsense_is_no_jalon(said: bytes, reach: Reach) -> None:
    with answering(said) as outside:
        assert outside.look() == reach
        assert outside.is_there() is (reach == Reach.THERE)


def test_a_server_that_answers_in_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.outside.SLOWEST", -1)
    with answering(http(b'{"jalon": "1"}')) as outside, pytest.raises(NoAnswer, match="too slow"):
        outside.get("/health")


def test_each_way_not_to_be_reached_has_a_sentence_of_its_own(tmp_path: Path) -> None:
    assert Outside(Origin("https", "a..b", 443)).look() == Reach.SILENT
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert Outside(Origin("http", "127.0.0.1", port)).look() == Reach.SILENT
    with vouched_for_by_itself(tmp_path) as (address, _fingerprint, asked):
        origin = Origin("https", "127.0.0.1", int(address.rpartition(":")[2]))
        assert Outside(origin).look() == Reach.UNKNOWN_CERTIFICATE
        assert Outside(origin, "ab" * 32).look() == Reach.OTHER_CERTIFICATE
        assert asked == []
    for code, reach in ((9, Reach.OLD_CERTIFICATE), (10, Reach.OLD_CERTIFICATE), (62, Reach.NAME_OF_ANOTHER)):
        refused = ssl.SSLCertVerificationError()
        refused.verify_code = code
        assert reach_of(refused) == reach
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as plain:
        assert Outside(Origin("https", "127.0.0.1", plain.origin.port)).look() == Reach.ANOTHER
    said = {
        Words("fr").say(why_not(reach, "https://jalon.example")) for reach in Reach if reach != Reach.THERE
    }
    assert len(said) == len(Reach) - 1


def test_the_page_changes_when_something_else_is_found_at_the_address(tmp_path: Path) -> None:
    profile = Profile("server-1", Kind.REMOTE, "North", "http://127.0.0.1:1")
    opening = Opening(profile, Profiles(tmp_path), tmp_path, str)
    told: list[str] = []
    opening.stage, opening.tell = (
        "lost",
        lambda: told.append(opening.reason.message if opening.reason else ""),
    )
    with answering(b"SSH-2.0\r\n") as outside:
        assert not opening._is_there(outside)
        assert not opening._is_there(outside)
    assert not opening._is_there(outside)
    assert [sentence.split(" ", 2)[:2] for sentence in told] == [["Something", "answers"], ["The", "server"]]


# ---- The disk, and a Jalon of this computer ----


def test_a_full_disk_leaves_no_half_paper_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(OSError, match="No space"):
        papers.save(tmp_path, Filing("Signatures", "Quotes", "D-7"), b"%PDF")
    together = saving.Together(Shelf(), tmp_path)
    assert together.run("0193", lambda *_how_far: True)
    assert together.told(Words("en")).endswith(
        "The disk is full: nothing was saved. Make room, then try again."
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_paper_lies_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived, target = tmp_path / "arrived", tmp_path / "folder" / "quote.pdf"
    target.parent.mkdir()
    target.write_bytes(b"older")
    for room, there in ((False, b"older"), (True, b"newer")):
        arrived.write_bytes(b"newer")
        with monkeypatch.context() as patch:
            if not room:
                patch.setattr(saving.shutil, "copyfile", refuse)
                with pytest.raises(OSError, match="No space"):
                    saving.move_to(arrived, target)
            else:
                saving.move_to(arrived, target)
        assert target.read_bytes() == there
        assert not arrived.exists()
        assert list(target.parent.iterdir()) == [target]


def test_what_was_told_is_known_for_this_run_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known(tmp_path / "told.json")
    with monkeypatch.context() as patch:
        patch.setattr("client.notices.write_whole", refuse)
        known.keep(["one"])
    assert known.read() == ["one"], "it would be told again every minute"
    known.keep(["one", "two"])
    assert Known(tmp_path / "told.json").read() == ["one", "two"]


def refuse(*_facts: object, **_more: object) -> None:
    raise NO_ROOM


def test_a_jalon_that_cannot_be_opened_says_of_which_kind_that_is(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "jalon.db").write_bytes(b"no database " * 1000)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "jalon.db").write_bytes(sqlite_template.read_bytes())
    with closing(sqlite3.connect(tmp_path / "later" / "jalon.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_tomorrow'")
        database.commit()
    (tmp_path / "closed").touch()
    assert [kind_at(tmp_path / name) for name in ("damaged", "later", "closed")] == [
        "damaged",
        "later",
        "closed",
    ]
    for error in (
        NO_ROOM,
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ):
        monkeypatch.setattr(serving, "bring_up_to_date", raising(error))
        assert kind_at(tmp_path / "full") == "full"
    for kind in ("full", "closed", "damaged", "later"):
        sentence = why_not_here(kind, "/home/ada")
        assert sentence is not None
        assert Words("fr").say(sentence) != Words("en").say(sentence)
    assert why_not_here("", "/home/ada") is None


def kind_at(folder: Path) -> str:
    local = Local(folder, demo=False)
    with pytest.raises(CannotStart) as refused:
        local.start()
    local.stop()
    assert "\n" not in str(refused.value)
    return refused.value.kind


def raising(error: Exception) -> object:
    def refuse_all(*_facts: object) -> None:
        raise error

    return refuse_all


def test_a_port_that_is_taken_is_left_to_whoever_has_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Local(tmp_path, demo=False, port=port)._listen() as listening:
            assert listening.getsockname()[1] not in (0, port)


def test_a_file_that_may_not_be_written_is_named() -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", "/root/quote.pdf")
    assert (
        Words("en").say(why_not_kept(refused))
        == "The program may not write /root/quote.pdf: nothing was saved."
    )
    assert (
        Words("fr")
        .say(why_not_kept(OSError(errno.EIO, "Input/output error")))
        .startswith("L’enregistrement a échoué")
    )
