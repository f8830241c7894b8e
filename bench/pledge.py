"""A pledge through HTTP against the raw driver writing the same rows: how much of the limit is left.

One writer, in rounds side by side, on SQLite and PostgreSQL. Ours is the whole way: form, CSRF check, session, rules,
log, chain, commit. Raw is the database driver alone writing and updating the very rows ours wrote, one commit a pledge.

The ratio says as much about the disk as about us: where a commit is acknowledged at once, the driver waits for nothing
and what is left is our own work. So three things stand beside it:

- CPU ms: that work, in milliseconds of processor, client and server together.
- nothing/s: requests for a small file, the least any page costs behind this server. nothing/raw is the share of the
  raw rate that they reach: on this disk no page comes above it, and one that writes as well stays below.
- the last column is calculated, not measured: what ours/raw would be if each commit were acknowledged so many
  milliseconds later than here (--commit-ms X), (raw + X) / (ours + X). It takes both to wait for one commit a pledge
  and everything else to stay as it is. 2.0 by default: on an ordinary disk the raw SQLite driver took 2.1 ms a pledge.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.ground import TEXT_HASH, Ground, grounds

ROUNDS, EACH = 7, 40
COMMIT_MS = 2.0
NOTHING = "/static/favicon.svg"


@dataclass(frozen=True)
class Round:
    """What one pledge took in a round, in seconds: ours, raw, our processor time, and a request for nothing."""

    ours: float
    raw: float
    worked: float
    nothing: float

    @property
    def ratio(self) -> float:
        """How much of the raw rate ours reaches."""
        return self.raw / self.ours

    def ratio_where_a_commit_takes(self, longer: float) -> float:
        """The same, calculated, if every commit were acknowledged so many seconds later."""
        return (self.raw + longer) / (self.ours + longer)


def ours(ground: Ground, count: int) -> float:
    """Seconds for so many pledges, drafted beforehand and signed through HTTP."""
    drafts = ground.draft(count)
    started = time.perf_counter()
    for name in drafts:
        answer = ground.post(f"/pledges/{name}/signature", {"text": TEXT_HASH})
        if answer != 303:
            raise SystemExit(f"a pledge was answered {answer}")
    return time.perf_counter() - started


def raw(ground: Ground, count: int) -> float:
    """Seconds for the same statements by the driver: what a signature writes, one commit each."""
    drafts = ground.draft(count)
    started = time.perf_counter()
    for name in drafts:
        ground.sign_raw(name)
    return time.perf_counter() - started


def nothing(ground: Ground, count: int) -> float:
    """Seconds for so many requests that are answered without a look at the database."""
    started = time.perf_counter()
    for _ in range(count):
        ground.get(NOTHING)
    return time.perf_counter() - started


def measure(ground: Ground, count: int) -> Round:
    """So many pledges of each sort, one sort after the other."""
    worked = time.process_time()
    mine = ours(ground, count)
    worked = time.process_time() - worked
    bare, empty = raw(ground, count), nothing(ground, count)
    return Round(mine / count, bare / count, worked / count, empty / count)


def main() -> None:
    """Print a table: medians over the rounds, and below each line the ratio of every round."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--commit-ms", type=float, default=COMMIT_MS, metavar="X")
    asked = parser.parse_args()
    print(f"last column: calculated, ours/raw if each commit took {asked.commit_ms:g} ms longer than here\n")
    print(
        f"{'database':10} {'ours/s':>6} {'raw/s':>6} {'ours/raw':>8} {'CPU ms':>6} {'nothing/s':>9}"
        f" {'nothing/raw':>11} {f'+{asked.commit_ms:g} ms':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, ground in grounds(Path(folder)):
            ours(ground, 5)
            raw(ground, 5)
            _print(name, [measure(ground, asked.each) for _ in range(asked.rounds)], asked.commit_ms / 1000)
            ground.close()


def _print(name: str, rounds: list[Round], longer: float) -> None:
    def middle(figure: Callable[[Round], float]) -> float:
        return statistics.median(map(figure, rounds))

    print(
        f"{name:10} {1 / middle(lambda one: one.ours):6.0f} {1 / middle(lambda one: one.raw):6.0f}"
        f" {middle(lambda one: one.ratio):8.2f} {1000 * middle(lambda one: one.worked):6.1f}"
        f" {1 / middle(lambda one: one.nothing):9.0f} {middle(lambda one: one.raw / one.nothing):11.2f}"
        f" {middle(lambda one: one.ratio_where_a_commit_takes(longer)):8.2f}"
    )
    print(f"{'':10} rounds {_listed(one.ratio for one in rounds)}", flush=True)


def _listed(ratios: Iterable[float]) -> str:
    return " ".join(f"{ratio:.2f}" for ratio in ratios)


if __name__ == "__main__":
    main()
