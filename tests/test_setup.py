"""From a bare machine to a running Jalon: the door, the settings, the migrations."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from app import commands
from app.kit import migrate
from app.kit.db import Database
from app.kit.environment import Environment
from app.kit.settings import SettingRefused, read_settings

ROOT = Path(__file__).resolve().parents[1]
NAMES = tuple(Environment.model_fields)
A_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which nothing about Jalon has been set."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return monkeypatch


def test_a_newcomer_gets_a_demo_in_a_folder_of_their_own(bare, tmp_path):
    settings = read_settings()
    assert settings.demo
    assert settings.database_url == f"sqlite:///{tmp_path}/jalon/jalon.db"
    assert settings.mail_url.get_secret_value() == f"file://{tmp_path}/jalon/mails"
    assert settings.rails == ("sandbox",)


def test_the_demo_keeps_its_secret_in_a_file_for_its_user_alone(bare, tmp_path):
    first = read_settings().secret_key
    assert read_settings().secret_key == first
    assert len(first.get_secret_value()) >= 32
    path = tmp_path / "jalon" / "secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_no_secret_is_printed_with_the_settings(bare):
    bare.setenv("SECRET_KEY", A_SECRET)
    bare.setenv("DATABASE_URL", "postgresql://someone:hush@host/jalon")
    bare.setenv("MAIL_URL", "smtp://someone:quiet@host:25")
    printed = repr(read_settings())
    assert not any(word in printed for word in (A_SECRET, "hush", "quiet"))


@pytest.mark.parametrize("given", ["postgres://u@h/n", "postgresql://u@h/n", "postgresql+psycopg://u@h/n"])
def test_every_spelling_of_postgresql_leads_to_one_driver(bare, given):
    bare.setenv("DATABASE_URL", given)
    bare.setenv("SECRET_KEY", A_SECRET)
    assert read_settings().database_url == "postgresql+psycopg://u@h/n"


def test_a_real_jalon_is_no_demo(bare):
    bare.setenv("SECRET_KEY", A_SECRET)
    assert not read_settings().demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY", "change-me-please-0123456789-abcdefghij"),
        ("PORT", "many"),
        ("PORT", "70000"),
        ("JALON_DEMO", "perhaps"),
        ("JALON_BASE_URL", "jalon.example.org"),
        ("JALON_BASE_URL", "http://jalon.example.org"),
        ("JALON_BASE_URL", "https://jalon.example.org/somewhere"),
        ("JALON_RAILS", ","),
        ("JALON_RAILS", "Sandbox; stripe"),
        ("MAIL_URL", "mails"),
        ("MAIL_URL", "smtp://host:port"),
        ("JALON_MAIL_FROM", "jalon"),
        ("JALON_MAIL_FROM", "jalon@example.org\nBcc: someone@example.org"),
        ("ARGON2_MEMORY_KIB", "1"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence_that_names_it(bare, name, value):
    bare.setenv("SECRET_KEY", A_SECRET)
    bare.setenv(name, value)
    with pytest.raises(SettingRefused) as refused:
        read_settings()
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in Environment.model_fields if f"`{name}`" not in readme] == []


def test_outside_a_demo_the_secret_must_be_given(bare):
    bare.setenv("JALON_DEMO", "0")
    with pytest.raises(SettingRefused, match="SECRET_KEY is missing"):
        read_settings()


def test_a_demo_never_meets_real_money(bare):
    bare.setenv("JALON_RAILS", "sandbox,stripe")
    with pytest.raises(SettingRefused, match="JALON_RAILS names a rail that moves real money"):
        read_settings()


def test_a_refused_setting_ends_the_command_with_status_2(bare, capsys):
    bare.setenv("PORT", "many")
    with pytest.raises(SystemExit) as left:
        commands.main(["migrate"])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("PORT is wrong")


@pytest.mark.parametrize("word", commands.WORDS)
def test_every_command_has_its_help(word, capsys):
    with pytest.raises(SystemExit) as left:
        commands.main([word, "--help"])
    assert left.value.code == 0
    assert f"usage: jalon {word}" in capsys.readouterr().out


def test_help_says_in_a_line_what_each_command_gains(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        commands.main(["--help"])
    printed = capsys.readouterr().out
    lines = {line.strip() for line in printed.splitlines()}
    for name, word in commands.WORDS.items():
        assert lines & {f"{name:<13}{word.help}", word.help}, name


def test_on_sqlite_the_worker_says_where_it_runs_and_stops(bare, capsys):
    with pytest.raises(SystemExit) as left:
        commands.main(["worker"])
    assert left.value.code == 0
    assert "runs inside `jalon serve`" in capsys.readouterr().out


def test_serving_a_database_that_was_not_migrated_is_refused(bare, capsys, monkeypatch):
    monkeypatch.setattr(migrate, "pending", lambda _connection: True)
    with pytest.raises(SystemExit) as left:
        commands.main(["serve"])
    assert left.value.code == 2
    assert "run `jalon migrate` first" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_one_sentence(bare, capsys, tmp_path):
    bare.setenv("DATABASE_URL", f"postgresql://nobody@/nothing?host={tmp_path}")
    bare.setenv("SECRET_KEY", A_SECRET)
    with pytest.raises(SystemExit) as left:
        commands.main(["migrate"])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("DATABASE_URL names a database that does not answer")


def test_a_sqlite_file_that_holds_something_is_copied_before_it_is_migrated(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/jalon.db"
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE before (word TEXT)"))
        connection.execute(text("INSERT INTO before VALUES ('kept')"))
    monkeypatch.setattr(migrate, "pending", lambda _connection: True)
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: None)
    copy = migrate.upgrade(url)
    database.close()
    assert copy is not None
    assert copy.stat().st_mode & 0o077 == 0
    kept = Database(f"sqlite:///{copy}")
    with kept.engine.connect() as connection:
        assert connection.execute(text("SELECT word FROM before")).scalar() == "kept"
    kept.close()


def test_a_row_that_points_at_nothing_after_a_migration_is_refused(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/jalon.db"
    with migrate.connected(url) as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent INTEGER REFERENCES parent(id))"))
        connection.execute(text("INSERT INTO child VALUES (7)"))
        connection.commit()
    monkeypatch.setattr(migrate, "pending", lambda _connection: True)
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: None)
    with pytest.raises(migrate.MigrationRefused, match="rows of child point at rows that are not there"):
        migrate.upgrade(url)


def test_a_database_of_a_later_version_is_refused(own_database_url):
    with migrate.connected(own_database_url) as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        )
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('from_tomorrow')"))
        connection.commit()
    with pytest.raises(migrate.MigrationRefused, match="later version of Jalon"):
        migrate.upgrade(own_database_url)


@pytest.mark.slow
def test_migrating_twice_changes_nothing(database_url):
    assert migrate.upgrade(database_url) is None
    assert migrate.is_up_to_date(database_url)


def test_the_commands_begin_without_loading_the_product():
    loaded = (
        "import sys, app.commands; print([m for m in ('flask', 'sqlmodel', 'alembic') if m in sys.modules])"
    )
    began = time.monotonic()
    printed = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_the_lock_names_hashes_and_no_registry(lock):
    lines = (ROOT / lock).read_text().splitlines()
    assert "--hash=sha256:" in "".join(lines)
    assert not any("://" in line or line.startswith("--") for line in lines)


def test_what_the_tests_need_stays_out_of_the_plain_installation():
    assert "pytest==" not in (ROOT / "requirements.lock").read_text()
    plain = set((ROOT / "requirements.lock").read_text().split())
    assert plain <= set((ROOT / "requirements-test.lock").read_text().split())


def test_the_door_finds_no_python_and_says_so(tmp_path):
    for name in ("dirname", "cat", "cksum", "sh"):
        found = next(Path(place) / name for place in ("/bin", "/usr/bin") if (Path(place) / name).exists())
        (tmp_path / name).symlink_to(found)
    copied = tmp_path / "clone"
    copied.mkdir()
    (copied / "run").write_bytes((ROOT / "run").read_bytes())
    (copied / "run").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", copied / "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Jalon needs Python 3.11 or later" in done.stderr


@pytest.fixture
def door(tmp_path):
    """A copy of the door before an environment whose Python only says what it was asked."""
    copied = tmp_path / "jalon"
    python = copied / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "kept: ${PYTHONDONTWRITEBYTECODE-yes}, asked: $*"\n')
    python.chmod(0o755)
    for name in ("run", "requirements.lock", "requirements-desktop.lock", "pyproject.toml"):
        (copied / name).write_bytes((ROOT / name).read_bytes())
    return copied / "run"


def opened_with(door: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The door, as somebody uses it."""
    surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        ["/bin/sh", door, *words], env=surroundings, capture_output=True, text=True, check=True
    )


def test_the_door_lets_python_keep_what_it_compiled(door):
    """Some computers tell Python not to; each start would then compile all of Jalon again."""
    assert opened_with(door, "--version").stdout.splitlines()[-1] == "kept: yes, asked: -P -m app --version"


def test_the_first_start_of_the_window_says_what_it_fetches_and_the_next_one_fetches_nothing(door):
    first = opened_with(door, "desktop", "--profile", "demo")
    assert (
        "Installing the desktop program with its engine (250 MB, about a minute) …\nInstalled.\n"
        in first.stderr
    )
    assert "requirements-desktop.lock" in first.stdout
    assert first.stdout.splitlines()[-1] == "kept: yes, asked: -P -m client --profile demo"
    second = opened_with(door, "desktop")
    assert second.stderr == ""
    assert second.stdout.splitlines() == ["kept: yes, asked: -P -m client"]


def test_a_wsgi_server_with_many_processes_refuses_sqlite(bare):
    done = subprocess.run(
        [sys.executable, "-c", "import app; app.create_app()"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "", "SECRET_KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert done.stderr.startswith("DATABASE_URL names SQLite")
