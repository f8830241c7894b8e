"""A Jalon that stops at a named point until it is killed.

On SQLite it is the whole serving process, on PostgreSQL the worker alone, both as `jalon` starts them. It says
“halted” where it was asked to stop, “at rest” when the worker has nothing left to do, and a dot for each transaction.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app import serving, worker
from app.kit import outbox
from app.kit.db import Database
from app.payouts import sending
from app.rails import inbox
from app.rails.sandbox import Sandbox
from tests.playing import settings_for

# Where it can be stopped: what is called there, and whether before it or after (its transaction still open).
POINTS: dict[str, tuple[Any, str, bool]] = {
    "with the order in hand": (sending, "order_for", False),
    "before the bank hears": (Sandbox, "send", True),
    "after the bank heard": (Sandbox, "send", False),
    "before it is written down": (sending, "mark_sent", False),
    "after it was written down": (outbox, "done", True),
    "with the bank's word in hand": (Sandbox, "fetch", False),
    "before the bank's word is kept": (inbox, "settle", False),
}


voice: Connection | None = None
speaking = threading.Lock()


def say(word: str) -> None:
    """Tell whoever started this process."""
    assert voice is not None
    with speaking:
        voice.send(word)


def stop_at(point: tuple[Any, str, bool]) -> None:
    """Replace what is called at this point by itself and a halt for ever."""
    owner, name, is_before = point
    honest: Callable[..., Any] = getattr(owner, name)

    def halted(*given: Any, **named: Any) -> Any:
        answer = None if is_before else honest(*given, **named)
        say("halted")
        threading.Event().wait()
        return answer

    setattr(owner, name, halted)


def tell_of_rest() -> None:
    """Say when a round found nothing to do, and after each transaction."""
    honest_round, honest_run = worker.Worker.round, Database.run

    def round_(self: worker.Worker, at: datetime | None = None, *, asks: bool = True) -> int:
        done = honest_round(self, at, asks=asks)
        if not done:
            say("at rest")
        return done

    def run(self: Database, work: Any) -> Any:
        answer = honest_run(self, work)
        say(".")
        return answer

    worker.Worker.round = round_  # type: ignore[method-assign]
    Database.run = run  # type: ignore[method-assign]


def main(url: str, folder: str, at: str, point: str = "") -> int:
    """Serve (SQLite) or work (PostgreSQL) with the clock standing at this instant."""
    settings = replace(settings_for(url, Path(folder)), port=0)
    worker.now = lambda: datetime.fromisoformat(at)  # type: ignore[attr-defined]
    if point:
        stop_at(POINTS[point])
    tell_of_rest()
    return serving.serve(settings) if settings.is_sqlite else serving.work(settings)
