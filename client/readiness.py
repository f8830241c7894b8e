"""What the window needs and does not find, in one sentence: never an abort of the engine, never a traceback."""

import ctypes
import importlib.util
import os
import socket
import sys
from pathlib import Path

from client.words import Sentence

MODULES = ("webview", "PySide6.QtWebEngineWidgets", "keyring", "platformdirs")
# What Qt loads by name on Linux, and the Debian package that brings it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libnss3.so": "libnss3",
    "libasound.so.2": "libasound2",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libXcomposite.so.1": "libxcomposite1",
    "libXdamage.so.1": "libxdamage1",
    "libXrandr.so.2": "libxrandr2",
    "libXtst.so.6": "libxtst6",
    "libxkbfile.so.1": "libxkbfile1",
}
WITH_X = {
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WITHOUT_SCREEN = ("offscreen", "minimal", "vnc")


def what_is_missing() -> Sentence | None:
    """The sentence that says why no window can open; None when one can."""
    missing = [name for name in MODULES if not is_installed(name)]
    if missing:
        return Sentence(
            "The desktop program is not installed with this Jalon: from its source run `./run desktop`, elsewhere"
            " install `jalon[desktop]`."
        )
    if not sys.platform.startswith("linux"):
        return None
    if not has_screen():
        return Sentence(
            "There is no screen here (DISPLAY and WAYLAND_DISPLAY are not set): start Jalon from a desktop session."
        )
    libraries = missing_libraries()
    if libraries:
        return Sentence(
            "Libraries of the system are missing (%(libraries)s). Debian and Ubuntu: apt install %(packages)s",
            libraries=", ".join(libraries),
            packages=" ".join(libraries.values()),
        )
    if not screen_answers():
        return Sentence(
            "The screen %(screen)s does not answer: start Jalon from a desktop session of your own.",
            screen=os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"),
        )
    return None


def has_screen() -> bool:
    """Whether there is something to draw on."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in WITHOUT_SCREEN:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def screen_answers() -> bool:
    """Whether a screen lets us in: the engine would abort before one that is gone, or is somebody else's."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in WITHOUT_SCREEN:
        return True
    return _wayland_answers() or _x_answers()


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), name)))
        except OSError:
            return False
    return True


def _x_answers() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    line = xcb.xcb_connect(None, None)
    try:
        return not xcb.xcb_connection_has_error(line)
    finally:
        xcb.xcb_disconnect(line)


def is_installed(name: str) -> bool:
    """Whether a module could be imported; nothing is."""
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def missing_libraries() -> dict[str, str]:
    """The libraries the engine would abort without, with the package of each."""
    wanted = LIBRARIES | (WITH_X if os.environ.get("DISPLAY") else {})
    return {library: wanted[library] for library in absent(wanted)}


def absent(libraries: dict[str, str]) -> list[str]:
    """Those the system's linker does not find."""
    missing = []
    for library in libraries:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    return missing


def prepare_engine() -> None:
    """What the engine reads from the environment before it starts."""
    os.environ["PYWEBVIEW_GUI"] = "qt"
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        # Chromium refuses root with its sandbox on, and no other user needs it off.
        os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
