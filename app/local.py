"""A Jalon on this computer, for the one person who opened it: behind a port that only their window enters."""

import errno
import shutil
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.gate import Gate
from app.kit.collector import nothing_to_collect

if TYPE_CHECKING:
    from app.kit.beside import PagesBeside
    from app.kit.settings import Settings
    from app.kit.web import Door

HOST = "127.0.0.1"
THREADS = 3  # one person clicks, the worker works
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = ("unable to open database file", "readonly database", "Read-only file system")


class CannotStart(Exception):
    """This Jalon cannot be opened: one sentence that says why, and of which kind that is ("" where it is another).

    Kinds: "full" (the disk), "closed" (a folder or file that may not be read or written), "damaged" (the database),
    "later" (made by a later version).
    """

    def __init__(self, why: str, kind: str = "") -> None:
        super().__init__(why)
        self.kind = kind


Tell = Callable[[str], None]


def kind_of(error: BaseException) -> str:
    """Of which kind a failed start is, from the error or from what it came of."""
    from app.kit.migrate import MadeByLater

    cause: BaseException | None = error
    while cause is not None:
        text = str(cause)
        if isinstance(cause, MadeByLater):
            return "later"
        if getattr(cause, "errno", None) in FULL or "disk is full" in text:
            return "full"
        if "malformed" in text or "not a database" in text:
            return "damaged"
        if isinstance(cause, PermissionError | NotADirectoryError | FileExistsError) or any(
            words in text for words in CLOSED
        ):
            return "closed"
        cause = cause.__cause__ or cause.__context__
    return ""


class Local:
    """One local Jalon. `start` may be called in a thread of its own; `stop` lets nothing be lost."""

    def __init__(self, folder: Path, *, demo: bool, port: int = 0) -> None:
        self._folder = folder
        self._demo = demo
        self._wanted_port = port
        self._stop = threading.Event()
        self._first_page = threading.Event()
        self._app: Door | None = None
        self._pages: PagesBeside | None = None
        self._worker: threading.Thread | None = None
        self.port = 0
        self.copy: Path | None = None
        self.start_code = ""

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    def start(self, tell: Tell = lambda _stage: None) -> str:
        """Bring the tables up to date (a copy is kept first), fill an empty demo, serve; the address to enter by, once.

        `tell` hears "tables", "story" and "pages" as each begins. Raises `CannotStart`.
        """
        with nothing_to_collect():
            from sqlalchemy.exc import DBAPIError, SQLAlchemyError

            from app.kit.db import UnsafeDatabase
            from app.kit.migrate import MigrationRefused
            from app.kit.settings import SettingRefused

            try:
                return self._begin(tell)
            except (SettingRefused, UnsafeDatabase, MigrationRefused) as refused:
                raise CannotStart(str(refused), kind_of(refused)) from None
            except (OSError, SQLAlchemyError) as error:
                cause = error.orig if isinstance(error, DBAPIError) else error
                raise CannotStart(f"{self._folder} cannot be used: {cause}", kind_of(error)) from error

    def _begin(self, tell: Tell) -> str:
        from app.kit.settings import make_folder

        make_folder(self._folder)
        listening = self._listen()
        try:
            return self._begin_at(listening, tell)
        except BaseException:
            listening.close()  # the next try finds the port free
            raise

    def _begin_at(self, listening: socket.socket, tell: Tell) -> str:
        from app import serving

        self.port = listening.getsockname()[1]
        settings = self._settings()
        tell("tables")
        self.copy = serving.bring_up_to_date(settings)
        if self._demo and serving.is_empty(settings):
            tell("story")
            self._play_story(settings)
        tell("pages")
        return self._serve(settings, listening)

    def _play_story(self, settings: "Settings") -> None:
        """Play it aside, and take it in once it is whole: whoever closes the window meanwhile keeps no half of it."""
        from app import serving

        aside, here = self._folder / "story.db", self._folder / "jalon.db"
        for part in ("", "-wal", "-shm"):
            Path(f"{aside}{part}").unlink(missing_ok=True)
        shutil.copyfile(here, aside)
        serving.play_story(replace(settings, database_url=f"sqlite:///{aside}"))
        aside.replace(here)

    def _listen(self) -> socket.socket:
        """A socket on the port of last time, so that what a page remembered stays; on another one where it is taken."""
        for port in dict.fromkeys((self._wanted_port, 0)):
            listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if sys.platform != "win32":  # there it would mean: even if somebody else listens
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((HOST, port))
                listening.listen(64)
            except OSError:
                listening.close()
                if port == 0:
                    raise
            else:
                return listening
        raise AssertionError("unreachable")

    def _settings(self) -> "Settings":
        from pydantic import SecretStr

        from app.kit.forge_settings import KNOWN, forges
        from app.kit.settings import Settings, kept_secret
        from app.kit.vies_settings import OFFICIAL

        return Settings(
            database_url=f"sqlite:///{self._folder / 'jalon.db'}",
            secret_key=kept_secret(self._folder / "secret"),
            folder=self._folder,
            demo=self._demo,
            host=HOST,
            port=self.port,
            base_url=self.address,
            mail_url=SecretStr((self._folder / "mails").as_uri()),
            heads_file=self._folder / "heads.txt",
            forges=() if self._demo else forges(KNOWN),
            vies="" if self._demo else OFFICIAL,
        )

    def _serve(self, settings: "Settings", listening: socket.socket) -> str:
        from app import serving
        from app.kit.beside import PagesBeside
        from app.people.operator import start_code

        self._app = serving.begun_before(settings)
        # Whoever opened this Jalon is the one who may name its operator: they need not look for the code elsewhere.
        self.start_code = start_code(settings)
        gate = Gate(self._app, f"{HOST}:{self.port}")
        self._first_page = gate.has_answered
        self._pages = PagesBeside(gate, sockets=[listening], threads=THREADS)
        self._pages.start()
        self._worker = serving.start_worker(self._app, self._stop, after=self._first_page)
        return f"{self.address}{gate.first_path}"

    def stop(self) -> None:
        """Finish what is being done, then let go of the database."""
        self._stop.set()
        self._first_page.set()
        if self._pages is not None:
            self._pages.stop()
        if self._worker is not None:
            from app import serving

            self._worker.join(serving.PATIENCE)
        if self._app is not None:
            self._app.database.close()
