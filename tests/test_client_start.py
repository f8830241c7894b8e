"""The desktop program where it cannot start as it should: one sentence each time, status 2, and nothing is lost."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from multiprocessing.connection import Listener
from pathlib import Path

import pytest

from client import main as start
from client import readiness
from client.addresses import AddressRefused
from client.folders import Folders, private
from client.only_one import OnlyOne
from client.profiles import DEMO, LOCAL, Kind, Profile, Profiles
from client.program import Program
from client.words import Words

ROOT = Path(__file__).resolve().parents[1]


# ---- The start ----


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(start, "what_is_missing", lambda: None)
    monkeypatch.setattr(start, "prepare_engine", lambda: None)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    return tmp_path


def left_with(*words: str) -> object:
    with pytest.raises(SystemExit) as left:
        start.main(words)
    return left.value.code


def test_without_a_screen_it_is_said_in_the_computer_s_language() -> None:
    unset = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "client"], cwd=ROOT, env={**environment, "LC_ALL": "fr_FR.UTF-8"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "Il n’y a pas d’écran ici (DISPLAY et WAYLAND_DISPLAY ne sont pas définis)\u202f: lancez Jalon depuis une"
        " session de bureau.\n"
    )


def test_a_screen_that_is_gone_is_noticed_before_the_engine_aborts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":9876")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setattr(readiness, "is_installed", lambda _name: True)
    assert readiness.has_screen()
    missing = readiness.what_is_missing()
    assert missing is not None
    assert "The screen :9876 does not answer" in Words("en").say(missing)
    with socket.socket(socket.AF_UNIX) as screen:
        screen.bind(str(tmp_path / "wayland-0"))
        screen.listen()
        assert readiness.screen_answers()


def test_the_installed_command_is_this_program() -> None:
    [installed] = entry_points(group="gui_scripts", name="jalon-desktop")
    assert installed.load() is start.main


def test_a_program_that_is_open_and_does_not_answer_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("client.only_one.OnlyOne.take", lambda _self: False)
    monkeypatch.setattr("client.only_one.OnlyOne.tell", lambda _self, _message: False)
    assert left_with("--profile", "demo") == 2
    assert (
        capsys.readouterr().err
        == "Ce Jalon est déjà ouvert, mais ne répond pas. Fermez-le, puis relancez-le.\n"
    )


def test_a_first_one_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.only_one.PATIENCE", 0.05)
    first, second = OnlyOne(tmp_path), OnlyOne(tmp_path)
    assert first.take()
    with Listener(first._address):  # takes lines, and answers none
        assert not second.take()
        assert not second.tell("/needs")
    first.leave()


def test_a_server_lost_before_its_window_was_there_is_told_when_it_is(tmp_path: Path) -> None:
    folders = Folders(*(private(tmp_path / name) for name in ("config", "desktop", "cache", "papers")))
    gone = Profile("server-1", Kind.REMOTE, "North", "http://127.0.0.1:9")
    program = Program(folders, gone, OnlyOne(tmp_path))
    assert program._opening is not None
    assert program._waiting_page() == "/opening"
    program._opening.stage = "lost"
    assert program._waiting_page() == "/no-answer"
    program._door.stop()


def test_the_program_of_another_profile_inherits_no_door_and_finds_none_closed_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thread of the engine found its door closed from behind, once in twenty-five times, and all ended with it."""
    begun: list[tuple[list[str], bool]] = []
    with socket.socket() as door:
        door.set_inheritable(True)
        monkeypatch.setattr(os, "execv", lambda _path, line: begun.append((line, door.get_inheritable())))
        start.begin_anew("server-1")
        assert begun == [(start.command("server-1"), False)]
        assert door.fileno() > 0


def test_a_folder_that_cannot_be_used_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "file"))
    assert left_with() == 2
    assert capsys.readouterr().err == "L’enregistrement a échoué (Not a directory).\n"


def test_a_disk_without_room_is_told_before_the_engine_is_torn_down(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chromium maps its files into memory: on a full disk the system ended the program with a bus error."""
    monkeypatch.setattr("client.folders.LEAST_ROOM", 2**80)
    assert left_with("--profile", "demo") == 2
    assert capsys.readouterr().err == (
        f"Il ne reste presque plus de place sur le disque de {home}/jalon. Faites de la place, puis relancez Jalon.\n"
    )


# ---- The list of servers ----

ONE = '{"id": "server-1", "kind": "remote", "name": "North", "address": "https://north.example"}'


@pytest.mark.parametrize(
    "text",
    ["", "{", "5", '{"id": 1}', "\ud800", "[" * 100_000, f"[{ONE}, 7]", f'[{ONE}, {{"id": 5, "kind": "remote"}}]',
     f'[{ONE}, {{"id": "x", "kind": "moon"}}]', f'[{ONE}, {{"id": "x", "kind": "remote", "port": "https"}}]',
     f'[{ONE}, {{"id": "x", "kind": "remote", "name": null}}]',
     f'[{ONE}, {{"id": "x", "kind": "remote", "color": 1}}]'],
    ids=range(12),
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_never_lost(tmp_path: Path, text: str) -> None:
    written = text.encode("utf-8", "surrogatepass")
    (tmp_path / "profiles.json").write_bytes(written)
    profiles = Profiles(tmp_path)
    names = ["North"] if ONE in text else []
    assert [each.name for each in profiles.all()] == ["", "", *names]
    assert profiles.unreadable() == [tmp_path / "profiles.json"]
    profiles.add("South", "https://south.example")
    assert [each.name for each in profiles.all()] == ["", "", *names, "South"]
    [aside] = profiles.unreadable()
    assert aside != tmp_path / "profiles.json"
    assert aside.read_bytes() == written
    assert aside.stat().st_mode & 0o077 == 0


def test_a_list_that_is_missing_or_whole_is_not_put_aside(tmp_path: Path) -> None:
    profiles = Profiles(tmp_path)
    assert profiles.all() == [DEMO, LOCAL]
    profiles.add("North", "https://north.example")
    profiles.keep_port("demo", 8421)
    assert profiles.unreadable() == []


def test_a_server_in_the_list_takes_the_fingerprint_of_its_new_certificate(tmp_path: Path) -> None:
    profiles = Profiles(tmp_path)
    before = profiles.add("North", "https://north.example", "ab" * 32)
    for fingerprint in ("", "AB:" * 31 + "AB"):
        with pytest.raises(AddressRefused, match="in your list already"):
            profiles.add("", "https://north.example", fingerprint)
    after = profiles.add("", "https://north.example", "cd" * 32)
    assert profiles.all()[2:] == [after] == [replace(before, fingerprint="cd" * 32)]


def test_whoever_names_a_lost_server_is_told_where_the_list_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "jalon").mkdir()
    (home / "jalon" / "profiles.json").write_text("{")
    assert left_with("--profile", "server-1") == 2
    assert capsys.readouterr().err.splitlines() == [
        "Aucun Jalon ne s’appelle server-1 ici. Il y a\u202f: demo, local.",
        f"Certains de vos serveurs n’ont pas pu être lus. Ils sont conservés dans {home}/jalon/profiles.json.",
    ]
