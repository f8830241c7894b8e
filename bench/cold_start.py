"""How long the desktop program takes to its first page on this computer, beside importing flask and sqlmodel alone.

Each measurement is a process of its own, in turns, on a demonstration that was played before. The server's part goes
from the start of the process to its first whole page: the one strangers see, and the one of somebody who stayed signed
in, which tells what waits for them in every room. The window's part is told apart (`--window`, with a screen).
Two clocks are read: the one on the wall, which is what people wait for, and the processor's, which on a computer that
does much else tells more of the program.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

ROUNDS = 7
FIRST, SIGNED_IN = "to the first page", "to one's own first page"
PROCESSOR = "; import time; print(time.process_time(), flush=True)"
IMPORTS = f"import flask, sqlmodel{PROCESSOR}"
SERVER = f"""
import sys
from pathlib import Path
from app.local import Local
local = Local(Path(sys.argv[1]), demo=True)
print(local.start(), flush=True)
sys.stdin.readline(){PROCESSOR}
local.stop()
"""
WINDOW = f"""
import sys
from client.readiness import prepare_engine
prepare_engine()
import webview
def loaded():
    pass{PROCESSOR}
    shown.destroy()
shown = webview.create_window("bench", html="<p>here</p>")
shown.events.loaded += loaded
webview.start(gui="qt")
"""
# Compiled modules are kept, as they are wherever Python is not told otherwise: what pip installed is compiled anyway.
SURROUNDINGS = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Took:
    """Seconds to a first page: on the wall, and of the processor."""

    wall: float
    processor: float


def time_to(script: str, *words: str, known: CookieJar | None = None) -> Took:
    """From the start of a process until its first page is there; where it names an address, that page is fetched."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env=SURROUNDINGS,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stdin is not None
        said = running.stdout.readline()
        if said.startswith("http"):
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(known or CookieJar()))
            assert b"</html>" in browser.open(said.strip()).read()
        wall = time.perf_counter() - started
        if said.startswith("http"):
            running.stdin.write("\n")
            running.stdin.flush()
            said = running.stdout.readline()
        running.stdout.read()
    if running.returncode != 0:
        raise SystemExit(f"a measured process ended with {running.returncode}")
    return Took(wall, float(said))


def signed_in(home: str) -> CookieJar:
    """What a browser keeps of somebody who signed in to this demonstration."""
    from app.local import Local

    local, kept = Local(Path(home), demo=True), CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(kept))
    browser.open(local.start())
    page = browser.open(f"{local.address}/sign-in").read().decode()
    fields = {
        name: re.search(rf'name="{name}"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("csrf_token", "name")
    }
    browser.open(f"{local.address}/sign-in/demo", urlencode(fields).encode())
    local.stop()
    return kept


def line(name: str, wall: float, processor: float, rest: str = "") -> None:
    """Print one row of the table."""
    print(f"{name:30} {wall:8.2f} {processor:10.2f}  {rest}".rstrip())


def main() -> None:
    """Print seconds and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--window", action="store_true", help="measure the window's part too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = str(Path(folder) / "demo")
        for _twice in range(2):  # plays the story, then keeps the first page compiled
            time_to(SERVER, home)
        someone = signed_in(home)
        time_to(SERVER, home, known=someone)  # keeps their page compiled too
        rounds = [
            (time_to(SERVER, home), time_to(SERVER, home, known=someone), time_to(IMPORTS))
            for _ in range(asked.rounds)
        ]
    middle = statistics.median
    print(f"{'seconds':30} {'wall':>8} {'processor':>10}")
    columns = zip(*rounds, strict=True)
    for name, column in zip((FIRST, SIGNED_IN, "flask and sqlmodel alone"), columns, strict=True):
        line(name, middle(each.wall for each in column), middle(each.processor for each in column))
    for place, name in enumerate((FIRST, SIGNED_IN)):
        ratios = [each[place].wall / each[-1].wall for each in rounds]
        of_processor = middle(each[place].processor / each[-1].processor for each in rounds)
        line(f"ratio {name}", middle(ratios), of_processor, f"({' '.join(f'{each:.2f}' for each in ratios)})")
    if asked.window:
        windows = [time_to(WINDOW) for _ in range(asked.rounds)]
        line(
            "window, to its first page",
            middle(each.wall for each in windows),
            middle(each.processor for each in windows),
        )


if __name__ == "__main__":
    main()
