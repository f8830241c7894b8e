"""A Jalon on this computer, for the one person who opened it: behind a port that only their window enters."""

import hmac
import http.cookies
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from app.kit.collector import nothing_to_collect

if TYPE_CHECKING:
    from app.kit.beside import PagesBeside
    from app.kit.settings import Settings
    from app.kit.web import Door

HOST = "127.0.0.1"
OPENING = "/open-here"
HEALTH = "/health"
THREADS = 3  # one person clicks, the worker works


class CannotStart(Exception):
    """This Jalon cannot be opened: one sentence that says why."""


Tell = Callable[[str], None]
Answer = Callable[..., Any]


class Gate:
    """Stands before the pages: other users of this computer reach the port, but do not come in.

    The window shows a secret that is good once, and gets a cookie that no script can read. A request under another
    name than ours (a page elsewhere whose name was made to point here) is turned away.
    """

    def __init__(self, application: Callable[..., Any], host: str) -> None:
        self._application = application
        self._host = host
        self._secret = secrets.token_urlsafe(32)
        self._key = secrets.token_urlsafe(32)
        self._cookie = f"jalon-window-{host.rpartition(':')[2]}"
        self.has_answered = threading.Event()

    @property
    def first_path(self) -> str:
        """Where the window enters, once."""
        return f"{OPENING}?secret={self._secret}"

    def __call__(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "") != self._host:
            return self._turn_away(answer, "400 Bad Request")
        if environ.get("PATH_INFO") == OPENING:
            return self._open(environ, answer)
        if environ.get("PATH_INFO") == HEALTH or self._is_known(environ):
            return self._answer(environ, answer)
        return self._turn_away(answer, "403 Forbidden")

    def _answer(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        try:
            pages: Iterable[bytes] = self._application(environ, answer)
            return pages
        finally:
            if environ.get("PATH_INFO") != HEALTH:
                self.has_answered.set()

    def _open(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        shown = asked.get("secret", [""])[0]
        if not self._secret or not hmac.compare_digest(shown.encode(), self._secret.encode()):
            return self._turn_away(answer, "403 Forbidden")
        then = asked.get("then", ["/"])[0]
        if not then.startswith("/") or then.startswith(("//", "/\\")) or not then.isprintable():
            then = "/"
        self._secret = ""
        cookie = f"{self._cookie}={self._key}; Path=/; HttpOnly; SameSite=Strict"
        answer(
            "303 See Other",
            [("Location", quote(then, safe="/?&=~")), ("Set-Cookie", cookie), ("Cache-Control", "no-store")],
        )
        return []

    def _is_known(self, environ: dict[str, Any]) -> bool:
        try:
            shown = http.cookies.SimpleCookie(environ.get("HTTP_COOKIE", "")).get(self._cookie)
        except http.cookies.CookieError:
            return False
        return shown is not None and hmac.compare_digest(shown.value.encode(), self._key.encode())

    @staticmethod
    def _turn_away(answer: Answer, status: str) -> Iterable[bytes]:
        answer(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
        return [b"This Jalon is open in its own window only.\n"]


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
            from sqlalchemy.exc import SQLAlchemyError

            from app.kit.db import UnsafeDatabase
            from app.kit.migrate import MigrationRefused
            from app.kit.settings import SettingRefused

            try:
                return self._begin(tell)
            except (SettingRefused, UnsafeDatabase, MigrationRefused) as refused:
                raise CannotStart(str(refused)) from None
            except (OSError, SQLAlchemyError) as error:
                raise CannotStart(f"{self._folder} cannot be used: {error}") from error

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
