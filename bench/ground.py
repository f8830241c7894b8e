"""The ground a measurement stands on: a migrated database with one wide open campaign, a real server, a raw driver."""

import hashlib
import http.client
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from pydantic import SecretStr
from sqlalchemy import insert
from sqlmodel import select

from app.campaigns.model import Campaign, Pledge
from app.demo import masses
from app.kit import migrate
from app.kit.beside import PagesBeside
from app.kit.collector import spare_the_collector
from app.kit.db import Database, sqlite_driver
from app.kit.public_id import public_id
from app.kit.settings import Settings
from app.main import create_app
from app.people.model import Person
from tests import postgres

ROOM = 10**9  # the most one estimate may hold
TEXT = "The words that were read and signed. " * 45
TEXT_HASH = hashlib.sha256(TEXT.encode()).hexdigest()


class Ground:
    """One database with its server and its raw connection."""

    def __init__(self, url: str, folder: Path) -> None:
        migrate.upgrade(url)
        self.database = Database(url)
        masses.write(self.database, needs=0, pledges=1, price_cents=ROOM)
        with self.database.reading() as db:
            campaign = db.exec(select(Campaign)).one()
            self.campaign_id, self.chain = campaign.id, f"campaign:{campaign.id}"
            self.person = db.exec(select(Person).order_by("id")).first()
        self.raw = self._raw_connection()
        settings = Settings(
            database_url=url, secret_key=SecretStr(secrets.token_hex(32)), folder=folder, demo=True,
            mail_url=SecretStr(f"file://{folder}/mails"), heads_file=folder / "heads", argon2_memory_kib=8,
        )  # fmt: skip
        self.app = create_app(settings)
        spare_the_collector()
        self.pages = PagesBeside(self.app, host="127.0.0.1", port=0, threads=2)
        self.pages.start()
        self.http = http.client.HTTPConnection("127.0.0.1", self.pages.port)
        self.cookies: dict[str, str] = {}
        self._sign_in()

    def _raw_connection(self) -> Any:
        if self.database.is_sqlite:
            connection = sqlite_driver().connect(self.database.url.database, isolation_level=None, timeout=30)
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            connection.execute(f"PRAGMA synchronous={'FULL' if mode == 'wal' else 'EXTRA'}")
            return connection
        return psycopg.connect(
            self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        )

    def _sign_in(self) -> None:
        self.token = self._token("/sign-in")
        assert self.person is not None
        answer = self.post("/sign-in/demo", {"name": self.person.public_id})
        if answer != 303:
            raise SystemExit(f"signing in was answered {answer}")
        self.token = self._token("/")

    def _token(self, path: str) -> str:
        text = self._request("GET", path, None)[1]
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        if not found:
            raise SystemExit(f"no form on {path}")
        return found[1]

    def post(self, path: str, fields: dict[str, str]) -> int:
        """Send a form as a browser does; the status of the answer."""
        return self._request("POST", path, urlencode({"csrf_token": self.token, **fields}))[0]

    def get(self, path: str) -> int:
        """Ask for a page; the status of the answer."""
        return self._request("GET", path, None)[0]

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.http.request(method, path, body, headers)
        answer = self.http.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, answer.read().decode(errors="replace")

    def draft(self, count: int) -> list[str]:
        """So many drafted pledges of our buyer, by their public names."""
        names = [public_id() for _ in range(count)]
        assert self.person is not None
        rows = [
            {"public_id": name, "campaign_id": self.campaign_id, "organization_id": 1, "state": "drafted",
             "amount_cents": 10_000, "currency": "EUR", "rail": "sandbox", "prepared_by_id": self.person.id,
             "prepared_at": datetime.now(UTC), "po_number": "PO-1", "publicity": "full", "signed_text": TEXT}
            for name in names
        ]  # fmt: skip
        with self.database.writing() as db:
            db.execute(insert(Pledge), rows)
        return names

    def sign_raw(self, name: str) -> None:
        """Write what a signature writes, with the driver alone: five statements, one commit."""
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        text, digest = TEXT, TEXT_HASH
        head = secrets.token_hex(32)
        run = self.raw.cursor().execute
        mark = "?" if self.database.is_sqlite else "%s"
        if self.database.is_sqlite:
            run("BEGIN IMMEDIATE")
        run(
            _marked(
                "UPDATE pledge SET state='signed', signed_by_id=1, signed_at=~, signed_text=~, signed_hash=~"
                " WHERE public_id=~",
                mark,
            ),
            (at, text, digest, name),
        )
        run(
            _marked("UPDATE campaign SET signed_cents = signed_cents + 10000 WHERE id=~", mark),
            (self.campaign_id,),
        )
        number = (
            run(_marked("SELECT number FROM chain_head WHERE chain=~", mark), (self.chain,)).fetchone()[0] + 1
        )
        step = run(
            _marked(
                "INSERT INTO step (at, pseudonym, organization_id, act, thing, thing_id, campaign_id, before, after,"
                " facts, request_id, origin) VALUES (~,'p-1',1,'sign','Pledge',1,~,'drafted','signed',~,'','')"
                " RETURNING id",
                mark,
            ),
            (at, self.campaign_id, '{"amount":10000}'),
        ).fetchone()[0]
        run(
            _marked(
                "INSERT INTO chain_link (chain, number, kind, line_id, salt, digest, head)"
                " VALUES (~,~,'step',~,~,~,~)",
                mark,
            ),
            (self.chain, number, step, secrets.token_hex(16), digest, head),
        )
        run(_marked("UPDATE chain_head SET number=~, head=~ WHERE chain=~", mark), (number, head, self.chain))
        if self.database.is_sqlite:
            run("COMMIT")
        else:
            self.raw.commit()

    def close(self) -> None:
        """Stop the server and let go of the database."""
        self.http.close()
        self.pages.stop()
        self.raw.close()
        self.database.close()


def _marked(statement: str, mark: str) -> str:
    return statement.replace("~", mark)


def grounds(folder: Path) -> Iterator[tuple[str, Ground]]:
    """A ground on SQLite, then one on PostgreSQL (`BENCH_PG_URL`, one found on this machine, or the test wheel's)."""
    yield "SQLite", Ground(f"sqlite:///{folder}/bench.db", folder)
    with durable_server() as server:
        yield "PostgreSQL", Ground(postgres.make(server, "bench"), folder)


@contextmanager
def durable_server() -> Iterator[str]:
    """A PostgreSQL that keeps what it commits: `BENCH_PG_URL`, or the tests' server, which is made to by a setting."""
    if given := os.environ.get("BENCH_PG_URL"):
        yield given
        return
    with postgres.running() as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET ALL")
            connection.execute("SELECT pg_reload_conf()")
        yield server
