"""The list of needs among a thousand and among a million: what the same page costs, on SQLite and PostgreSQL.

    python -m bench.needs_list                     a thousand against a hundred thousand (two minutes)
    python -m bench.needs_list --large 1000000     against a million (some minutes more)

With `--keep FOLDER` the SQLite files stay there, and with TEST_DATABASE_URL the PostgreSQL databases on that server:
a second run finds them filled.

Each line is one page as the product reads it: the needs, how many miss them, the names beside them; as many needs on
the small side as on the large one. Small and large take turns, and the ratio is the median over the turns: whatever
else the machine does falls on both.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr
from sqlalchemy import insert
from sqlmodel import Session, col, select

from app.catalogue.model import Software
from app.catalogue.spelling import key
from app.kit import migrate
from app.kit.db import Database, sqlite_driver
from app.kit.public_id import public_id
from app.kit.settings import Settings
from app.main import create_app
from app.needs import rules
from app.needs.model import Endorsement, Need, NeedKind, NeedState
from app.needs.search import Wanted, find_needs
from app.people.model import Kind, Operator, Organization, OrganizationState
from tests import postgres

START = datetime(2020, 1, 1, tzinfo=UTC)
ORGANIZATIONS, SOFTWARE = 200, 2_000
# How often words stand in needs falls with their rank, as in any language.
VOCABULARY = [f"{'bcdfglmnprstv'[n % 13]}{'aeiou'[n % 5]}{n:x}" for n in range(20_000)]
SUMS = list(accumulate(1 / (rank + 10) for rank in range(len(VOCABULARY))))
COMMON, MIDDLING, RARE = "everywhere", "sometimes", "seldom"
RARE_NEEDS = 60
TRIES = 3  # the best of them counts: other work on the machine only ever adds

Page = Callable[[Session], list[Need]]


@dataclass
class Filled:
    """One database with so many needs in it."""

    database: Database
    count: int

    def __post_init__(self) -> None:
        with self.database.reading() as db:
            depth = self.count * 4 // 5  # so deep that whole pages still follow among a thousand
            self.deep = db.exec(
                select(Need.position).order_by(col(Need.position).desc()).offset(depth).limit(1)
            ).one()


# ---- Filling ---------------------------------------------------------------------------------------------------


def fill(url: str, count: int) -> Filled:
    """A migrated database with so many needs, a third of them shared by others; as it was found if it is filled."""
    migrate.upgrade(url)
    database = Database(url)
    with database.reading() as db:
        if db.get(Operator, 1) is not None:
            return Filled(database, count)
    with database.writing() as db:
        _around(db)
    started = time.perf_counter()
    (_fill_sqlite if database.is_sqlite else _fill_postgresql)(database, count)
    with database.writing() as db:
        for first in range(1, count + 1, 30_000):
            rows = [_endorsement(number) for number in range(first, min(first + 30_000, count + 1), 3)]
            db.execute(insert(Endorsement), rows)
        db.add(Operator(id=1, organization_id=1))
    print(
        f"  {database.url.get_backend_name()}: {count} needs in {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    return Filled(database, count)


def _around(db: Session) -> None:
    organizations = [
        {"public_id": public_id(), "name": f"Company {n}", "kind": Kind.CORPORATE, "applied_at": START,
         "state": OrganizationState.VERIFIED}
        for n in range(ORGANIZATIONS)
    ]  # fmt: skip
    db.execute(insert(Organization), organizations)
    software = [
        {"public_id": public_id(), "name": f"Software {n}", "name_key": key(f"Software {n}"), "registered_at": START,
         "repository_url": f"https://forge.example/{n}"}
        for n in range(SOFTWARE)
    ]  # fmt: skip
    db.execute(insert(Software), software)


COLUMNS = (
    "public_id", "organization_id", "software_id", "title", "title_key", "summary", "workaround", "criteria", "kind",
    "users", "source_url", "state", "written_at", "published_at", "position", "search_text",
)  # fmt: skip


def rare_each(count: int) -> int:
    """Each how-many-th need has the rare word: its software and organizations are as many among few as among many."""
    return 17 + max(0, count // RARE_NEEDS - 17) // ORGANIZATIONS * ORGANIZATIONS


def needs(count: int) -> Iterator[tuple[Any, ...]]:
    """The rows of so many needs, in the order they were published; always the same for one count."""
    chance = random.Random(count)
    kinds, rare = list(NeedKind), rare_each(count)
    for number in range(1, count + 1):
        at = START + timedelta(seconds=150 * number)
        spoken = chance.choices(VOCABULARY, cum_weights=SUMS, k=30)
        spoken += [COMMON] * (number % 3 == 0) + [MIDDLING] * (number % 5 == 0)
        spoken += [RARE] * (number % rare == 0)
        kind = kinds[number % 11 % len(kinds)]
        software, organization = 1 + number % SOFTWARE if number % 4 else 1, 1 + number % ORGANIZATIONS
        found_by = [f"_k{kind}", f"_s{software}", f"_o{organization}", *spoken]
        moment = at.strftime("%Y-%m-%d %H:%M:%S.%f")
        yield (
            public_id(), organization, software, " ".join(spoken[:6]), " ".join(spoken[:6]), " ".join(spoken), "", "",
            kind.value, number % 5000, "", NeedState.PUBLISHED.value, moment, moment,
            int(at.timestamp()) * 1_000_000_000, " ".join(dict.fromkeys(found_by)),
        )  # fmt: skip


def _fill_sqlite(database: Database, count: int) -> None:
    connection = sqlite_driver().connect(database.url.database, isolation_level=None)
    for statement in ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000", "BEGIN"):
        connection.execute(statement)
    # The index is made at the end, as after any great load, from the very text its trigger would have read.
    made = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'need_words_insert'").fetchone()
    connection.execute("DROP TRIGGER need_words_insert")
    words: set[str] = set()
    marks = ", ".join("?" * len(COLUMNS))
    for row in needs(count):
        words.update(row[-1].split())
        connection.execute(f"INSERT INTO need ({', '.join(COLUMNS)}) VALUES ({marks})", row)
    connection.execute(
        "INSERT INTO need_words (rowid, search_text) SELECT -position, search_text FROM need ORDER BY -position"
    )
    connection.executemany(
        "INSERT INTO need_words_known (word) VALUES (?)", ((word,) for word in sorted(words))
    )
    connection.execute(made[0])
    for statement in ("COMMIT", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
        connection.execute(statement)
    connection.close()


def _fill_postgresql(database: Database, count: int) -> None:
    plain = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        # The index is made at the end, as after any great load, from the very text its trigger would have read.
        made = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_need_words'"
        ).fetchone()
        assert made is not None
        connection.execute("DROP INDEX ix_need_words")
        connection.execute("ALTER TABLE need DISABLE TRIGGER need_words_kept")
        with connection.cursor().copy(f"COPY need ({', '.join(COLUMNS)}) FROM STDIN".encode()) as copy:
            for row in needs(count):
                copy.write_row((*row[:12], f"{row[12]}+00", f"{row[13]}+00", *row[14:]))
        connection.execute("ALTER TABLE need ENABLE TRIGGER need_words_kept")
        connection.execute(
            "INSERT INTO need_words (position, words)"
            " SELECT position, array_to_tsvector(string_to_array(search_text, ' ')) FROM need ORDER BY position"
        )
        connection.execute(made[0].encode())
        connection.execute("VACUUM ANALYZE")


def _endorsement(need_id: int) -> dict[str, Any]:
    organization = 1 + (need_id + 1) % ORGANIZATIONS
    return {"need_id": need_id, "organization_id": organization, "pseudonym": "p", "users": 10, "at": START}


# ---- Measuring -------------------------------------------------------------------------------------------------


def pages(filled: Filled) -> dict[str, Page]:
    """The pages compared, by what people would call them."""

    def of(wanted: Wanted, before: int | None = None) -> Page:
        return lambda db: find_needs(db, wanted, before=before)

    return {
        "first page": of(Wanted()),
        "deep page": of(Wanted(), filled.deep),
        "common word, newest": of(Wanted(text=COMMON)),
        "common word, deep": of(Wanted(text=COMMON), filled.deep),
        "rare word, newest": of(Wanted(text=RARE)),
        "two words, newest": of(Wanted(text=f"{COMMON} {MIDDLING}")),
        "two letters typed": of(Wanted(text=COMMON[:2])),
        "five letters typed": of(Wanted(text=COMMON[:5])),
        "one software": of(Wanted(software_id=1)),
        "kind and word": of(Wanted(text=COMMON, kind=NeedKind.FEATURE)),
        "word that is nowhere": of(Wanted(text="nowhere")),
    }


def read(database: Database, page: Page) -> float:
    """Milliseconds to read a page and what stands beside its rows, as the view does."""
    with database.reading() as db:
        started = time.perf_counter()
        shown = page(db)[:50]
        rules.support_of(db, shown)
        rules.names_of(db, Software, {need.software_id for need in shown})
        rules.names_of(db, Organization, {need.organization_id for need in shown})
        return 1000 * (time.perf_counter() - started)


def compare(name: str, small: Filled, large: Filled, rounds: int) -> None:
    """Print one line a page: milliseconds in the median, and large over small."""
    both = (pages(small), pages(large))
    _refuse_unlike(small, large)
    turns: dict[str, list[tuple[float, float]]] = {title: [] for title in both[0]}
    for number in range(rounds + 3):
        for title, measured in turns.items():
            first = min(read(small.database, both[0][title]) for _ in range(TRIES))
            second = min(read(large.database, both[1][title]) for _ in range(TRIES))
            if number >= 3:  # the first rounds fill caches
                measured.append((first, second))
    for title, measured in turns.items():
        _print(name, title, measured)
    _print(name, "the whole page through HTTP", _through_http(small, large, rounds))


def _refuse_unlike(small: Filled, large: Filled) -> None:
    """A page of fewer needs costs less: that would say nothing about how many there are."""
    with small.database.reading() as few, large.database.reading() as many:
        for (title, page), other in zip(pages(small).items(), pages(large).values(), strict=True):
            if (here := len(page(few))) != (there := len(other(many))):
                raise SystemExit(f"{title}: {here} needs beside {there}")


def _through_http(small: Filled, large: Filled, rounds: int) -> list[tuple[float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        browsers = [_browser(filled, Path(folder)) for filled in (small, large)]
        measured = []
        for number in range(rounds + 3):
            pair = []
            for browser in browsers:
                started = time.perf_counter()
                answer = browser.get("/needs")
                pair.append(1000 * (time.perf_counter() - started))
                assert answer.status_code == 200, answer.status
            if number >= 3:
                measured.append((pair[0], pair[1]))
    return measured


def _browser(filled: Filled, folder: Path) -> Any:
    settings = Settings(
        database_url=filled.database.url.render_as_string(hide_password=False), secret_key=SecretStr("x" * 40),
        folder=folder, demo=True, mail_url=SecretStr(f"file://{folder}/mails"), heads_file=folder / "heads",
    )  # fmt: skip
    return create_app(settings).test_client()


def _print(name: str, title: str, measured: list[tuple[float, float]]) -> None:
    small, large = (statistics.median(pair[side] for pair in measured) for side in (0, 1))
    ratio = statistics.median(second / first for first, second in measured)
    print(f"{name:<11} {title:<28} {small:>9.2f} {large:>9.2f} {ratio:>7.2f}", flush=True)


def _postgresql(server: str, count: int) -> str:
    """The address of a database of its own on the server, made unless it is there."""
    name = f"needs_{count}"
    with psycopg.connect(server) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    url = postgres.named(server, name) if there else postgres.make(server, name)
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def main() -> None:
    """Fill both databases twice, compare page by page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--keep", metavar="FOLDER", help="where the SQLite files stay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing, postgres.running() as server:
        folder = asked.keep or passing
        print("Filling …", flush=True)
        addresses = {
            "SQLite": [f"sqlite:///{folder}/{count}.db" for count in (asked.small, asked.large)],
            "PostgreSQL": [_postgresql(server, count) for count in (asked.small, asked.large)],
        }
        filled = {
            name: (fill(urls[0], asked.small), fill(urls[1], asked.large)) for name, urls in addresses.items()
        }
        print(f"\nmilliseconds, median of {asked.rounds} turns; target: large / small at most 1.2")
        print(f"{'database':<11} {'page':<28} {asked.small:>9} {asked.large:>9} {'ratio':>7}")
        for name, (small, large) in filled.items():
            compare(name, small, large, asked.rounds)
            small.database.close()
            large.database.close()


if __name__ == "__main__":
    main()
