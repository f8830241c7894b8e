"""What the tests need from the system is found where it is, and named as this system calls it."""

from pathlib import Path

import pytest

from tests import prepare


def program(folder: Path, name: str, status: int = 0) -> Path:
    """A program that does nothing but end with this status."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system on which nothing is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JALON_CHROMIUM", raising=False)
    monkeypatch.setattr(prepare, "MAC", ())
    return tmp_path


def test_the_chromium_without_windows_comes_before_the_whole_one(system: Path) -> None:
    assert prepare.find_chromium() is None
    whole = program(system, "chromium")
    assert prepare.find_chromium() == str(whole)
    light = program(system, "chromium-headless-shell")
    assert prepare.find_chromium() == str(light)


def test_the_one_that_was_named_comes_before_both(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(system, "chromium")
    monkeypatch.setenv("JALON_CHROMIUM", "/opt/mine")
    assert prepare.find_chromium() == "/opt/mine"


@pytest.mark.parametrize(("status", "package"), [(0, "chromium-headless-shell"), (100, "chromium")])
def test_what_is_installed_is_the_light_one_where_the_system_knows_it(
    system: Path, status: int, package: str
) -> None:
    program(system, "apt-cache", status)
    assert prepare.lightest(["chromium", "xvfb"]) == [package, "xvfb"]
