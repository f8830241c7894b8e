"""A file dropped on the window goes to the page that brings such files in, and lies in its form, to be sent by hand."""

import base64
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QUrl, Signal
from PySide6.QtWebEngineCore import QWebEngineScript
from PySide6.QtWidgets import QWidget

LARGEST = 32 * 1024 * 1024
BEGINNING = 4096
BANK = b"urn:iso:std:iso:20022:tech:xsd:camt.05"
MOVING = (QEvent.Type.DragEnter, QEvent.Type.DragMove)

# Runs apart from the page's own scripts, which see no more than a file that was chosen.
LAY_IN = """(() => {
  const field = document.querySelector('main input[type=file]');
  if (!field) return 'no form';
  const bytes = Uint8Array.from(atob(%(content)s), (letter) => letter.charCodeAt(0));
  const chosen = new DataTransfer();
  chosen.items.add(new File([bytes], %(name)s, { type: %(kind)s }));
  field.files = chosen.files;
  field.dispatchEvent(new Event('change', { bubbles: true }));
  field.scrollIntoView({ block: 'center' });
  field.focus();
  return 'there';
})()"""


@dataclass(frozen=True)
class Import:
    """Which files a page of the server brings in: by their ending, and where that says little, by how they begin."""

    page: str
    endings: tuple[str, ...]
    says: bytes = b""


IMPORTS = (
    Import("/statements", (".xml", ".camt", ".053", ".054"), BANK),
    Import("/needs/backlogs/new", (".csv", ".xlsx", ".tsv", ".txt")),
)


def page_for(path: Path) -> str | None:
    """The page that brings this file in; None for a file no page wants."""
    for each in IMPORTS:
        if path.suffix.lower() not in each.endings:
            continue
        if not each.says:
            return each.page
        with path.open("rb") as file:
            if each.says in file.read(BEGINNING):
                return each.page
    return None


class Drops(QObject):
    """What is dropped on one window. The page itself is told nothing, and opens nothing in its own place."""

    dropped = Signal(str)

    def __init__(self, view: Any) -> None:
        super().__init__()
        self._view = view
        view.setAcceptDrops(True)
        # The engine draws in a widget of its own within the view, which takes drops first; each site gets a new one.
        for widget in (view, *view.findChildren(QWidget)):
            widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: Any) -> bool:  # noqa: N802  (Qt's own name)
        """Take files from this computer; leave text and the like to the page."""
        if event.type() == QEvent.Type.ChildAdded and event.child().isWidgetType():
            event.child().installEventFilter(self)
        if event.type() not in (*MOVING, QEvent.Type.Drop):
            return False
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not files:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.dropped.emit(files[0])
        return True


class LayIn(QObject):
    """A file on its way into a form: the page is asked for, and once it is there the file is laid in, once."""

    done = Signal(bool)

    def __init__(self, engine: Any) -> None:
        super().__init__()
        self._engine = engine
        self._waiting: tuple[str, Path] | None = None
        engine.came.connect(self._came)

    def begin(self, page: str, path: Path) -> None:
        """Go to the page; whoever has to sign in first comes to it afterwards."""
        self._waiting = (page, path)
        self._engine.go(f"{self._engine.profile_origin}{page}")

    def _came(self, address: str) -> None:
        if self._waiting is None:
            return
        page, path = self._waiting
        here = QUrl(address).path()
        if here == "/sign-in":
            return
        self._waiting = None
        if here != page:
            self.done.emit(False)
            return
        script = LAY_IN % {
            "content": json.dumps(base64.b64encode(path.read_bytes()).decode()),
            "name": json.dumps(path.name),
            "kind": json.dumps(mimetypes.guess_type(path.name)[0] or "application/octet-stream"),
        }
        apart = QWebEngineScript.ScriptWorldId.ApplicationWorld
        self._engine.page.runJavaScript(
            script, int(apart.value), lambda said: self.done.emit(said == "there")
        )
