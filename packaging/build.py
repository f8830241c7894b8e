"""Builds the desktop program as a folder that needs no Python (`python packaging/build.py`), and trims it.

Needs PyInstaller beside what `./run desktop` installs, and is run on the system it builds for.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
# Parts of Qt that no page and no window of ours asks for: screens without a desktop, keys drawn on glass, tools.
UNUSED = (
    "qml", "libqeglfs*", "libqlinuxfb*", "libqvkkhrdisplay*", "libqvnc*", "egldeviceintegrations", "libQt6Egl*",
    "*virtualkeyboard*", "libQt6VirtualKeyboard*", "libqgtk3*", "libqtuiotouch*", "libqevdev*",
    "qtwebengine_devtools_resources.pak",
)  # fmt: skip
# Libraries that stood beside the program for the sake of one of those alone.
BESIDE = ("libgtk-3*", "libgdk-3*", "libgdk_pixbuf*", "libatk*", "libcairo*", "libpango*", "libepoxy*")
SPOKEN = ("en-US.pak", "en-GB.pak", "fr.pak")
# Of the two hundred languages in which numbers and days could be written, those Jalon speaks.
WRITTEN = ("root.dat", "en.dat", "en_001.dat", "en_150.dat", "en_IE.dat", "en_GB.dat", "fr.dat", "fr_FR.dat")


def main() -> None:
    """Build, trim, and say how large it is."""
    spec = ROOT / "packaging" / "jalon.spec"
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--distpath", str(DIST),
         "--workpath", str(ROOT / "build"), str(spec)],
        cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    folder = DIST / "jalon-desktop"
    before = size_of(folder)
    trim(folder)
    for name in ("jalon.desktop", "install.sh"):
        shutil.copy(ROOT / "packaging" / name, folder / name)
    shutil.copy(ROOT / "client" / "jalon.svg", folder / "jalon.svg")
    print(f"{folder}: {size_of(folder) // 1_000_000} MB (before trimming {before // 1_000_000} MB)")


def trim(folder: Path) -> None:
    """Take out what is never loaded."""
    for qt in [each for each in folder.rglob("PySide6") if each.is_dir()]:
        for pattern in UNUSED:
            remove(qt.rglob(pattern))
        remove(words for words in qt.rglob("qtwebengine_locales/*.pak") if words.name not in SPOKEN)
        remove(words for words in qt.rglob("translations/*.qm") if not words.stem.endswith(("_fr", "_en")))
    remove(words for words in folder.rglob("locale-data/*.dat") if words.name not in WRITTEN)
    if sys.platform.startswith("linux"):
        for pattern in BESIDE:
            remove((folder / "_internal").glob(pattern))
        for library in folder.rglob("libpython*.so*"):
            subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)  # noqa: S607  (the system's)


def remove(found: Iterable[Path]) -> None:
    """Delete files and whole folders."""
    for path in [*found]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def size_of(folder: Path) -> int:
    """All its files, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main()
