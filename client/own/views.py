"""The own pages: the list of Jalons, choices, opening, no answer, papers read lately."""

from pathlib import Path
from typing import Any, Protocol

from flask import Flask, abort, redirect, render_template, request, send_file, url_for

from client import __version__
from client.addresses import AddressRefused
from client.papers import Copy
from client.preferences import LANGUAGES, Preferences, clock
from client.profiles import Kind, Profile
from client.troubles import why_not_kept
from client.words import Sentence, Words

LOOK = Path(__file__).resolve().parents[2] / "app" / "layout" / "static"
LONGEST_NAME = 80


class Desk(Protocol):
    """What the pages ask of the program."""

    profile: Profile | None

    @property
    def stage(self) -> str: ...
    @property
    def trouble(self) -> str: ...
    @property
    def reason(self) -> Sentence | None: ...
    def unreadable(self) -> list[Path]: ...
    def words(self) -> Words: ...
    def choices(self) -> Preferences: ...
    def choose(self, **chosen: Any) -> None: ...
    def profiles(self) -> list[Profile]: ...
    def add(self, name: str, address: str, fingerprint: str) -> Profile: ...
    def remove(self, profile_id: str) -> bool: ...
    def open(self, profile_id: str) -> None: ...
    def go_back(self) -> None: ...
    def copies(self) -> list[Copy]: ...
    def papers_folder(self) -> Path: ...
    def choose_papers_folder(self) -> None: ...
    def keychain_sentence(self) -> str: ...


def own_pages(desk: Desk) -> Flask:
    """The pages, for one program."""
    pages = Flask(
        "client.own", static_folder=str(LOOK), template_folder=str(Path(__file__).with_name("pages"))
    )
    pages.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    pages.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    @pages.context_processor
    def around() -> dict[str, Any]:
        words = desk.words()
        return {
            "_": words,
            "language": words.language,
            "languages": LANGUAGES,
            "profile": desk.profile,
            "Kind": Kind,
            "version": __version__,
        }

    _add_profile_pages(pages, desk)
    _add_choice_pages(pages, desk)
    _add_waiting_pages(pages, desk)
    return pages


def _add_profile_pages(pages: Flask, desk: Desk) -> None:
    @pages.get("/")
    def profiles() -> Any:
        return _profiles_page(desk)

    @pages.post("/profiles")
    def add() -> Any:
        typed = {name: request.form.get(name, "").strip() for name in ("name", "address", "fingerprint")}
        try:
            added = desk.add(typed["name"], typed["address"], typed["fingerprint"])
        except AddressRefused as refused:
            wrong = desk.words()(str(refused))
            return _profiles_page(desk, wrong=wrong, typed=typed), 422
        desk.open(added.id)
        return redirect(url_for("opening"), 303)

    @pages.post("/profiles/<profile_id>/opening")
    def open_profile(profile_id: str) -> Any:
        if all(each.id != profile_id for each in desk.profiles()):
            abort(404)
        desk.open(profile_id)
        return redirect(url_for("opening"), 303)

    @pages.get("/profiles/<profile_id>/removal")
    def removal(profile_id: str) -> Any:
        return _removal_page(desk, profile_id)

    @pages.post("/profiles/<profile_id>/removal")
    def remove(profile_id: str) -> Any:
        if not desk.remove(profile_id):
            return _removal_page(desk, profile_id, is_open=True), 409
        return redirect(url_for("profiles"), 303)


def _profiles_page(desk: Desk, wrong: str = "", typed: dict[str, str] | None = None) -> str:
    return render_template(
        "profiles.html",
        profiles=desk.profiles(),
        unreadable=desk.unreadable(),
        wrong=wrong,
        typed=typed or {},
    )


def _removal_page(desk: Desk, profile_id: str, *, is_open: bool = False) -> str:
    known = next((each for each in desk.profiles() if each.id == profile_id), None)
    if known is None or known.kind != Kind.REMOTE:
        abort(404)
    return render_template("removal.html", known=known, is_open=is_open)


def _add_choice_pages(pages: Flask, desk: Desk) -> None:
    @pages.get("/choices")
    def choices() -> Any:
        return _choices_page(desk, desk.choices())

    @pages.post("/choices")
    def choose() -> Any:
        form = request.form
        chosen: dict[str, Any] = {
            "language": form.get("language", ""), "asks_where": "asks_where" in form, "notices": "notices" in form,
            "quiet_from": form.get("quiet_from", ""), "quiet_until": form.get("quiet_until", ""),
        }  # fmt: skip
        if clock(chosen["quiet_from"]) is None or clock(chosen["quiet_until"]) is None:
            wrong = desk.words()("Write hours like 19:00.")
            return _choices_page(desk, desk.choices(), wrong=wrong), 422
        desk.choose(**chosen)
        return redirect(url_for("choices", kept="yes"), 303)

    @pages.post("/choices/papers")
    def choose_folder() -> Any:
        desk.choose_papers_folder()
        return redirect(url_for("choices"), 303)

    @pages.post("/language")
    def speak() -> Any:
        desk.choose(language=request.form.get("language", ""))
        return redirect(url_for("profiles"), 303)


def _choices_page(desk: Desk, chosen: Preferences, wrong: str = "") -> str:
    return render_template(
        "choices.html", chosen=chosen, papers=desk.papers_folder(), keychain=desk.keychain_sentence(), wrong=wrong,
        kept=request.args.get("kept") == "yes",
    )  # fmt: skip


def _add_waiting_pages(pages: Flask, desk: Desk) -> None:
    @pages.get("/opening")
    def opening() -> Any:
        return render_template("opening.html", stage=desk.stage)

    @pages.get("/no-answer")
    def no_answer() -> Any:
        return render_template(
            "no_answer.html", trouble=desk.trouble, reason=desk.reason, copies=desk.copies()
        )

    @pages.post("/again")
    def again() -> Any:
        desk.go_back()
        return redirect(url_for("opening"), 303)

    @pages.get("/papers")
    def papers() -> Any:
        return render_template("papers.html", copies=desk.copies(), folder=desk.papers_folder())

    @pages.get("/papers/<copy_id>")
    def paper(copy_id: str) -> Any:
        found = next((copy for copy in desk.copies() if copy.id == copy_id), None)
        if found is None or not found.path.exists():
            abort(404)
        return send_file(found.path, mimetype="application/pdf", download_name=found.name)

    @pages.errorhandler(OSError)
    def not_kept(error: OSError) -> Any:
        return render_template("not_kept.html", why=why_not_kept(error)), 507

    @pages.errorhandler(404)
    def nothing(_error: Any) -> Any:
        return render_template("nothing.html"), 404
