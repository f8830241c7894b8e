"""One program for each profile: a second start tells the first one where to go, and ends."""

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import IO, Any

from client.folders import private

LONGEST = 2048
LONGEST_ADDRESS = 100  # of a socket, in bytes
SHOW = "show"
PATIENCE = 5.0  # seconds for the first one to say that it heard


class OnlyOne:
    """The lock of one profile, held until the process ends, and the door by which later starts are heard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: IO[bytes] | None = None
        self._listener: Listener | None = None
        self._address = _address_for(folder)

    def take(self) -> bool:
        """Whether this process is the first; it stays the one until it ends, however it ends."""
        path = self._folder / "lock"
        path.touch(mode=0o600)
        lock = path.open("r+b")
        if not _lock(lock):
            lock.close()
            return False
        self._lock = lock
        return True

    def tell(self, message: str) -> bool:
        """Tell the first one; whether it was heard."""
        for _attempt in range(20):
            with contextlib.suppress(OSError, EOFError), Client(self._address) as line:
                line.send_bytes(message.encode()[:LONGEST])
                # One that hangs still takes lines, and answers none.
                return line.poll(PATIENCE) and line.recv_bytes(LONGEST) == b"heard"
            threading.Event().wait(0.1)  # it may be just beginning
        return False

    def listen(self, hear: Callable[[str], None]) -> None:
        """Hear later starts, in a thread of its own."""
        if sys.platform != "win32":
            Path(self._address).unlink(missing_ok=True)  # of a process that was killed: we hold the lock
        self._listener = Listener(self._address)
        threading.Thread(
            target=self._hear, args=(self._listener, hear), name="later starts", daemon=True
        ).start()

    def _hear(self, listener: Listener, hear: Callable[[str], None]) -> None:
        while True:
            try:
                line: Connection[Any, Any] = listener.accept()
            except (OSError, EOFError):
                return
            with line, contextlib.suppress(OSError, EOFError, UnicodeDecodeError):
                if line.poll(2):
                    said = line.recv_bytes(LONGEST).decode()
                    line.send_bytes(b"heard")
                    hear(said)

    def leave(self) -> None:
        """Let the next start be the first."""
        if self._listener is not None:
            with contextlib.suppress(OSError):  # its door was taken over
                self._listener.close()
        if self._lock is not None:
            self._lock.close()


def _address_for(folder: Path) -> str:
    """Where the first one is heard: a path short enough for a socket, in a folder of this user alone."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]
    if sys.platform == "win32":
        return rf"\\.\pipe\jalon-{name}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere", "jalon")
    fits = runtime.parent.is_dir() and len(str(runtime / name)) < LONGEST_ADDRESS
    place = private(runtime if fits else Path(tempfile.gettempdir(), f"jalon-{os.getuid()}"))
    if place.stat().st_uid != os.getuid():
        raise PermissionError(f"{place} belongs to somebody else")
    return str(place / name)


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
