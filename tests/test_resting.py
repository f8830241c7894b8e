"""The worker lets a laptop sleep, and is there as soon as somebody writes."""

import threading
from typing import Any

import pytest

from app import worker
from app.kit.db import Database
from app.kit.settings import Settings


class Pauses(threading.Event):
    """Counts pauses instead of waiting; at the named one somebody writes, after the last one all is over."""

    def __init__(self, database: Database, *, last: int, written_at: int = 0) -> None:
        super().__init__()
        self.taken = 0
        self._database, self._last, self._written_at = database, last, written_at

    def wait(self, timeout: float | None = None) -> bool:
        """One pause."""
        assert timeout == worker.PAUSE_SECONDS
        self.taken += 1
        if self.taken == self._written_at:
            somebody = threading.Thread(target=self._database.run, args=(lambda _db: None,))
            somebody.start()
            somebody.join()
        if self.taken == self._last:
            self.set()
        return self.is_set()


def rounds(
    pauses: Pauses, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """After how many pauses each round began; every round writes something of its own."""
    begun: list[int] = []

    def round_(self: Any, **_facts: Any) -> int:
        begun.append(pauses.taken)
        self.database.run(lambda _db: None)
        return 0

    monkeypatch.setattr(worker.Worker, "round", round_)
    monkeypatch.setattr(worker.Worker, "_ask_forever", lambda *_facts: None)
    monkeypatch.setattr(worker.audit, "guard", lambda *_facts: 0)
    worker.Worker(database, settings).run_forever(pauses)
    return begun


def test_the_longer_nothing_happens_the_longer_it_rests_where_it_alone_is_served(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = rounds(Pauses(database, last=24), settings, database, monkeypatch)
    if database.is_sqlite:
        assert begun == [0, 2, 6, 14, 22]
    else:  # another process may write: it looks every time
        assert begun == list(range(24))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_there_after_the_pause_in_which_somebody_wrote(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = rounds(Pauses(database, last=20, written_at=9), settings, database, monkeypatch)
    assert begun[:5] == [0, 2, 6, 9, 17]
