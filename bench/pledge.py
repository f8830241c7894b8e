"""A pledge through HTTP against the raw driver writing the same rows: how much of the limit is left.

One writer, in rounds side by side, on SQLite and PostgreSQL. Ours is the whole way: form, CSRF check, session, rules,
log, chain, commit. Raw is the database driver alone writing and updating the very rows ours wrote, one commit a pledge.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ground import TEXT_HASH, Ground, grounds

ROUNDS, EACH = 7, 40


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


def main() -> None:
    """Print a table: medians and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--each", type=int, default=EACH)
    asked = parser.parse_args()
    print(f"{'database':12} {'ours/s':>9} {'raw/s':>9} {'ours/raw':>9}   rounds")
    with tempfile.TemporaryDirectory() as folder:
        for name, ground in grounds(Path(folder)):
            ratios: list[float] = []
            rates: list[tuple[float, float]] = []
            ours(ground, 5)
            raw(ground, 5)
            for _ in range(asked.rounds):
                mine, bare = ours(ground, asked.each), raw(ground, asked.each)
                ratios.append(bare / mine)
                rates.append((asked.each / mine, asked.each / bare))
            _print(name, rates, ratios)
            ground.close()


def _print(name: str, rates: list[tuple[float, float]], ratios: list[float]) -> None:
    middle: Any = statistics.median
    print(
        f"{name:12} {middle(r[0] for r in rates):9.0f} {middle(r[1] for r in rates):9.0f} {middle(ratios):9.2f}   "
        + " ".join(f"{ratio:.2f}" for ratio in ratios)
    )


if __name__ == "__main__":
    main()
