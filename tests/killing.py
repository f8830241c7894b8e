"""Processes that tests start to kill them: forked from one that has Jalon loaded, as loading it takes two seconds."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

PATIENCE = 120  # seconds until a process that says nothing has failed the test
LOADED = ["tests.mortal", "tests.mortal_stripe", "tests.all_loaded"]


@dataclass
class Victim:
    """A process in a group of its own, and what it says."""

    process: BaseProcess
    voice: Connection

    def hear(self, word: str, times: int = 1) -> None:
        """Wait until it has said this so many times, or everything it had to do is done."""
        with suppress(EOFError):
            while times > 0:
                said = self.voice.recv()
                times -= said == word
                if said == "at rest":
                    return
            return
        raise AssertionError(f"it ended without saying “{word}”: {self.process.exitcode}")

    def kill(self) -> int | None:
        """SIGKILL to the whole group: no handler runs, nothing is tidied up. How it ended."""
        if self.process.is_alive() and self.process.pid:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        return self.process.exitcode


@contextmanager
def started(main: Callable[..., int], *words: str) -> Iterator[Victim]:
    """A program in a process of its own, killed at the latest when the block ends."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(LOADED)
    ear, mouth = server.Pipe(duplex=False)
    process = server.Process(target=_live, args=(main, mouth, words))
    process.start()
    mouth.close()  # ours: what it says ends when it ends
    victim = Victim(process, ear)
    watch = threading.Timer(PATIENCE, victim.kill)
    watch.start()
    try:
        victim.hear("born")  # in a group of its own by now
        yield victim
    finally:
        watch.cancel()
        victim.kill()
        process.close()
        ear.close()


def _live(main: Callable[..., int], voice: Connection, words: tuple[str, ...]) -> None:
    from tests import mortal

    os.setsid()
    mortal.voice = voice
    mortal.say("born")
    raise SystemExit(main(*words))
