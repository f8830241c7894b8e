"""A view of the engine on which files are dropped, one after the other (`python drop_here.py FILE …`).

Prints what the form holds after each.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QWidget

from client.drops import Drops, LayIn, page_for

PAGE = "<main><form><input type=file name=file></form></main>"


class Stand(QObject):
    """What stands for the engine: it goes to a page, and says when it is there."""

    came = Signal(str)
    profile_origin = "http://jalon.example"

    def __init__(self, view: QWebEngineView) -> None:
        super().__init__()
        self.page = view.page()
        self.page.loadFinished.connect(lambda _ok: self.came.emit(self.page.url().toString()))

    def go(self, address: str) -> None:
        """Show the page that brings the file in."""
        self.page.setHtml(PAGE, QUrl(address))


if __name__ == "__main__":
    program = QApplication(sys.argv)
    view = QWebEngineView()
    view.resize(400, 300)
    view.show()
    engine, drops = Stand(view), Drops(view)
    files = sys.argv[1:]
    lay_in = LayIn(engine)
    drops.dropped.connect(lambda name: lay_in.begin(page_for(Path(name)) or "/", Path(name)))

    def read(_is_there: bool) -> None:
        """What the page's own scripts see of it."""
        script = "document.querySelector('input').files[0].name + ' at ' + location.pathname"
        view.page().runJavaScript(script, 0, told)

    def told(said: str) -> None:
        """Print it, and drop the next file."""
        print(said, flush=True)
        files.pop(0)
        if files:
            fall()
        else:
            program.quit()

    lay_in.done.connect(read)

    def fall() -> None:
        """The file falls on the widget the engine draws in, as the window system would have it."""
        held = QMimeData()
        held.setUrls([QUrl.fromLocalFile(files[0])])
        target = next((widget for widget in view.findChildren(QWidget) if widget.acceptDrops()), view)
        button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        over = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, held, button, none)
        QApplication.sendEvent(target, over)
        fallen = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, held, button, none, QEvent.Type.Drop)
        QApplication.sendEvent(target, fallen)

    QTimer.singleShot(500, fall)
    QTimer.singleShot(45_000, lambda: program.exit(3))
    sys.exit(program.exec())
