"""The words `jalon` understands (and `./run`, which is the same after it has installed what is missing)."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import workshop

REFUSED = 2

Command = Callable[[argparse.Namespace], int]
Options = Sequence[tuple[tuple[str, ...], dict[str, Any]]]


@dataclass(frozen=True)
class Word:
    """One command: what it does in a line, what runs it, and its options."""

    help: str
    run: Command
    options: Options = field(default_factory=tuple)


def start(_asked: argparse.Namespace) -> int:
    """Migrate, fill an empty demo with its story, serve."""
    from app import serving
    from app.kit.settings import read_settings

    settings = read_settings()
    serving.bring_up_to_date(settings)
    if settings.demo and serving.is_empty(settings):
        print("Filling this Jalon with its demo story …", flush=True)
        serving.play_story(settings)
    return serving.serve(settings)


def serve(asked: argparse.Namespace) -> int:
    """Serve the pages, with the worker beside them."""
    from app import serving
    from app.kit.settings import read_settings

    settings = read_settings()
    serving.refuse_old_tables(settings)
    return serving.serve(settings, with_worker=not asked.no_worker)


def worker(_asked: argparse.Namespace) -> int:
    """Do what happens without a click, until told to stop."""
    from app import serving
    from app.kit.settings import read_settings

    settings = read_settings()
    if settings.is_sqlite:
        print(
            "On SQLite the worker runs inside `jalon serve`, the one process that writes: nothing to do here."
        )
        return 0
    serving.refuse_old_tables(settings)
    return serving.work(settings)


def migrate(_asked: argparse.Namespace) -> int:
    """Bring the database to this version."""
    from app import serving
    from app.kit.settings import read_settings

    copy = serving.bring_up_to_date(read_settings())
    print(f"The database is up to date. As it was before: {copy}" if copy else "The database is up to date.")
    return 0


def demo(asked: argparse.Namespace) -> int:
    """Play the demo story, or fill in bulk for measuring."""
    from app import serving
    from app.kit.settings import SettingRefused, read_settings

    settings = read_settings()
    if not settings.demo:
        raise SettingRefused("JALON_DEMO is off: the demo story only goes into a demo. Set JALON_DEMO=1.")
    serving.bring_up_to_date(settings)
    if asked.needs or asked.pledges:
        serving.fill(settings, needs=asked.needs, pledges=asked.pledges)
        return 0
    if not serving.is_empty(settings):
        print("This Jalon is not empty: the story is only played into an empty one.", file=sys.stderr)
        return 1
    serving.play_story(settings)
    print("The demo story has been played.")
    return 0


def audit(_asked: argparse.Namespace) -> int:
    """Check the book, one line a check, and the sum of it below."""
    from app import audit as auditing
    from app import serving
    from app.kit.settings import read_settings

    settings = read_settings()
    with serving.opened(settings) as database:
        lines, is_right = auditing.run(database, settings.heads_file)
    for line in lines:
        print(line)
    print(auditing.in_short(lines))
    return 0 if is_right else 1


def export_ledger(asked: argparse.Namespace) -> int:
    """Write the book where others can read it."""
    from app import serving
    from app.kit.settings import read_settings
    from app.ledger import export

    asked.folder.mkdir(parents=True, exist_ok=True)
    with serving.opened(read_settings()) as database:
        for path in export.write(database, asked.folder):
            print(path)
    return 0


def number(text: str) -> int:
    """A count as typed on the command line."""
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return count


BULK = (
    (("--needs",), {"type": number, "default": 0, "metavar": "N", "help": "write N needs in bulk, no story"}),
    (("--pledges",), {"type": number, "default": 0, "metavar": "M", "help": "write M pledges in bulk"}),
)
WITHOUT_WORKER = ((("--no-worker",), {"action": "store_true", "help": "leave the worker to `jalon worker`"}),)
INTO_FOLDER = (
    (("folder",), {"type": Path, "nargs": "?", "default": Path(), "help": "where to write (default: here)"}),
)


def passed_on(help_words: str) -> Options:
    """What follows the command goes on as it was typed."""
    return ((("rest",), {"nargs": "*", "metavar": "ARGUMENT", "help": help_words}),)


TO_PYTEST = passed_on("for pytest, as typed: a file of tests, -k WORDS, …")
NAMED = ((("name",), {"help": "what people gain by it, in a few words"}),)

WORDS = {
    "start": Word("see it run: migrate, fill an empty demo, serve (the default)", start),
    "serve": Word("let people in: the pages, with the worker in the same process", serve, WITHOUT_WORKER),
    "worker": Word("get done what needs no click: mails, payments (PostgreSQL)", worker),
    "migrate": Word("move to this version; a SQLite file is copied first", migrate),
    "demo": Word("see a full Jalon: the story played in, or rows in bulk", demo, BULK),
    "audit": Word("know whether the book is right to the cent (exit 1 if not)", audit),
    "export-ledger": Word(
        "take the book along, as CSV and as text for beancount", export_ledger, INTO_FOLDER
    ),
    "desktop": Word(
        "use it in a window of its own, here or on a server",
        workshop.desktop,
        passed_on("for the program, as typed"),
    ),
    "bench": Word(
        "know how fast it is, beside the raw database drivers",
        workshop.bench,
        passed_on("what to measure: pledge, ledger, needs_list, …"),
    ),
    "test": Word("know that all works: SQLite, PostgreSQL and Chromium", workshop.test, TO_PYTEST),
    "check": Word("know in a minute whether a change can be kept", workshop.check),
    "drill": Word("know that it lasts: the long loops and the great numbers", workshop.drill, TO_PYTEST),
    "states": Word("see every state of every row, drawn into docs/states.md", workshop.states),
    "migration": Word("change tables and keep what is in them: write a migration", workshop.migration, NAMED),
    "words": Word("know that every sentence on screen is in both languages", workshop.words),
}


def parser() -> argparse.ArgumentParser:
    """The command line, with a help for every word."""
    from app import __doc__ as what_it_is

    top = argparse.ArgumentParser(
        prog="jalon",
        description=what_it_is,
        epilog="Settings come from the environment: README.md lists them.",
    )
    words = top.add_subparsers(title="commands", metavar="COMMAND", dest="word")
    for name, word in WORDS.items():
        below = words.add_parser(name, help=word.help, description=f"{word.help[:1].upper()}{word.help[1:]}.")
        for names, how in word.options:
            below.add_argument(*names, **how)
        below.set_defaults(run=word.run)
    top.set_defaults(run=start)
    return top


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command, and leave with its status: 2 for a setting or a database that cannot be used."""
    from app.kit.db import UnsafeDatabase
    from app.kit.migrate import MigrationRefused
    from app.kit.settings import SettingRefused

    line = parser()
    asked, unknown = line.parse_known_args(arguments)
    if hasattr(asked, "rest"):
        given = list(sys.argv[1:] if arguments is None else arguments)
        asked.rest = given[given.index(asked.word) + 1 :]
    elif unknown:
        line.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        raise SystemExit(asked.run(asked))
    except (SettingRefused, UnsafeDatabase, MigrationRefused) as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(REFUSED) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
