"""`jalon-desktop`: opens the window, or says in one sentence why it cannot."""

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence

from client import __version__
from client.addresses import link_in
from client.readiness import prepare_engine, what_is_missing
from client.troubles import why_not_kept
from client.words import Sentence, Words, language_of_system

CANNOT_OPEN = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program, and leave with its status: 2 where no window can open."""
    asked = parser().parse_args(arguments)
    missing = what_is_missing()
    if missing is not None:
        raise SystemExit(refuse(missing))
    prepare_engine()
    try:
        status = run(asked.profile, asked.link)
    except OSError as error:
        status = refuse(why_not_kept(error))
    raise SystemExit(status)


def refuse(why: Sentence) -> int:
    """Say in the language chosen, or the computer's, why no window opens; the status to leave with."""
    print(words_here().say(why), file=sys.stderr)
    return CANNOT_OPEN


def words_here() -> Words:
    """The language chosen, where that can be read, or the computer's."""
    with contextlib.suppress(ImportError, OSError):
        from client.folders import own_folders
        from client.preferences import Choices

        return Words(Choices(own_folders().config).read().spoken())
    return Words(language_of_system())


def parser() -> argparse.ArgumentParser:
    """What may stand on the command line: nothing secret ever does."""
    line = argparse.ArgumentParser(prog="jalon-desktop", description="Jalon in a window of its own.")
    line.add_argument("--version", action="version", version=f"Jalon {__version__}")
    line.add_argument(
        "--profile", metavar="NAME", help="demo, local, or a server you added (default: the last one)"
    )
    line.add_argument("link", nargs="?", default="", help="a jalon:// link")
    return line


def run(wanted: str | None, link_text: str) -> int:
    """One profile after the other, as they are chosen; 0 when the window was closed."""
    from client.folders import own_folders, without_room
    from client.only_one import SHOW, OnlyOne
    from client.preferences import Choices
    from client.profiles import Profiles
    from client.program import CHOOSER, Program

    folders = own_folders()
    if full := without_room(folders):
        return refuse(
            Sentence(
                "There is hardly any room left on the disk of %(folder)s. Make room, then start Jalon again.",
                folder=full,
            )
        )
    profiles = Profiles(folders.config)
    link = link_in(link_text) if link_text else None
    profile = (
        profiles.for_link(link)
        if link
        else profiles.get(wanted or Choices(folders.config).read().last_profile)
    )
    if wanted and profile is None and not link_text:
        names = ", ".join(each.id for each in profiles.all())
        status = refuse(
            Sentence("No Jalon is called %(wanted)s here. There are: %(names)s.", wanted=wanted, names=names)
        )
        if files := ", ".join(map(str, profiles.unreadable())):
            refuse(
                Sentence("Some of your servers could not be read. They are kept in %(files)s.", files=files)
            )
        return status
    path = link.path if link and profile else "/"
    only_one = OnlyOne(folders.of_profile(profile.id if profile else CHOOSER))
    if not only_one.take():
        if only_one.tell(path if link and profile else SHOW):
            return 0
        return refuse(
            Sentence("This Jalon is open already, but does not answer. End it, then start it again.")
        )
    chosen = Program(folders, profile, only_one, path).run()
    if chosen:
        begin_anew(chosen)
    return 0


def command(profile_id: str) -> list[str]:
    """How this program is started with a profile, installed or in a bundle."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "client"]
    return [*program, "--profile", profile_id]


def begin_anew(profile_id: str) -> None:
    """Become the program of another profile: the engine keeps one storage a process."""
    sys.stdout.flush()
    if sys.platform == "win32":
        start_beside(profile_id)
        return
    line = command(profile_id)
    keep_doors_to_this_one()
    os.execv(line[0], line)  # noqa: S606  (our own program)


def keep_doors_to_this_one() -> None:
    """Have the engine's own doors, some of which would stay open and taken, closed with its threads, and not before.

    A thread of the engine that finds a door closed from behind ends the whole program with a fatal error.
    """
    for number in range(3, 4096):
        with contextlib.suppress(OSError):
            os.set_inheritable(number, False)


def start_beside(profile_id: str) -> None:
    """Start another profile's program; where it runs already, it comes forward."""
    subprocess.Popen(command(profile_id), close_fds=True, start_new_session=True)


if __name__ == "__main__":
    main()
