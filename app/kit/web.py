"""The door: one request, one transaction, one answer. What a rule refuses is shown where it was typed."""

import secrets
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from jinja2 import BytecodeCache
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from app.kit.addresses import Address
from app.kit.db import Database
from app.kit.rules import Conflict, Missing, Refused
from app.kit.words import _, translate

View = TypeVar("View", bound=Callable[..., Any])
Found = TypeVar("Found", bound=SQLModel)

SAFE = ("GET", "HEAD", "OPTIONS")
MOST_LINES = 4  # kept for the next page: they travel in the cookie

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class Door(Flask):
    """Flask with one transaction around each view. Reading requests cannot write."""

    url_rule_class = Address
    database: Database
    compiled_pages: BytecodeCache | None = None  # where templates already compiled are kept, if anywhere

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_enter: list[Callable[[Session], None]] = []

    def dispatch_request(self) -> Response:
        """Run the view in a session of its own; keep what it did once, or nothing of it."""
        g.request_id = secrets.token_hex(8)
        if isinstance(request.routing_exception, MethodNotAllowed) and (page := self._page_of_form()):
            return make_response(redirect(page, 303))
        if request.endpoint == "static" or request.routing_exception is not None:
            return make_response(super().dispatch_request())
        try:
            if request.method in SAFE:
                with self.database.reading() as db:
                    return self._answer(db)
            return self.database.run(self._answer)
        except Refused as refusal:
            return self._show_refusal(refusal)
        except Missing:
            raise NotFound from None
        except IntegrityError:
            return self._show_refusal(Conflict("Somebody was faster: please look at the page again."))

    def _page_of_form(self) -> str | None:
        """The page a form stands on, for whoever reloads the address the form was sent to."""
        try:
            endpoint, arguments = self.create_url_adapter(request).match(method="POST")  # type: ignore[union-attr]
        except HTTPException:
            return None
        page = getattr(self.view_functions.get(endpoint), "refusals_page", None)
        return url_for(page, **arguments) if page and request.method == "GET" else None

    def _answer(self, db: Session) -> Response:
        g.db = db
        g.pop("said", None)
        for enter in self.on_enter:
            enter(db)
        response = make_response(super().dispatch_request())
        if (refusal := g.get("refusal")) is not None and response.status_code == 200:
            response.status_code = refusal.status  # see `show_mistake`
        return response

    def _show_refusal(self, refusal: Refused) -> Response:
        """The page the form stands on again, with what was typed and the sentence beside it."""
        view = self.view_functions[request.endpoint or ""]
        page = getattr(view, "refusals_page", None)
        g.refusal = refusal
        with self.database.reading() as db:
            g.db = db
            for enter in self.on_enter:
                enter(db)
            if page and refusal.status in (409, 422):
                response = self._page_of_refusal(page)
            else:
                del g.refusal  # said once: this page is nothing but the sentence
                response = make_response(
                    render_template(
                        "layout/error.html", title=refusal_title(refusal.status), text=translate(refusal)
                    )
                )
        response.status_code = refusal.status
        return response

    def _page_of_refusal(self, endpoint: str) -> Response:
        """The page with those parts of the address that are its own; raises `NotFound` for what one may not see."""
        wanted = next(rule.arguments for rule in self.url_map.iter_rules(endpoint))
        try:
            return make_response(
                self.view_functions[endpoint](
                    **{name: value for name, value in (request.view_args or {}).items() if name in wanted}
                )
            )
        except Missing:
            raise NotFound from None


def refusal_title(status: int) -> str:
    """The heading over a refusal that has no page of its own."""
    if status == 403:
        return _("This is not yours to do")
    return _("This is out of date") if status == 409 else _("This could not be done")


def refusals_on(endpoint: str) -> Callable[[View], View]:
    """Show this view's refusals on another view's page (called with the same arguments in the address)."""

    def mark(view: View) -> View:
        view.refusals_page = endpoint  # type: ignore[attr-defined]
        return view

    return mark


def takes_files_up_to(most: int) -> Callable[[View], View]:
    """Let this view alone take a body of so many bytes; every other keeps to the house's limit."""

    def mark(view: View) -> View:
        view.largest_body = most  # type: ignore[attr-defined]
        return view

    return mark


def let_files_in() -> None:
    """Before anything reads the body: the limit of the view it is for."""
    view = current_app.view_functions.get(request.endpoint or "")
    most: int | None = getattr(view, "largest_body", None)
    if most is not None:
        request.max_content_length = most


def find(kind: type[Found], name: str) -> Found:
    """The row of this public name; raises `Missing` (404)."""
    found: Found | None = g.db.exec(_by_name(kind), params={"name": name}).first()
    if found is None:
        raise Missing
    return found


@cache
def _by_name(kind: type[SQLModel]) -> Any:
    return select(kind).where(kind.public_id == bindparam("name"))  # type: ignore[attr-defined]


def say(text: str, level: str = "ok") -> None:
    """A line on the next page that nobody must read to go on. Said once, however often before that page is opened."""
    if [level, text] not in [list(line) for line in session.get("_flashes", [])][-MOST_LINES:]:
        flash(text, level)
        session["_flashes"] = session["_flashes"][-MOST_LINES:]


def secure(response: Response) -> Response:
    """The headers every answer carries: nothing from elsewhere, nothing framed, nothing cached for others."""
    for directive, value in POLICY.items():
        setattr(response.content_security_policy, directive.replace("-", "_"), value)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def show_http_error(error: HTTPException) -> Any:
    """A plain page for what has no page: not found, not allowed, sign in first."""
    sentences = {
        400: (
            _("This could not be read"),
            _("The form is out of date or incomplete. Please open the page again."),
        ),
        401: (_("Please sign in"), _("You were signed out. Nothing you typed was kept by the server.")),
        403: (_("This is not yours to do"), _("Your role does not allow this.")),
        404: (_("Nothing here"), _("There is no such page, or none you may see.")),
        405: (_("Nothing here"), _("There is no such page, or none you may see.")),
        413: (_("Too large"), _("The file is larger than this page takes.")),
        429: (_("Please wait"), _("Too many attempts. Please try again in some minutes.")),
    }
    code = error.code or 500
    title, text = sentences.get(
        code, (_("Something went wrong"), _("Nothing was changed. Please try again."))
    )
    return render_template("layout/error.html", title=title, text=text), code


def gone() -> Any:
    """Answer as if there were nothing: what one may not see is not told from what is not there."""
    abort(404)
