"""Builds the desktop program as a folder that needs no Python (`python packaging/build.py`), and trims it.

Needs PyInstaller beside what `./run desktop` installs, and is run on the system it builds for.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
# Parts of Qt that no page and no window of ours asks for.
UNUSED = (
    "qml", "Qt*Quick3D*", "libQt6Quick3D*", "libQt6Charts*", "libQt6DataVis*", "libQt6Graphs*", "libQt6Designer*",
    "libQt6Multimedia*", "libQt6Sensors*", "libQt6Sql*", "libQt6Test*", "libQt6Bluetooth*", "libQt6Nfc*",
    "libQt63D*", "libQt6Location*", "libQt6RemoteObjects*", "libQt6Scxml*", "libQt6SpatialAudio*",
)  # fmt: skip
SPOKEN = ("en-US.pak", "en-GB.pak", "fr.pak")


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
    for qt in folder.rglob("PySide6"):
        if not qt.is_dir():
            continue
        for pattern in UNUSED:
            for found in [*qt.rglob(pattern)]:
                shutil.rmtree(found) if found.is_dir() else found.unlink(missing_ok=True)
        for words in qt.rglob("qtwebengine_locales/*.pak"):
            if words.name not in SPOKEN:
                words.unlink()


def size_of(folder: Path) -> int:
    """All its files, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main()
