"""Random acts of everybody: the book is right after each, on both databases, and a planted fault is found."""

import os
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg import Connection

from app.campaigns.model import OnDefault
from app.campaigns.round_rules import Chosen
from app.demo.cast import BANK, CITY, GRID, INSURER, MINISTRY
from app.escrow import charge_backs, moves, receipts
from app.worker import Worker
from tests import conftest, machine, machine_work, postgres
from tests.playing import NORDLICHT, START, Play, settings_for
from tests.walks import missed

SEED = int(os.environ.get("JALON_SEED", "0")) or int(time.time())
RAM = Path("/dev/shm")  # a file there costs no disk; without it, any folder will do


def begin(play: Play) -> Play:
    """Three campaigns to begin with: one open, one secured with its first tranche called, one to be accepted."""
    play.settle()
    play.round((150_000, 90_001, 60_000), {BANK.name: 100_000, GRID.name: 33_333}, optional=1)
    called = play.round(
        (133_333, 66_667, 100_001),
        {BANK.name: 99_999, NORDLICHT.name: 100_001, MINISTRY.name: 50_000, CITY.name: 50_001},
        tranches=[1, 1, 2],
    )
    called.call()
    late = play.round(
        (90_000, 40_000, 30_000), {BANK.name: 50_000, GRID.name: 40_000, NORDLICHT.name: 60_000}, optional=1,
        chosen=Chosen(on_default=OnDefault.VOTE, retention_basis_points=1000),
    )  # fmt: skip
    late.close_early()
    late.call()
    reviewed = play.round(
        (100_000, 7), {GRID.name: 60_000, INSURER.name: 40_007},
        chosen=Chosen(retention_basis_points=500, on_default=OnDefault.TOP_UP),
    )  # fmt: skip
    reviewed.call_and_pay()
    reviewed.hand_in(1, "v1")
    return play


class Silent(Worker):
    """The worker without its mails: nobody reads them here."""

    def _write_mails(self, at: Any) -> int:
        return 0


def stage_on(url: str, folder: Path) -> Play:
    database = machine.Mortal(url)
    play = Play(database, settings_for(url, folder), START).know()
    play.worker = Silent(database, play.worker.settings)
    return play


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[ExitStack], Play]]:
    """Opens a copy of a prepared file, in memory where there is such a folder."""
    with ExitStack() as things:
        folder = tmp_path
        if RAM.is_dir() and os.access(RAM, os.W_OK):
            folder = RAM / f"jalon-{os.getpid()}-{tmp_path.name}"
            folder.mkdir()
            things.callback(shutil.rmtree, folder)
        prepared = folder / "prepared.db"
        shutil.copyfile(sqlite_template, prepared)
        first = begin(stage_on(f"sqlite:///{prepared}", tmp_path))
        first.database.close()
        later = first.at

        def open_stage(stack: ExitStack) -> Play:
            shutil.copyfile(prepared, folder / "example.db")
            for leftover in ("example.db-wal", "example.db-shm"):
                (folder / leftover).unlink(missing_ok=True)
            play = stage_on(f"sqlite:///{folder / 'example.db'}", tmp_path)
            play.at = later
            stack.callback(play.database.close)
            return play

        yield open_stage


@pytest.fixture
def on_postgres(postgres_url: str, postgres_broom: Connection, tmp_path: Path) -> Callable[[ExitStack], Play]:
    """Empties PostgreSQL and moves everybody in, again for each example."""

    def open_stage(stack: ExitStack) -> Play:
        postgres.empty(postgres_broom)
        play = begin(stage_on(conftest.driven(postgres_url), tmp_path))
        stack.callback(play.database.close)
        return play

    return open_stage


def run(
    open_stage: Callable[[ExitStack], Play], *, examples: int, steps: int, shrink: bool = True,
    kind: type[machine_work.Acts] = machine_work.Acts,
) -> int:  # fmt: skip
    """Draw that many stories; how many steps were tried. The seed and the states reached stand in the output.

    Where short stories are drawn as well, every state has to be reached.
    """

    class Drawn(kind):  # type: ignore[misc,valid-type]
        pass

    Drawn.open_stage = staticmethod(open_stage)
    Drawn.counted = defaultdict(lambda: [0, 0])
    Drawn.reached = defaultdict(Counter)
    print(f"JALON_SEED={SEED}")
    began, began_busy = time.monotonic(), time.process_time()
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])]
    try:
        how = settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, phases=phases,
            suppress_health_check=list(HealthCheck), print_blob=False,
        )  # fmt: skip
        run_state_machine_as_test(seed(SEED)(Drawn), settings=how)
    finally:
        done, refused = (sum(counts[i] for counts in Drawn.counted.values()) for i in (0, 1))
        seconds, busy = time.monotonic() - began, time.process_time() - began_busy
        print(
            *(f"{name}: {yes} done, {no} refused" for name, (yes, no) in sorted(Drawn.counted.items())),
            sep="\n",
        )
        for name, states in sorted(Drawn.reached.items()):
            print(f"{name}:", ", ".join(f"{state} {count}" for state, count in sorted(states.items())))
        print(
            f"{done} acts done, {refused} refused in {seconds:.1f} s:"
            f" {(done + refused) / seconds:.0f} a second, {(done + refused) / busy:.0f} a second of one processor"
        )
    if kind is machine_work.Walking:
        assert not missed(Drawn.reached)
    return done + refused


@pytest.mark.slow
def test_whatever_people_do_the_book_is_right_on_sqlite(on_sqlite: Callable[[ExitStack], Play]) -> None:
    assert run(on_sqlite, examples=12, steps=50) > 100


@pytest.mark.slow
def test_whatever_people_do_the_book_is_right_on_postgresql(on_postgres: Callable[[ExitStack], Play]) -> None:
    assert run(on_postgres, examples=4, steps=40) > 30


@pytest.mark.drill
def test_fifty_thousand_acts_leave_the_book_right_on_sqlite(on_sqlite: Callable[[ExitStack], Play]) -> None:
    assert run(on_sqlite, examples=600, steps=100, kind=machine_work.Walking) > 30_000


@pytest.mark.drill
def test_ten_thousand_acts_leave_the_book_right_on_postgresql(
    on_postgres: Callable[[ExitStack], Play],
) -> None:
    assert run(on_postgres, examples=150, steps=80, kind=machine_work.Walking) > 5_000


def doubled_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release moves the price and the VAT once more, under another key."""
    honest = moves.release

    def release(db, proof, part, pledge, *, at) -> None:
        honest(db, proof, part, pledge, at=at)
        again = proof.model_copy(update={"cause": f"{proof.cause} again"})
        honest(db, again, part, pledge, at=at)

    monkeypatch.setattr(moves, "release", release)


def lost_excess(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is paid above a call is counted as paid for it."""
    honest = receipts._split

    def split(db, deposit, call, pledge):
        answer = honest(db, deposit, call, pledge)
        if call and deposit.excess_cents and deposit.price_cents:
            deposit.price_cents += deposit.excess_cents
            deposit.excess_cents = 0
        return answer

    monkeypatch.setattr(receipts, "_split", split)


def forgotten_charge_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A charge-back takes the money out and leaves the call paid."""
    monkeypatch.setattr(charge_backs, "_count_out", lambda *_more, **_named: None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "plant",
    [
        doubled_release,
        pytest.param(lost_excess, marks=pytest.mark.drill),
        pytest.param(forgotten_charge_back, marks=pytest.mark.drill),
    ],
)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    on_sqlite: Callable[[ExitStack], Play],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    with pytest.raises(BaseException) as caught:
        run(on_sqlite, examples=200, steps=50, shrink=False)
    assert not isinstance(caught.value, (KeyboardInterrupt, SystemExit))
