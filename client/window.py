"""The one window: made by pywebview on Qt, furnished here, and closed so that its process really ends."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import webview
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QIcon

from client.engine import Engine
from client.preferences import Place, WindowPlace

ICON = Path(__file__).with_name("jalon.svg")
SMALLEST = (360, 480)
PAPER = {Qt.ColorScheme.Dark: "#14181c"}
PATIENCE = 3.0
ZOOMS = (0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)

Furnish = Callable[["Window"], None]


class Window(QObject):
    """A window that is open from `run` until somebody closes it."""

    asked = Signal(object)

    def __init__(self, *, storage: Path, place: WindowPlace, fingerprint: str, furnish: Furnish) -> None:
        super().__init__()
        self._storage = storage
        self._place = place
        self._fingerprint = fingerprint
        self._furnish = furnish
        self._failure: Exception | None = None
        self._is_left = False
        self.native: Any = None
        self.engine: Engine

    def run(self) -> None:
        """Open the window; returns when it was closed. Raises what went wrong while it was furnished."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._leave)
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False
        webview.settings["ALLOW_DOWNLOADS"] = False
        stood = self._place.read()
        shown = webview.create_window(
            "Jalon", html=" ", width=stood.width, height=stood.height, x=stood.x, y=stood.y, min_size=SMALLEST,
            maximized=stood.maximized, text_select=True,
        )  # fmt: skip
        shown.events.initialized += self._keep_signals
        shown.events.before_show += self._prepare
        icon = str(ICON) if ICON.exists() else None
        # Asked for by its name, the Qt window is the same on every system.
        webview.start(gui="qt", private_mode=False, storage_path=str(self._storage), icon=icon)
        free_waiting_threads(self.native)
        if self._failure is not None:
            raise self._failure

    def _prepare(self) -> None:
        """Called by pywebview on the window's own thread, before anything is shown. It would only log what fails."""
        self.native = webview.windows[0].native
        try:
            QGuiApplication.setDesktopFileName("jalon")
            QGuiApplication.setApplicationDisplayName("Jalon")
            self.native.setWindowIcon(QIcon(str(ICON)))
            self.asked.connect(self._act, Qt.ConnectionType.QueuedConnection)
            self.native.installEventFilter(self)
            self.engine = Engine(self.native, self._fingerprint)
            self._bring_into_sight()
            self.zoom_to(self._place.read().zoom)
            scheme = QGuiApplication.styleHints().colorScheme()
            self.engine.page.setBackgroundColor(QColor(PAPER.get(scheme, "#f7f5f0")))
            self._furnish(self)
        except Exception as failure:  # whatever it was: a window that is not locked shows nothing
            self._failure = failure
        if self._failure is not None or self._is_left:
            QTimer.singleShot(0, self.native.close)

    def _keep_signals(self) -> None:
        """Have the signals stay ours, just before pywebview takes one of them for the time its window is made.

        Its own answer ends the loop without closing the window, so that cookies of this run are lost; before there is
        a loop, it does nothing at all, and the program goes on.
        """
        from webview.platforms import qt

        qt._sigint_handler = self._leave

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        """Close the window, or if it is not there yet, as soon as it is."""
        self._is_left = True
        if self.native is not None:
            QTimer.singleShot(0, self.native.close)

    def ask(self, act: Callable[[], None]) -> None:
        """Do this on the window's own thread, soon. From any thread."""
        with contextlib.suppress(RuntimeError):  # the window is gone
            self.asked.emit(act)

    @Slot(object)
    def _act(self, act: Callable[[], None]) -> None:
        act()

    def close(self) -> None:
        """Close the window, and so end `run`."""
        self.ask(self.native.close)

    def come_forward(self) -> None:
        """Show the window over the others."""
        state = self.native.windowState() & ~Qt.WindowState.WindowMinimized
        self.native.setWindowState(state)
        self.native.show()
        self.native.raise_()
        self.native.activateWindow()

    def say(self, text: str, seconds: int = 8) -> None:
        """A line at the foot of the window, for a while; never something one must read."""
        self.native.statusBar().showMessage(text, seconds * 1000)

    # ---- Size, place, zoom ----

    def zoom_to(self, factor: float) -> None:
        """Draw pages this large."""
        self.native.webview.setZoomFactor(min(max(factor, ZOOMS[0]), ZOOMS[-1]))

    def zoom_by(self, steps: int) -> None:
        """One step larger or smaller."""
        now = self.native.webview.zoomFactor()
        nearest = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - now))
        self.zoom_to(ZOOMS[min(max(nearest + steps, 0), len(ZOOMS) - 1)])

    def _bring_into_sight(self) -> None:
        """A screen may be gone since last time."""
        frame = self.native.frameGeometry()
        if not any(screen.availableGeometry().intersects(frame) for screen in QGuiApplication.screens()):
            self.native.move(40, 40)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's own name)
        """Note where the window stood when it closes."""
        if event.type() == QEvent.Type.Close and self.native is not None:
            frame = self.native.normalGeometry()
            stands = Place(
                x=frame.x(), y=frame.y(), width=frame.width(), height=frame.height(),
                maximized=self.native.isMaximized(), zoom=self.native.webview.zoomFactor(),
            )  # fmt: skip
            with contextlib.suppress(OSError):  # next time it stands where it stood before
                self._place.keep(stands)
        return False


def free_waiting_threads(native: Any) -> None:
    """Defect 3: a thread of pywebview may wait for ever on a page that is gone, and the process with it."""
    ends = threading.Event()
    waited = 0.0
    while waited < PATIENCE:
        others = [
            each for each in threading.enumerate() if not each.daemon and each is not threading.main_thread()
        ]
        if not others or native is None:
            return
        for result in list(native._js_results.values()):
            result["semaphore"].release()
        ends.wait(0.05)
        waited += 0.05


def open_elsewhere(address: str) -> None:
    """Hand an address to the system's own browser or mail program."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address, 2), daemon=True, name="browser").start()


def file_address(path: Path) -> str:
    """A file or folder, as the system opens it."""
    return QUrl.fromLocalFile(str(path)).toString() if sys.platform != "win32" else path.as_uri()
