"""A Jalon as a running process: its database brought up to date, its pages served, its worker beside them."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from app.kit import logs, migrate
from app.kit.collector import spare_the_collector
from app.kit.db import Database
from app.kit.later import load_the_rest
from app.kit.settings import SettingRefused, Settings

if TYPE_CHECKING:
    from app.kit.web import Door

THREADS = 4  # more of them make each page dearer: they wait for one interpreter
PATIENCE = 20  # seconds the worker has to finish what it holds
AFTER_IT = 3.0
FIRST_PAGE = 10.0  # seconds the worker leaves to the first page, which would share an interpreter with it


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, known to answer, safe and up to date."""
    refuse_old_tables(settings)
    database = Database(settings.database_url)
    try:
        database.check()
        yield database
    finally:
        database.close()


@contextmanager
def answering() -> Iterator[None]:
    """Turn a database that does not answer into one sentence."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0].rstrip(".")
        raise SettingRefused(f"DATABASE_URL names a database that does not answer: {reason}.") from None


def bring_up_to_date(settings: Settings) -> Path | None:
    """Migrate; returns the copy kept of a SQLite file that held something before."""
    with answering():
        return migrate.upgrade(settings.database_url)


def refuse_old_tables(settings: Settings) -> None:
    """Raise `MigrationRefused` unless the database is at this version."""
    with answering():
        if not migrate.is_up_to_date(settings.database_url):
            raise migrate.MigrationRefused(
                "The database is not at this version yet: run `jalon migrate` first."
            )


def is_empty(settings: Settings) -> bool:
    """Whether nobody has come here yet."""
    from sqlmodel import select

    from app.people.model import Organization

    with opened(settings) as database, database.reading() as session:
        return session.exec(select(Organization).limit(1)).first() is None


def play_story(settings: Settings) -> None:
    """Play the demo story into this Jalon."""
    from app import demo

    with opened(settings) as database:
        demo.play(database, settings)


def fill(settings: Settings, *, needs: int, pledges: int) -> None:
    """Write great numbers of needs and pledges, to measure with."""
    from app import demo

    with opened(settings) as database:
        demo.fill(database, needs=needs, pledges=pledges)


def serve(settings: Settings, *, with_worker: bool = True) -> int:
    """Serve the pages until told to stop; on SQLite this is the one process that writes."""
    from waitress.server import create_server

    from app.main import create_app

    logs.speak()
    app = create_app(settings)
    spare_the_collector()
    try:
        server = create_server(app, host=settings.host, port=settings.port, threads=THREADS, ident="Jalon")
    except OSError as error:
        raise SettingRefused(
            f"PORT {settings.port} on {settings.host} cannot be used ({error.strerror}): set PORT to another one."
        ) from None
    stop = threading.Event()
    leave_on_signals(stop)
    beside = start_worker(app, stop) if with_worker else None
    mode = " (demo)" if settings.demo else ""
    with suppress(SystemExit):  # what the signals raise, should the server not have begun to run
        print(f"Jalon{mode} is at {settings.base_url} - press Ctrl+C to stop it.", flush=True)
        say_start_code(app, settings)
        server.run()
    server.close()
    stop.set()
    if beside is not None:
        beside.join(PATIENCE)
    return 1 if beside is not None and beside.failed else 0


def say_start_code(app: "Door", settings: Settings) -> None:
    """Before the first start, print the code that lets whoever runs this server name its operator."""
    from app.people.operator import operator_if_any, start_code

    with app.database.reading() as session:
        if operator_if_any(session) is None:
            print(
                f"Open {settings.base_url}/start to name the operator. The code is {start_code(settings)}",
                flush=True,
            )


class Beside(threading.Thread):
    """The worker as a thread of the serving process; when it breaks, the process stops rather than go on without it."""

    failed = False

    def __init__(self, app: "Door", stop: threading.Event, after: threading.Event | None) -> None:
        super().__init__(name="worker", daemon=True)
        self.app = app
        self.stop = stop
        self.after = after

    def run(self) -> None:
        if self.after is not None:
            self.after.wait(FIRST_PAGE)
            if self.stop.wait(AFTER_IT):  # whoever looks in and leaves does not wait for its first round
                return
        try:
            from app.worker import run_forever

            load_the_rest(self.app)  # while nobody waits for it: the next page opened need not
            if self.after is not None:
                spare_the_collector()
            run_forever(self.app, self.stop)
        except Exception:  # whatever it was: without its worker it must not look alive
            self.failed = True
            traceback.print_exc()
            print("The worker has stopped: Jalon stops with it.", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGTERM)


def begun_before(settings: Settings) -> "Door":
    """The application with what its last start worked out: templates compiled, addresses of pages not loaded yet.

    Both are kept in a folder that only this user writes.
    """
    from app.kit.compiled import CompiledPages
    from app.main import create_app

    kept = settings.folder / "compiled"
    kept.mkdir(mode=0o700, exist_ok=True)
    app = create_app(settings, kept)
    app.jinja_env.bytecode_cache = CompiledPages(str(kept))
    return app


def start_worker(app: "Door", stop: threading.Event, after: threading.Event | None = None) -> Beside:
    """Start the worker beside the pages: at once, or where somebody waits for a first page, `after` it was given."""
    beside = Beside(app, stop, after)
    beside.start()
    return beside


def work(settings: Settings) -> int:
    """Run the worker alone until told to stop."""
    from app.main import create_app
    from app.worker import run_forever

    logs.speak()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    print("The worker of Jalon runs - press Ctrl+C to stop it.", flush=True)
    run_forever(create_app(settings), stop)
    return 0


def leave_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM end the serving loop cleanly."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
