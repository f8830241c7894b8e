"""What the window can that a browser cannot: its menu, saving, dropping, printing, telling, staying signed in."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from client import menu, papers
from client.bells import bell_here
from client.drops import Drops, LayIn, page_for
from client.folders import private
from client.menu import Entry
from client.notices import Known, Notices, Thing, every_seconds
from client.papers import Filing
from client.printing import Printing
from client.saving import Downloads, Together, beside, filing_at, keep_copy, move_to
from client.staying import CONNECTED, SIGN_IN
from client.troubles import why_not_kept
from client.words import Sentence

if TYPE_CHECKING:
    from client.program import Program


class Furnishing:
    """Everything native of one window; made on its thread, before it shows its first page."""

    def __init__(self, program: "Program", window: Any) -> None:
        self._program = program
        self._window = window
        self._engine = window.engine
        self._native = window.native
        self._actions: list[Any] = []
        self._last_saved: Path | None = None
        self._bell = bell_here(self._native)
        self._lay_in = LayIn(self._engine)
        self._lay_in.done.connect(self._laid_in)
        self._drops = Drops(self._native.webview)
        self._drops.dropped.connect(self._dropped)
        incoming = private(program.folders.cache / "incoming")
        self._downloads = Downloads(self._engine, incoming, self._arrived, self._tell)
        self._engine.papers.connect(self._keep_copy)
        self._engine.came.connect(self._came)
        self._printing = Printing(program, window, self._saved, self._tell)
        known = Known(program.folders.of_profile(program.id) / "told.json")
        self.notices = Notices(known, program.choices, self._ring, every_seconds())
        self.build_menu()

    # ---- Menu ----

    def build_menu(self) -> None:
        """The menu, in the language chosen now."""
        back, forward = self._native.webview.back, self._native.webview.forward
        sections: dict[str, list[Entry | None]] = {
            "Jalon": [
                Entry("Jalons …", "Ctrl+J", lambda: self._program.show_own("/")),
                Entry("Choices …", "Ctrl+,", lambda: self._program.show_own("/choices")),
                Entry("Stay signed in on this computer …", "Ctrl+Shift+J", self._ask_to_stay, True),
                None,
                Entry("Quit", "Ctrl+Q", self._native.close),
            ],
            "Go": [
                Entry("What waits for me", "Ctrl+Home", lambda: self._program.go_to("/"), True),
                Entry("Back", "Alt+Left", back),
                Entry("Forward", "Alt+Right", forward),
                Entry("Read the page again", "F5 or Ctrl+R", self._native.webview.reload),
            ],
            "Papers": [
                Entry("Save all papers of this campaign", "Ctrl+Shift+S", self.save_together, True),
                Entry("Save this page as PDF", "Ctrl+S", self._printing.save_page, True),
                Entry("Print …", "Ctrl+P", self._printing.print),
                None,
                Entry("Papers read lately", "", lambda: self._program.show_own("/papers"), True),
                Entry("Open the papers folder", "Ctrl+Shift+O", self.open_folder),
            ],
            "View": [
                Entry("Larger", "Ctrl++ or Ctrl+=", lambda: self._window.zoom_by(1)),
                Entry("Smaller", "Ctrl+-", lambda: self._window.zoom_by(-1)),
                Entry("Usual size", "Ctrl+0", lambda: self._window.zoom_to(1.0)),
                Entry("Whole screen", "F11", self._native.toggle_fullscreen),
            ],
        }
        in_jalon = self._program.profile is not None
        self._actions = menu.build(self._native, self._program.words(), sections, in_jalon=in_jalon)

    # ---- Saving ----

    def _arrived(self, path: Path, name: str, from_path: str) -> None:
        """A download is complete: find out where it belongs, beside, and put it there."""

        def find() -> None:
            outside = self._program.outside
            filing = filing_at(outside, from_path, name) if outside and from_path else Filing(file=name)
            self._window.ask(lambda: self._put(path, filing))

        beside(find)

    def _put(self, path: Path, filing: Filing) -> None:
        folder = papers.folder_for(self._program.papers_folder(), filing)
        name, is_asked = papers.file_name(filing), self._program.choices().asks_where
        target: Path | None = None
        try:
            target = self._asked_where(folder / name) if is_asked else papers.take_free(folder, name)
            if target is None:
                path.unlink(missing_ok=True)
                return
            move_to(path, target)
        except OSError as error:
            if target is not None and not is_asked:
                target.unlink(missing_ok=True)  # the place taken for it
            self._tell(why_not_kept(error))
        else:
            self._saved(target)

    def _tell(self, trouble: Sentence) -> None:
        self._window.say(self._program.words().say(trouble), 30)

    def _asked_where(self, proposed: Path) -> Path | None:
        proposed.parent.mkdir(parents=True, exist_ok=True)
        title = self._program.words()("Save the paper")
        chosen, _filter = QFileDialog.getSaveFileName(self._native, title, str(proposed))
        return Path(chosen) if chosen else None

    def _saved(self, path: Path) -> None:
        self._last_saved = path
        self._window.say(self._program.words()("Saved: %(path)s", path=path))

    def open_folder(self) -> None:
        """Show where papers are, or the last one saved among them."""
        folder = self._last_saved.parent if self._last_saved else self._program.papers_folder()
        with suppress(OSError):  # the system says what is wrong with it
            folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def choose_folder(self) -> None:
        """Ask for another papers folder."""
        title = self._program.words()("Where papers are saved")
        chosen = QFileDialog.getExistingDirectory(self._native, title, str(self._program.papers_folder()))
        if not chosen:
            return
        try:
            self._program.choose(papers=chosen)
        except OSError as error:
            self._tell(why_not_kept(error))
        self._program.show_own("/choices")

    def _keep_copy(self, address: str) -> None:
        outside = self._program.outside
        if outside is not None:
            beside(
                lambda: keep_copy(outside, address, self._program.kept_copies, datetime.now().astimezone())
            )

    def save_together(self) -> None:
        """Save all papers of the campaign whose page is open."""
        words, outside = self._program.words(), self._program.outside
        parts = urlsplit(self._engine.page.url().toString()).path.split("/")
        if outside is None or len(parts) < 3 or parts[1] != "campaigns":
            self._window.say(words("Open the page of a campaign first."))
            return
        shown = QProgressDialog(words("Papers are being saved"), words("Stop"), 0, 0, self._native)
        shown.setMinimumDuration(0)
        together = Together(outside, self._program.papers_folder())

        def go_on(done: int, total: int, what: str) -> bool:
            def show() -> None:
                shown.setMaximum(max(total, 1))
                shown.setLabelText(what or words("Papers are being saved"))
                shown.setValue(done)

            self._window.ask(show)
            return not shown.wasCanceled()

        def save() -> None:
            read = together.run(parts[2], go_on)
            self._window.ask(lambda: self._told_together(shown, together, read))

        beside(save)

    def _told_together(self, shown: QProgressDialog, together: Together, read: bool) -> None:
        words = self._program.words()
        shown.close()
        if not read:
            self._window.say(words("The server does not answer. Please try again."))
            return
        self._last_saved = together.saved[-1] if together.saved else self._last_saved
        self._window.say(together.told(words), 20)

    # ---- Dropping ----

    def _dropped(self, name: str) -> None:
        words, path = self._program.words(), Path(name)
        page = page_for(path) if path.is_file() else None
        if self._engine.profile_origin is None:
            return
        if page is None:
            self._window.say(words("No page brings in files like %(name)s.", name=path.name))
        else:
            self._lay_in.begin(page, path)

    def _laid_in(self, is_there: bool) -> None:
        words = self._program.words()
        there = words("The file lies in the form: look at it, and send it.")
        self._window.say(
            there if is_there else words("Your role here has no page that brings in this file."), 20
        )

    # ---- Telling, and staying signed in ----

    def _ring(self, things: list[Thing]) -> None:
        words = self._program.words()
        first = things[0]
        title, text, path = first.what, first.consequence, first.path
        if len(things) > 1:
            title = words("%(count)s new things wait for you", count=len(things))
            text, path = "\n".join(thing.what for thing in things[:4]), "/"

        def open_page() -> None:
            self._window.ask(self._window.come_forward)
            self._program.go_to(path)

        self._window.ask(lambda: self._bell.ring(title, text, words("Open"), open_page))

    def _ask_to_stay(self) -> None:
        self._program.go_to(self._program.staying.page_to_ask())

    def _came(self, address: str) -> None:
        outside, staying = self._program.outside, self._program.staying
        path = urlsplit(address).path
        if outside is None or not self._engine.is_ours(QUrl(address)):
            return
        if path == CONNECTED:
            beside(lambda: self._fetched(staying.fetch(outside)))
        elif path == SIGN_IN and staying.keychain.read():
            beside(lambda: self._sign_in(staying.sign_in(outside), address))

    def _fetched(self, is_kept: bool) -> None:
        words = self._program.words()
        if is_kept and not self._program.staying.keychain.is_lasting:
            text = words("This system has no keychain: you stay signed in until the program ends.")
            self._window.ask(lambda: self._window.say(text, 30))

    def _sign_in(self, cookies: list[str], address: str) -> None:
        def plant() -> None:
            # Which leads on to where one wanted to go.
            self._engine.go_with(cookies, self._engine.profile_origin, address)

        if cookies:
            self._window.ask(plant)
