"""The one way to the database: transactions that lose nothing, on SQLite and PostgreSQL alike.

`writing()` takes the one write lock (SQLite: a fair lock in the process, then BEGIN IMMEDIATE; PostgreSQL: rows read
with FOR UPDATE by the rules) and commits once. `reading()` never writes. See docs/decisions/ for what was measured.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

Answer = TypeVar("Answer")

ATTEMPTS = 5
# Serialization failure, deadlock, lock not available (PostgreSQL); the busy answer of SQLite.
PASSING = ("40001", "40P01", "55P03")
WAL_MENDED = (3, 51, 3)  # sqlite.org/wal.html#walresetbug: earlier versions may corrupt a WAL database


class UnsafeDatabase(Exception):
    """The database would lose or tear what was promised to be kept: refuse to start."""


class FairLock:
    """First come, first served: no writer starves behind the others."""

    def __init__(self) -> None:
        self._inner = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def acquire(self) -> None:
        """Wait for one's turn."""
        with self._inner:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._inner:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Database:
    """One database, with its two doors: `reading()` and `writing()`."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn = FairLock()
        self.engine, self._readers = engines_of(self.url)
        self.before_commit: list[Callable[[Session], None]] = []
        # Transactions others than the worker kept: there may be news. Exact on SQLite, where they take turns.
        self.kept_by_people = 0
        self._thread = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that only reads, and sees one moment however long it takes: for audits and exports."""
        frozen = self._readers
        if not self.is_sqlite:  # there every reading transaction is one already
            frozen = frozen.execution_options(isolation_level="REPEATABLE READ")
        with Session(frozen, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are kept together at the end of the block, or not at all."""
        if self.is_sqlite:
            self._turn.acquire()
        try:
            with Session(self.engine, expire_on_commit=False) as session:
                yield session
                commit(session)
            self._thread.kept = self.kept_here + 1
            if not getattr(self._thread, "works", False):
                self.kept_by_people += 1
        finally:
            if self.is_sqlite:
                self._turn.release()

    @property
    def kept_here(self) -> int:
        """How many transactions this thread has kept: what it read before the last of them may be old."""
        return getattr(self._thread, "kept", 0)

    def work_here(self) -> None:
        """This thread is the worker's: what it keeps is no news to it."""
        self._thread.works = True

    def run(self, work: Callable[[Session], Answer]) -> Answer:
        """Do the work in one transaction, again when another one got in its way (at most five times)."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.writing() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not is_passing(error):
                    raise
        raise AssertionError("unreachable")

    def check(self) -> None:
        """Raise `UnsafeDatabase` unless what is committed survives a power cut."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                _check_sqlite(connection)
            elif connection.execute(text("SHOW synchronous_commit")).scalar() in ("off", "local"):
                raise UnsafeDatabase("PostgreSQL runs with synchronous_commit off: set it to on.")

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
        if self.is_sqlite:
            self._readers.dispose()


def commit(session: Session) -> None:
    """Seal the chains touched and keep everything: heads are locked last, whatever the order of the acts."""
    from app.kit.links import seal

    session.flush()
    seal(session)
    session.commit()


def is_passing(error: DBAPIError) -> bool:
    """Whether the same work may well succeed when tried again."""
    code = getattr(error.orig, "sqlstate", None)
    return code in PASSING or "database is locked" in str(error.orig)


def sqlite_driver() -> Any:
    """The newest SQLite there is: the wheel where it is installed, the interpreter's own otherwise."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return import_module("sqlite3.dbapi2")


def engines_of(url: URL) -> tuple[Engine, Engine]:
    """What writes in this database, and what only reads in it."""
    if url.get_backend_name() == "sqlite":
        writers = _sqlite_engine(url, begin="BEGIN IMMEDIATE")
        return writers, _sqlite_engine(url, begin="BEGIN", query_only=True)
    writers = create_engine(url, pool_size=8, max_overflow=16, pool_pre_ping=True)
    return writers, writers.execution_options(postgresql_readonly=True)


def _sqlite_engine(url: Any, *, begin: str, query_only: bool = False) -> Engine:
    driver = sqlite_driver()
    engine = create_engine(
        url,
        module=driver,
        connect_args={"check_same_thread": False, "timeout": 30},
        pool_size=8,
        max_overflow=16,
    )
    wal = driver.sqlite_version_info >= WAL_MENDED

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"journal_mode={'WAL' if wal else 'DELETE'}",
            f"synchronous={'FULL' if wal else 'EXTRA'}",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "recursive_triggers=ON",  # so that INSERT OR REPLACE meets the guards of what is written once
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _check_sqlite(connection: Any) -> None:
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if (mode, level) not in (("wal", 2), ("delete", 3)):
        raise UnsafeDatabase(
            f"SQLite keeps its journal as {mode} at level {level}: a power cut could lose money."
        )
    if mode == "wal" and sqlite_driver().sqlite_version_info < WAL_MENDED:
        raise UnsafeDatabase("This SQLite can damage a database in WAL mode: use 3.51.3 or later.")
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar() != 1:
        raise UnsafeDatabase("SQLite does not check its foreign keys.")
