"""A window left alone hardly works: the processor's time of the program and of all the engine's processes, told."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.desktop.desk import Desk, become, until

pytestmark = [pytest.mark.drill]
RESTED = (
    0.1  # of one core, over a few seconds: everything was loaded, and the first rounds of the worker are over
)
SECONDS = 30.0
MOST = (
    0.03  # of one core; told is much less, and a computer that does much else counts some of its trouble here
)


def test_a_window_left_alone_takes_next_to_nothing_of_the_processor(told: Desk) -> None:
    page = told.start("--profile", "demo")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    become(page, "Ada Laurent")
    assert told.browser is not None
    told.browser.close()  # nobody looks in from outside
    told.browser = None
    assert told.process is not None
    number = told.process.pid
    until(lambda: share_of_a_core(number, 5.0) < RESTED, 120, "the program comes to rest")
    share = share_of_a_core(number, SECONDS)
    print(f"left alone for {SECONDS:.0f} s: {share:.2%} of one core")
    assert share < MOST
    assert told.stop() == 0


def share_of_a_core(number: int, seconds: float) -> float:
    """How much of one core this process and all that came from it use in the time to come."""
    began, before = time.monotonic(), processor_seconds(number)
    time.sleep(seconds)
    return (processor_seconds(number) - before) / (time.monotonic() - began)


def processor_seconds(number: int) -> float:
    """What the process and all that came from it have used so far."""
    own: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            own[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
    ticks = sum(int(own[each][11]) + int(own[each][12]) for each in family(number, own))
    return ticks / os.sysconf("SC_CLK_TCK")


def family(number: int, own: dict[int, list[str]]) -> Iterator[int]:
    """The process and all that came from it."""
    yield number
    for child, facts in own.items():
        if int(facts[1]) == number:
            yield from family(child, own)
