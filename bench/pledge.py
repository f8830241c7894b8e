"""A pledge through HTTP against the raw driver writing the same rows: how much of the limit is left.

One writer, in rounds side by side, on SQLite and PostgreSQL. Ours is the whole way: form, CSRF check, session, rules,
log, chain, commit. Raw is the database driver alone writing and updating the very rows ours wrote, one commit a pledge.

The ratio says as much about the disk as about us: where a commit is acknowledged at once, the driver waits for nothing
and what is left is our own work. So that stands beside it, in milliseconds of processor, client and server together;
and the same way for a request that asks for nothing but a small file, the least any page costs behind this server.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ground import TEXT_HASH, Ground, grounds

ROUNDS, EACH = 7, 40
NOTHING = "/static/favicon.svg"


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


def main() -> None:
    """Print a table: medians and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--each", type=int, default=EACH)
    asked = parser.parse_args()
    print(
        f"{'database':12} {'ours/s':>8} {'raw/s':>8} {'ours/raw':>8} {'CPU ms':>7} {'nothing/s':>9}   rounds"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, ground in grounds(Path(folder)):
            ratios: list[float] = []
            rates: list[tuple[float, float, float, float]] = []
            ours(ground, 5)
            raw(ground, 5)
            for _ in range(asked.rounds):
                worked = time.process_time()
                mine = ours(ground, asked.each)
                worked = time.process_time() - worked
                bare, empty = raw(ground, asked.each), nothing(ground, asked.each)
                ratios.append(bare / mine)
                rates.append(
                    (asked.each / mine, asked.each / bare, worked / asked.each * 1000, asked.each / empty)
                )
            _print(name, rates, ratios)
            ground.close()


def _print(name: str, rates: list[tuple[float, float, float, float]], ratios: list[float]) -> None:
    middle: Any = statistics.median
    mine, bare, worked, empty = (middle(rate[place] for rate in rates) for place in range(4))
    print(
        f"{name:12} {mine:8.0f} {bare:8.0f} {middle(ratios):8.2f} {worked:7.1f} {empty:9.0f}   "
        + " ".join(f"{ratio:.2f}" for ratio in ratios)
    )


if __name__ == "__main__":
    main()
