"""One run of the program: the chooser, or one profile in its window. Answers what the own pages ask."""

import threading
from pathlib import Path
from typing import Any

from client.folders import Folders
from client.forgetting import forget
from client.keychain import Keychain
from client.only_one import SHOW, OnlyOne
from client.opening import Opening
from client.outside import Outside
from client.own.door import OwnDoor
from client.own.views import own_pages
from client.papers import Copies, Copy
from client.preferences import Choices, Preferences, WindowPlace
from client.profiles import Kind, Profile, Profiles
from client.staying import Staying
from client.words import Sentence, Words

CHOOSER = "chooser"


class Program:
    """Everything of one process."""

    def __init__(self, folders: Folders, profile: Profile | None, only_one: OnlyOne, path: str = "/") -> None:
        self.folders = folders
        self.profile = profile
        self._only_one = only_one
        self._path = path
        self._profiles = Profiles(folders.config)
        self._choices = Choices(folders.config)
        self._next = ""
        self._window: Any = None
        self._is_furnished = False
        self._first = ""
        self._turn = threading.Lock()
        self._door = OwnDoor(own_pages(self))
        self.kept_copies = Copies(folders.copies(self.id))
        self.staying = Staying(Keychain(self.id))
        self._furnishing: Any = None
        self._opening = self._make_opening()

    @property
    def id(self) -> str:
        """The profile's name, or the chooser's."""
        return self.profile.id if self.profile else CHOOSER

    def _make_opening(self) -> Opening | None:
        if self.profile is None:
            return None
        folder = self.folders.of_profile(self.profile.id)
        made = Opening(self.profile, self._profiles, folder, self._cookies)
        made.go, made.tell = self._found, self._show_stage
        return made

    def _cookies(self) -> str:
        return str(self._window.engine.cookie_header()) if self._is_furnished else ""

    # ---- One run ----

    def run(self) -> str:
        """Open the window and stay until it is closed; which profile to open next, or nothing."""
        self._door.start()
        if self._opening is not None:
            self._opening.begin(self._path)
        from client.window import Window

        self._window = Window(
            storage=self.folders.web(self.id),
            place=WindowPlace(self.folders.of_profile(self.id)),
            fingerprint=self.profile.fingerprint if self.profile else "",
            furnish=self._furnish,
        )
        try:
            self._window.run()
        finally:
            if self._furnishing is not None:
                self._furnishing.notices.stop()
            if self._opening is not None:
                self._opening.stop()
            self._door.stop()
            self._only_one.leave()
        return self._next

    def _furnish(self, window: Any) -> None:
        """On the window's thread, once its page is made safe and before it shows anything."""
        from client.furnishing import Furnishing
        from client.window import open_elsewhere

        engine = window.engine
        self._furnishing = Furnishing(self, window)
        engine.own = self._door.origin
        engine.plant(self._door.cookie, self._door.origin)
        engine.speak(self.words().language)
        engine.left.connect(open_elsewhere)
        engine.lost.connect(self._lost)
        engine.came.connect(self._came)
        self._only_one.listen(self._hear)
        with self._turn:
            self._is_furnished = True
            if self._first:
                self._enter(self._first)
            else:
                self._show_own(self._waiting_page())

    @property
    def outside(self) -> Outside | None:
        """The server, once it was found."""
        return self._opening.outside if self._opening else None

    def show_own(self, path: str) -> None:
        """One of the own pages, from any thread."""
        self._window.ask(lambda: self._show_own(path))

    def _show_own(self, path: str) -> None:
        self._window.engine.go(self._door.at(path))

    def _found(self, address: str) -> None:
        """The profile's Jalon is there; told in the thread that looked for it."""
        with self._turn:
            self._first = address
            if self._is_furnished:
                self._window.ask(lambda: self._enter(address))

    def _enter(self, address: str) -> None:
        assert self._opening is not None
        if self._window.engine.profile_origin is None and self._opening.outside is not None:
            self._furnishing.notices.start(self._opening.outside)
        self._window.engine.profile_origin = self._opening.origin
        self._window.engine.go(address)

    def _show_stage(self) -> None:
        """What the opening waits for has changed."""
        if self._is_furnished:
            self._window.ask(lambda: self._show_own(self._waiting_page()))

    def _waiting_page(self) -> str:
        """What to show as long as there is no page of the profile's Jalon; the chooser where there is no profile."""
        if self._opening is None:
            return "/"
        return "/no-answer" if self._opening.trouble or self._opening.stage == "lost" else "/opening"

    def _lost(self, address: str) -> None:
        if self._opening is not None:
            self._opening.lost(address)

    def _came(self, address: str) -> None:
        if self._opening is not None and address.startswith(f"{self._opening.origin}/"):
            self._opening.found()
            self._window.native.setWindowTitle(self._title())

    def _title(self) -> str:
        words = self.words()
        names = {Kind.DEMO: words("A demonstration"), Kind.LOCAL: words("On this computer")}
        profile = self.profile
        return "Jalon" if profile is None else f"{names.get(profile.kind, profile.name)} – Jalon"

    def _hear(self, message: str) -> None:
        """A later start said where to go (a path of ours), or only to come forward."""
        self._window.ask(self._window.come_forward)
        if message != SHOW and message.startswith("/"):
            self.go_to(message)

    def go_to(self, path: str) -> None:
        """A page of the profile, from any thread."""
        opening = self._opening
        if opening is not None and opening.origin is not None:
            self._window.ask(lambda: self._window.engine.go(f"{opening.origin}{path}"))

    # ---- What the own pages ask ----

    @property
    def stage(self) -> str:
        """How far the opening is."""
        return self._opening.stage if self._opening else ""

    @property
    def trouble(self) -> str:
        """Why a local Jalon could not start, in the server's own words."""
        return (self._opening and self._opening.trouble) or ""

    @property
    def reason(self) -> Sentence | None:
        """Why there is no page, where that is known."""
        """Why there is no page, where that is known."""
        return self._opening.reason if self._opening else None

    def words(self) -> Words:
        """The language chosen."""
        return Words(self.choices().spoken())

    def choices(self) -> Preferences:
        """What was chosen."""
        return self._choices.read()

    def choose(self, **chosen: Any) -> None:
        """Keep a choice."""
        self._choices.change(**chosen)
        if "language" in chosen:
            self._window.ask(self._furnishing.build_menu)
            self._window.ask(lambda: self._window.engine.speak(self.words().language))

    def profiles(self) -> list[Profile]:
        """The Jalons known here."""
        return self._profiles.all()

    def unreadable(self) -> list[Path]:
        """Files with servers that could not be read."""
        return self._profiles.unreadable()

    def add(self, name: str, address: str, fingerprint: str) -> Profile:
        """Know one server more."""
        return self._profiles.add(name, address, fingerprint)

    def remove(self, profile_id: str) -> bool:
        """Forget a server, and what this computer kept of it; not while a window has it open."""
        return profile_id != self.id and forget(self.folders, self._profiles, profile_id)

    def open(self, profile_id: str) -> None:
        """Open a profile: in place of the chooser or of its own older certificate, beside this program otherwise."""
        self._choices.change(last_profile=profile_id)
        known = self._profiles.get(profile_id)
        is_renewed = known and self.profile and known.fingerprint != self.profile.fingerprint
        if profile_id == self.id and not is_renewed:
            self.go_to("/")
        elif self.profile is None or profile_id == self.id:
            self._next = profile_id
            self._window.close()
        else:
            from client.main import start_beside

            start_beside(profile_id)
            self._window.ask(self._window.native.webview.back)

    def go_back(self) -> None:
        """Try again now."""
        opening = self._opening
        if opening is None:
            return
        if opening.trouble:
            opening.trouble, opening.reason = "", None
            opening.begin(self._path)
        else:
            opening.now()

    def copies(self) -> list[Copy]:
        """Papers opened lately."""
        return self.kept_copies.all()

    def papers_folder(self) -> Path:
        """Where papers are saved."""
        chosen = self.choices().papers
        return Path(chosen) if chosen else self.folders.papers

    def choose_papers_folder(self) -> None:
        """Ask for another folder, beside the page."""
        self._window.ask(self._furnishing.choose_folder)

    def keychain_sentence(self) -> str:
        """How long this computer stays signed in."""
        return self.words().say(self.staying.how_long() if self.profile else Sentence("Open a Jalon first."))
