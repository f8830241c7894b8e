"""Python's own cleaning up, told what it need not look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN_LOOKS = 50_000


def spare_the_collector() -> None:
    """What was loaded at the start stays: looking through it again and again took a tenth of every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 50)


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """While a program begins it only loads what stays: looking what to throw away took a fifth of the time.

    Nor is it looked through at the end, when somebody waits for the first page.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 50)
        if was_on:
            gc.enable()
