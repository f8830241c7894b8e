"""The one door to htmx_flask: whole pages for browsers, pieces for htmx, and caches that do not mix them up."""

from typing import Any

from flask import Flask, Response, render_template
from flask import request as plain_request
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest
from jinja2_fragments.flask import render_block


class Request(HtmxAwareRequest):
    """The product's request: it knows whether htmx asked."""


def init_htmx(app: Flask) -> None:
    """Teach the app to tell htmx apart. `Htmx(app)` replaces the request class, so ours is set after it."""
    Htmx(app)
    app.request_class = Request
    app.after_request(_vary)


def asked_for_a_piece() -> bool:
    """Whether htmx wants a part of a page rather than a page."""
    htmx: Any = getattr(plain_request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(template: str, block: str | None = None, **context: Any) -> str:
    """The whole page, or only this block of it where htmx asked for a piece."""
    if block and asked_for_a_piece():
        return render_block(template, block, **context)
    return render_template(template, **context)


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response
