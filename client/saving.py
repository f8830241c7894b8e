"""Saving papers: one by one as they are downloaded, all of a campaign together, and copies of those that are opened."""

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from client import papers
from client.outside import NoAnswer, Outside
from client.papers import Copies, Filing
from client.troubles import why_not_kept
from client.words import Sentence, Words

Progress = Callable[[int, int, str], bool]


def filing_at(outside: Outside, path: str, name: str) -> Filing:
    """Under what the server files the paper at this path; by its name alone where it does not say."""
    with suppress(NoAnswer, KeyError, TypeError):
        answer = outside.get(f"/papers.json?path={quote(path, safe='')}", patience=5.0)
        if answer.status == 200:
            said = answer.read()
            return Filing(str(said["campaign"]), str(said["kind"]), str(said["number"]), name)
    return Filing(file=name)


def keep_copy(outside: Outside, address: str, copies: Copies, at: datetime) -> None:
    """Keep a copy of a paper that is being opened, to be read without the server."""
    parts = urlsplit(address)
    try:
        answer = outside.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    except NoAnswer:
        return
    if answer.status == 200 and answer.body.startswith(b"%PDF"):
        name = answer.headers.get_filename() or Path(parts.path).name
        with suppress(OSError):  # it is read all the same
            copies.keep(filing_at(outside, parts.path, name), answer.body, at=at)


class Together:
    """Saves all papers of one campaign; those that lie there already, word for word, are not saved again."""

    def __init__(self, outside: Outside, folder: Path) -> None:
        self._outside = outside
        self._folder = folder
        self.saved: list[Path] = []
        self.known = 0
        self.missing = 0
        self.trouble: Sentence | None = None

    def run(self, campaign: str, go_on: Progress) -> bool:
        """Save them, telling how far it is; `go_on` answers whether to continue. Whether the list could be read."""
        try:
            answer = self._outside.get(f"/campaigns/{quote(campaign)}/papers.json")
            if answer.status != 200:
                return False
            said = answer.read()
            title, found = str(said["campaign"]), list(said["papers"])
        except (NoAnswer, KeyError, TypeError):
            return False
        for done, paper in enumerate(found):
            filing = Filing(title, str(paper["kind"]), str(paper["number"]))
            if not go_on(done, len(found), f"{filing.kind} {filing.number}".strip()):
                return True
            try:
                self._save(str(paper["path"]), filing)
            except OSError as error:
                self.trouble = why_not_kept(error)
                return True
        go_on(len(found), len(found), "")
        return True

    def told(self, words: Words) -> str:
        """How it went."""
        said = words("Saved: %(saved)s. There already: %(known)s.", saved=len(self.saved), known=self.known)
        if self.missing:
            said += " " + words("Did not come: %(missing)s. Save them again later.", missing=self.missing)
        return f"{said} {words.say(self.trouble)}" if self.trouble else said

    def _save(self, path: str, filing: Filing) -> None:
        try:
            answer = self._outside.get(path)
        except NoAnswer:
            self.missing += 1
            return
        if answer.status != 200:
            self.missing += 1
            return
        named = Filing(
            filing.campaign, filing.kind, filing.number, answer.headers.get_filename() or Path(path).name
        )
        if papers.is_saved(papers.folder_for(self._folder, named), papers.file_name(named), answer.body):
            self.known += 1
        else:
            self.saved.append(papers.save(self._folder, named, answer.body))


class Downloads:
    """What the window downloads. The engine writes into a folder of ours; from there a paper goes where it belongs."""

    def __init__(
        self,
        engine: Any,
        incoming: Path,
        arrived: Callable[[Path, str, str], None],
        failed: Callable[[Sentence], None],
    ) -> None:
        self._engine = engine
        self._incoming = incoming
        self._arrived = arrived
        self._failed = failed
        self._under_way: list[Any] = []
        # Defect 1: pywebview's own download asks for a method that Qt 6 no longer has, and saves nothing.
        engine.page.profile().downloadRequested.connect(self._begin)

    def _begin(self, download: Any) -> None:
        if (
            download.page() is not self._engine.page
            or download.state() != download.DownloadState.DownloadRequested
        ):
            return
        name = papers.clean(download.suggestedFileName() or download.downloadFileName())
        try:
            path = papers.take_free(self._incoming, name)
        except OSError as error:
            download.cancel()
            self._failed(why_not_kept(error))
            return
        download.setDownloadDirectory(str(path.parent))
        download.setDownloadFileName(path.name)
        download.isFinishedChanged.connect(lambda: self._end(download, path))
        self._under_way.append(download)
        download.accept()

    def _end(self, download: Any, path: Path) -> None:
        if not download.isFinished():
            return
        self._under_way.remove(download)
        url = download.url()
        if download.state() != download.DownloadState.DownloadCompleted:
            path.unlink(missing_ok=True)
            self._failed(
                Sentence(
                    "The paper did not come whole, and was not saved: %(reason)s",
                    reason=download.interruptReasonString(),
                )
            )
            return
        self._arrived(
            path, download.suggestedFileName() or path.name, url.path() if self._engine.is_ours(url) else ""
        )


def move_to(arrived: Path, target: Path) -> None:
    """Put what arrived where it was wanted, in one step: what lay there before stays until the new one is whole."""
    fresh = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(arrived, fresh)
        fresh.replace(target)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        arrived.unlink(missing_ok=True)


def beside(work: Callable[[], None]) -> None:
    """Do this in a thread that nobody waits for."""
    threading.Thread(target=work, daemon=True, name="papers").start()
