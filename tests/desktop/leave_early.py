"""A window that is told to end while it is being made (`python leave_early.py FOLDER`). Prints a word once it has."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from client.preferences import WindowPlace
from client.readiness import prepare_engine

if __name__ == "__main__":
    prepare_engine()
    from client import window

    made = window.Engine

    def interrupted(*facts: Any) -> window.Engine:
        """pywebview has made its window and taken the signal; its loop does not run yet."""
        os.kill(os.getpid(), signal.SIGINT)
        return made(*facts)

    window.Engine = interrupted  # type: ignore[assignment,misc]
    folder = Path(sys.argv[1])
    window.Window(
        storage=folder, place=WindowPlace(folder), fingerprint="", furnish=lambda _window: None
    ).run()
    print("ended")
