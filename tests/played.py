"""A Jalon that has played its story, served to real windows: in Chromium, and in the desktop program."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.kit.beside import PagesBeside
from app.kit.db import Database
from app.kit.settings import Settings


@dataclass(frozen=True)
class Site:
    """A Jalon that is being served: where, and on which database."""

    url: str
    database: Database
    settings: Settings


def settings_on(path: Path, folder: Path) -> Settings:
    """The settings of a demo Jalon on a SQLite file."""
    return Settings(
        database_url=f"sqlite:///{path}",
        secret_key=SecretStr("a key for the browser tests that nobody else knows"),
        folder=folder,
        demo=True,
        base_url="http://127.0.0.1",
        mail_url=SecretStr((folder / "mails").as_uri()),
        heads_file=folder / "heads.txt",
        argon2_memory_kib=64,
    )


def served(settings: Settings) -> Iterator[Site]:
    """Serve a Jalon in a thread until the test is over."""
    from app.main import create_app

    pages = PagesBeside(create_app(settings), host="127.0.0.1", port=0, threads=4)
    database = Database(settings.database_url)
    pages.start()
    try:
        yield Site(f"http://127.0.0.1:{pages.port}", database, settings)
    finally:
        pages.stop()
        database.close()
