"""The application: settings, rooms in the order of the story, the shell around every page."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from flask import Blueprint
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app.kit import later, logs, mistakes, web, words
from app.kit.account_shown import account_number, account_words
from app.kit.db import Database
from app.kit.htmx import init_htmx
from app.kit.settings import Settings, read_settings
from app.kit.spoken import language_of
from app.kit.web import Door
from app.rails.wording import reason_words

HOUSE = Path(__file__).parent
ROOMS = (
    "people",
    "catalogue",
    "needs",
    "roadmap",
    "estimates",
    "campaigns",
    "escrow",
    "delivery",
    "payouts",
    "boards",
)
BENCHES_WITH_DOORS = ("rails",)


# Forms that are sent without a page's token, by who has no page of ours: what they show instead is worth more, and no
# page of another site can send it.
WITHOUT_PAGE = (
    "app.rails.views_notices.hear",  # signed by its sender
    "app.people.views_devices.fetch_token",  # a secret that stands in no cookie
    "app.people.views_devices.sign_in_again",
)


def create_app(settings: Settings | None = None, kept: Path | None = None) -> Door:
    """The server, ready to answer. Raises `SettingRefused` or `UnsafeDatabase` rather than start unsafe.

    With a folder in which to keep what a start worked out (this user's alone), the next one loads the code of a page
    when it is first opened.
    """
    settings = settings or read_settings()
    app = Door("app", static_folder="layout/static", static_url_path="/static", template_folder=None)
    app.database = Database(settings.database_url)
    app.database.check()
    _configure(app, settings)
    _furnish(app)
    if kept is None or not later.open_known(app, kept, HOUSE):
        for room in (*ROOMS, *BENCHES_WITH_DOORS):
            app.register_blueprint(_door_of(room))
        if kept is not None:
            with suppress(OSError):  # the next start takes longer, and nothing is lost
                later.keep_known(app, kept, HOUSE)
    import_module("app.people.entrance").furnish(app)
    app.context_processor(import_module("app.boards.around").around_every_page)
    return app


def _door_of(room: str) -> Blueprint:
    door: Blueprint = import_module(f"app.{room}.views").bp
    return door


def _configure(app: Door, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=5 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        # An hour is the default; a page that stayed open over lunch must still work.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.proxies:
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, trusted, trusted, trusted)  # type: ignore[method-assign]
    logs.note_requests(app)
    init_htmx(app)
    app.before_request(web.let_files_in)
    csrf = CSRFProtect(app)
    for view in WITHOUT_PAGE:
        csrf.exempt(view)
    app.after_request(web.secure)
    app.register_error_handler(HTTPException, web.show_http_error)
    app.register_error_handler(CSRFError, web.show_http_error)


def _furnish(app: Door) -> None:
    rooms = {room: FileSystemLoader(HOUSE / room / "pages") for room in (*ROOMS, *BENCHES_WITH_DOORS)}
    app.jinja_loader = ChoiceLoader([PrefixLoader({**rooms, "layout": FileSystemLoader(HOUSE / "layout")})])
    app.jinja_env.bytecode_cache = app.compiled_pages
    app.jinja_env.globals.update(
        _=words._,
        ngettext=words.ngettext,
        money=words.money,
        account_number=account_number,
        account_words=account_words,
        outside_reason=reason_words,
        day=words.day,
        moment=words.moment,
        local_day=words.local_day,
        last_day_of=words.last_day_of,
        number=words.number,
        percent=words.percent,
        language=words.language,
        language_of=language_of,
        csrf_token=generate_csrf,
        typed=mistakes.typed,
        mistake_of=mistakes.mistake_of,
        note_mistake=mistakes.note_mistake,
        mistakes_drawn=mistakes.mistakes_drawn,
        begin_form=mistakes.begin_form,
        anchor_of_refused_form=mistakes.anchor_of_refused_form,
        sentence_of_form=mistakes.sentence_of_form,
        refusal_sentence=mistakes.refusal_sentence,
        refused_here=mistakes.refused_here,
    )
