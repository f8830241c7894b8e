"""The keychain a Linux desktop really has: the SecretService that gnome-keyring gives, on a message bus of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.desk import ROOT

KEEPER = "gnome-keyring-daemon"
ACTS = ("keep", "read", "forget", "keep", "lock", "read")


def in_a_session(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run this where somebody is signed in to a desktop: a bus, and folders of their own."""
    home.mkdir(mode=0o700)
    folders = {name: str(home) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    return subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script], cwd=ROOT,
        env={**environment, **folders, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_a_token_lies_in_the_keychain_of_the_system_from_one_run_to_the_next(tmp_path: Path) -> None:
    if shutil.which(KEEPER) is None:
        pytest.fail("No gnome-keyring here: install it (Debian: apt install gnome-keyring).")
    opened = f"printf secret | {KEEPER} --unlock --components=secrets >/dev/null"
    runs = " && ".join(f'"{sys.executable}" -P -m tests.desktop.keychain_user {act}' for act in ACTS)
    done = in_a_session(f"{opened} && {runs}", tmp_path / "home")
    assert done.stdout.splitlines() == [
        "keep 'a token of one device' True",
        "read 'a token of one device' True",
        "forget '' True",
        "keep 'a token of one device' True",
        "lock '' False",  # nobody is there who would open it again: this run only, and it is said
        "read '' False",
    ], done.stderr
    # It lies nowhere as it is: what the keychain writes is encrypted, and the program writes no file.
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    assert not any(b"a token of one device" in path.read_bytes() for path in files)
