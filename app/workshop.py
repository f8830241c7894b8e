"""What the people who build Jalon run, from the folder it was cloned into."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# One file after the other on each core: what a file sets up is set up once. The browser's, the longest, come first.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
QUICK = ("-m", "not slow and not browser and not drill")


def python(*words: str, **environment: str) -> int:
    """Run this Python on a module, in the project's folder; returns its status."""
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env={**os.environ, **environment}, check=False
    ).returncode


def desktop(asked: argparse.Namespace) -> int:
    """The program with its window (`./run desktop` has installed what it needs)."""
    return python("client", *asked.rest)


def test(asked: argparse.Namespace) -> int:
    """Every test, after fetching what they need from the system."""
    python("tests.prepare")
    return python("pytest", *(asked.rest or SIDE_BY_SIDE))


def drill(asked: argparse.Namespace) -> int:
    """The long loops: an hour or more."""
    python("tests.prepare")
    return python("pytest", "-m", "drill or long_story", *asked.rest, JALON_DRILL="1")


def check(_asked: argparse.Namespace) -> int:
    """What must hold before a change is kept, in under a minute; every step runs, whatever failed before."""
    steps = {
        "format": ("ruff", "format", "--check", "."),
        "lint": ("ruff", "check", "."),
        "types": ("mypy",),
        "imports": ("tests.contracts",),
        "dependencies": ("deptry", "."),
        "fast tests": ("pytest", "-q", *SIDE_BY_SIDE, *QUICK),
    }
    failed = []
    for name, words in steps.items():
        began = time.monotonic()
        status = python(*words, JALON_TEST_DATABASES="sqlite")
        print(f"{'failed' if status else 'ok':>6}  {name} ({time.monotonic() - began:.1f} s)", flush=True)
        if status:
            failed.append(name)
    print(f"Not ready: {', '.join(failed)}." if failed else "Ready.")
    return 1 if failed else 0


def bench(asked: argparse.Namespace) -> int:
    """Measure, and print the table."""
    return python("bench", *asked.rest)


def states(_asked: argparse.Namespace) -> int:
    """Draw docs/states.md from the tables of moves."""
    from app import house

    house.draw_states()
    print(ROOT / "docs" / "states.md")
    return 0


def migration(asked: argparse.Namespace) -> int:
    """Write the next migration: triggers, checks and enum values are to be added by hand."""
    from app.kit.migrate import draft

    print(f"{draft(asked.name)}\nRead it over: triggers, checks and lengths are not seen by the comparison.")
    return 0


def words(_asked: argparse.Namespace) -> int:
    """Check the catalogs: every sentence of every room has its French."""
    from app import house

    lines = house.missing_words()
    for line in lines:
        print(line)
    return 1 if lines else 0
