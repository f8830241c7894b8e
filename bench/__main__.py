"""Every measurement, one after the other: printed, and kept in bench/results/ with what it was measured on.

./run bench              a million entries and needs: some twenty minutes
./run bench --small      a hundred thousand: some five
./run bench pledge       one of them
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from app.kit.db import sqlite_driver

RESULTS = Path(__file__).parent / "results"
MILLION, HUNDRED_THOUSAND = 1_000_000, 100_000
BENCHES = {
    "pledge": None,
    "cold_start": None,
    "ledger": "--many",
    "needs_list": "--large",
    "bank_lines": None,
}


def ground() -> str:
    """What was measured on, in a line: numbers of two machines say nothing about each other, ratios do."""
    return (
        f"Python {platform.python_version()}, SQLite {sqlite_driver().sqlite_version}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )


def measure(name: str, rows: int) -> str:
    """Run one measurement in a process of its own, with its lines as they come; the whole of what it printed."""
    size = BENCHES[name]
    command = [sys.executable, "-u", "-m", f"bench.{name}", *((size, str(rows)) if size else ())]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if running.returncode:
        raise SystemExit(f"bench.{name} ended with {running.returncode}")
    return "".join(lines)


def main() -> None:
    """Measure what was asked for, or everything."""
    parser = argparse.ArgumentParser(
        prog="jalon bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    for name in asked.names or BENCHES:
        print(f"\n{name}", flush=True)
        table = measure(name, HUNDRED_THOUSAND if asked.small else MILLION)
        (RESULTS / f"{name}.txt").write_text(f"{ground()}\n\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
