"""Stands before the pages of a Jalon on somebody's own computer, whose port others on it can reach."""

import hmac
import http.cookies
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, quote

OPENING = "/open-here"
HEALTH = "/health"

Answer = Callable[..., Any]


class Gate:
    """Stands before the pages: other users of this computer reach the port, but do not come in.

    The window shows a secret that is good once, and gets a cookie that no script can read. A request under another
    name than ours (a page elsewhere whose name was made to point here) is turned away.
    """

    def __init__(self, application: Callable[..., Any], host: str) -> None:
        self._application = application
        self._host = host
        self._secret = secrets.token_urlsafe(32)
        self._key = secrets.token_urlsafe(32)
        self._cookie = f"jalon-window-{host.rpartition(':')[2]}"
        self.has_answered = threading.Event()

    @property
    def first_path(self) -> str:
        """Where the window enters, once."""
        return f"{OPENING}?secret={self._secret}"

    def __call__(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "") != self._host:
            return self._turn_away(answer, "400 Bad Request")
        if environ.get("PATH_INFO") == OPENING:
            return self._open(environ, answer)
        if environ.get("PATH_INFO") == HEALTH or self._is_known(environ):
            return self._answer(environ, answer)
        return self._turn_away(answer, "403 Forbidden")

    def _answer(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        try:
            pages: Iterable[bytes] = self._application(environ, answer)
            return pages
        finally:
            if environ.get("PATH_INFO") != HEALTH:
                self.has_answered.set()

    def _open(self, environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        shown = asked.get("secret", [""])[0]
        if not self._secret or not hmac.compare_digest(shown.encode(), self._secret.encode()):
            return self._turn_away(answer, "403 Forbidden")
        then = asked.get("then", ["/"])[0]
        if not then.startswith("/") or then.startswith(("//", "/\\")) or not then.isprintable():
            then = "/"
        self._secret = ""
        cookie = f"{self._cookie}={self._key}; Path=/; HttpOnly; SameSite=Strict"
        answer(
            "303 See Other",
            [("Location", quote(then, safe="/?&=~")), ("Set-Cookie", cookie), ("Cache-Control", "no-store")],
        )
        return []

    def _is_known(self, environ: dict[str, Any]) -> bool:
        try:
            shown = http.cookies.SimpleCookie(environ.get("HTTP_COOKIE", "")).get(self._cookie)
        except http.cookies.CookieError:
            return False
        return shown is not None and hmac.compare_digest(shown.value.encode(), self._key.encode())

    @staticmethod
    def _turn_away(answer: Answer, status: str) -> Iterable[bytes]:
        answer(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
        return [b"This Jalon is open in its own window only.\n"]
