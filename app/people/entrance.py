"""What happens before every page: who comes, for whom, in which language. And the cookie that says it."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.kit.clock import now
from app.kit.forms import currency
from app.kit.settings import Settings
from app.kit.web import Door
from app.kit.words import LANGUAGES, fall_silent, set_language
from app.people import signing_in
from app.people.access import at
from app.people.attempts import Visit, device_of, network_of
from app.people.identifiers import spaced
from app.people.model import SignIn
from app.people.operator import ZONE_BEFORE_START, operator_if_any
from app.people.wording import ON_EVERY_PAGE

bp = Blueprint("people", __name__)

Answer = ResponseReturnValue

HOME = "/"
ASKED_BY_PROGRAMS = ("boards.health", "boards.waiting")
BEFORE_START = ("people.start_page", "people.start", "people.speak", "boards.health")
MONTH = int(signing_in.LONGEST.total_seconds())
YEAR = 365 * 24 * 3600


def enter(db: Session) -> None:
    """Say who acts in this request, for whom, and in which language; before the first start lead to its page."""
    g.at = g.get("at") or now()
    g.network = network_of(request.remote_addr)
    g.operator = operator_if_any(db)
    g.sign_in, g.actor = None, None
    found = signing_in.find_sign_in(db, request.cookies.get(cookie_name(), ""), at=g.at)
    if found is not None:
        g.sign_in, person = found
        g.actor = signing_in.actor_of(db, g.sign_in, person)
    zone = g.operator.zone if g.operator else ZONE_BEFORE_START
    set_language(g.actor.person.language if g.actor else guessed_language(), zone)
    currency.set(g.operator.currency if g.operator else "EUR")
    if g.operator is None and request.endpoint not in BEFORE_START:
        abort(redirect(url_for("people.start_page"), 303))


def guessed_language() -> str:
    """The language of somebody who is not signed in: the one they chose here, or their browser's."""
    chosen = request.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    operator = g.get("operator")
    ours: str = operator.languages.split(",")[0] if operator else next(iter(LANGUAGES))
    wanted = (tag.split("-")[0].lower() for tag in request.accept_languages.values())
    return next((code for code in wanted if code in LANGUAGES), ours)


def speak_first() -> None:
    """Choose a language before anything else, so that even “no such page” is said in it."""
    set_language(guessed_language(), ZONE_BEFORE_START)


def furnish(app: Door) -> None:
    """Put the greeting before every other hook, and the room's words into every template.

    On the application itself rather than on the room's blueprint: every page needs them, whichever are loaded.
    """
    app.on_enter.append(enter)
    app.before_request_funcs.setdefault(None, []).insert(0, speak_first)
    app.before_request(compare_password)
    app.after_request(remember_seen)
    app.teardown_request(lambda _error: fall_silent())
    app.jinja_env.globals.update(ON_EVERY_PAGE)
    app.template_context_processors[bp.name].append(around_these_pages)


def compare_password() -> None:
    """Compare the password before the door opens its transaction: it takes a while, and others may want to write."""
    if request.endpoint != "people.sign_in":
        return
    email, password = request.form.get("email", "")[:200], request.form.get("password", "")
    with current_app.database.reading() as db:  # type: ignore[attr-defined]
        g.password_is_right = signing_in.is_right(
            db, email, password, visit(), memory_kib=settings().argon2_memory_kib, at=at()
        )


def around_these_pages() -> dict[str, object]:
    """What this room's pages need besides: the currency, and numbers as people read them."""
    operator = g.get("operator")
    return {"currency": operator.currency if operator else "EUR", "spaced": spaced}


def remember_seen(response: Response) -> Response:
    """Note at most every ten minutes that a place is in use, after the answer: reading requests write nothing."""
    place: SignIn | None = g.get("sign_in")
    # A program that asks every minute whether something waits is no sign of its person.
    is_asked_alone = request.endpoint in ASKED_BY_PROGRAMS
    if place is None or is_asked_alone or g.at - place.seen_at < signing_in.SEEN_EVERY:
        return response
    try:
        with current_app.database.writing() as db:  # type: ignore[attr-defined]
            signing_in.see(db, place.id, at=g.at)
    except DBAPIError:
        # A page that was read is not taken back because the note about it could not be kept.
        current_app.logger.warning("a sign-in could not be marked as seen")
    return response


def settings() -> Settings:
    """The settings of this Jalon."""
    kept: Settings = current_app.config["SETTINGS"]
    return kept


def visit() -> Visit:
    """From where this request comes."""
    return Visit(network_of(request.remote_addr), device_of(request.user_agent.string))


def is_https() -> bool:
    """Whether cookies may only travel encrypted."""
    return settings().base_url.startswith("https:")


def cookie_name() -> str:
    """The session's cookie; bound to this very host where the connection is encrypted."""
    return "__Host-jalon" if is_https() else "jalon"


def let_in(response: Response, token: str) -> Response:
    """Give the browser its secret, which no script can read."""
    response.set_cookie(
        cookie_name(), token, max_age=MONTH, path="/", secure=is_https(), httponly=True, samesite="Lax"
    )
    return response


def let_out(response: Response) -> Response:
    """Take the secret back."""
    response.delete_cookie(cookie_name(), path="/", secure=is_https(), httponly=True, samesite="Lax")
    return response


def keep_language(response: Response, code: str) -> Response:
    """Remember the language in this browser."""
    response.set_cookie(
        "lang", code, max_age=YEAR, path="/", secure=is_https(), httponly=True, samesite="Lax"
    )
    return response


def own_path(wanted: str) -> str:
    """The wanted path if it is a page of ours, the home otherwise: nobody is sent elsewhere from here."""
    parts = urlsplit(wanted)
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    if (
        not is_path
        or parts.scheme
        or parts.netloc
        or any(ord(letter) < 33 or letter == "\\" for letter in wanted)
    ):
        return HOME
    return wanted if _is_page(parts.path) else HOME


def page_before() -> str:
    """The page the reader came from, if it is one of ours that can be opened again."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return HOME
    return own_path(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path)


def _is_page(path: str) -> bool:
    adapter = current_app.url_map.bind(request.host)
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def refused(page: Answer) -> Response:
    """A page that says no, as an ordinary answer: what was counted meanwhile is kept."""
    response = make_response(page)
    response.status_code = 422
    return response


def go(path: str) -> Response:
    """Lead to a page after something was done."""
    answer = redirect(path, 303)
    assert isinstance(answer, Response)
    return answer
