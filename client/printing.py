"""The page on paper, or kept as a PDF among the papers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from client import papers
from client.troubles import why_not_kept
from client.words import Sentence

if TYPE_CHECKING:
    from client.program import Program


class Printing:
    """Prints the page of one window; tells what was saved, or why it was not."""

    def __init__(
        self, program: "Program", window: Any, saved: Callable[[Path], None], tell: Callable[[Sentence], None]
    ) -> None:
        self._program = program
        self._engine = window.engine
        self._native = window.native
        self._saved = saved
        self._tell = tell
        self._printer: Any = None
        self._engine.page.printRequested.connect(self.print)
        self._engine.page.pdfPrintingFinished.connect(self._printed)

    def print(self) -> None:
        """Print the page; the system asks on what."""
        self._printer = QPrinter()
        if QPrintDialog(self._printer, self._native).exec():
            self._native.webview.print(self._printer)

    def save_page(self) -> None:
        """Keep the page as a PDF among the papers; a paper that is open is filed as it is."""
        here = self._engine.page.url()
        if here.path().endswith(".pdf") and self._engine.is_ours(here):
            self._engine.page.download(here)
            return
        name = papers.clean(f"{self._engine.page.title()}.pdf", otherwise="page.pdf")
        try:
            self._engine.page.printToPdf(str(papers.take_free(self._program.papers_folder(), name)))
        except OSError as error:
            self._tell(why_not_kept(error))

    def _printed(self, path: str, is_done: bool) -> None:
        if is_done:
            self._saved(Path(path))
            return
        Path(path).unlink(missing_ok=True)
        self._tell(Sentence("The page could not be saved as a PDF: is there room on the disk?"))
