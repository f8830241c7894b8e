"""Parts of the window by themselves, drawn on no screen: each in a process of its own, as the engine wants it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.desktop.desk import ROOT, SOON


def run_offscreen(module: str, *words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the programs that stand in this folder; raises where it does not end."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(home),
        "HOME": str(home),
    }
    if os.geteuid() == 0:
        environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    return subprocess.run(
        [sys.executable, "-m", f"tests.desktop.{module}", *words], env=environment, cwd=ROOT,
        capture_output=True, text=True, timeout=1.5 * SOON, check=False,
    )  # fmt: skip
