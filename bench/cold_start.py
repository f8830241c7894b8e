"""How long the desktop program takes to its first page on this computer, beside importing flask and sqlmodel alone.

Each measurement is a process of its own, in turns, on a demonstration that was played before. The server's part goes
from the start of the process to its first whole page; the window's part is told apart (`--window`, with a screen).
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
IMPORTS = "import flask, sqlmodel"
SERVER = """
import sys, urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from app.local import Local
local = Local(Path(sys.argv[1]), demo=True)
entrance = local.start()
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
page = browser.open(entrance).read()
assert b"</html>" in page
print("first page", flush=True)
local.stop()
"""
WINDOW = """
import sys, time
began = time.perf_counter()
from client.readiness import prepare_engine
prepare_engine()
import webview
shown = webview.create_window("bench", html="<p>here</p>")
shown.events.loaded += lambda: (print("first page", flush=True), shown.destroy())
webview.start(gui="qt")
"""


def seconds_to(script: str, *words: str) -> float:
    """From the start of a process until it says that its first page is there (or, where it says nothing, its end)."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        took = time.perf_counter() - started
        running.stdout.read()
    if running.returncode != 0:
        raise SystemExit(f"a measured process ended with {running.returncode}")
    return took


def main() -> None:
    """Print seconds and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--window", action="store_true", help="measure the window's part too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = str(Path(folder) / "demo")
        seconds_to(SERVER, home)  # plays the story
        rounds = [(seconds_to(SERVER, home), seconds_to(IMPORTS)) for _ in range(asked.rounds)]
    ours, bare = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(server / imports for server, imports in rounds)
    print(f"server, to its first page  {ours:6.2f} s")
    print(f"flask and sqlmodel alone   {bare:6.2f} s")
    print(f"ratio                      {ratio:6.2f}     {' '.join(f'{a / b:.2f}' for a, b in rounds)}")
    if asked.window:
        print(
            f"window, to its first page  {statistics.median(seconds_to(WINDOW) for _ in range(asked.rounds)):6.2f} s"
        )


if __name__ == "__main__":
    main()
