"""Who comes in to the program's own pages: its own window alone, by a cookie put there before the first of them."""

import hmac
import secrets

from flask import Flask, Response, abort, request

from app.kit.beside import PagesBeside
from client.addresses import Origin

COOKIE = "jalon-own"
# A name of this computer that only the engine knows: cookies of these pages never travel to a local Jalon's port.
NAME = "client.localhost"
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


class OwnDoor:
    """Serves the own pages on a port of this computer until closed."""

    def __init__(self, pages: Flask) -> None:
        self.pages = pages
        self._key = secrets.token_urlsafe(32)
        self._served = PagesBeside(pages, name="own pages", host="127.0.0.1", port=0, threads=2)
        self.origin = Origin("http", NAME, self._served.port)
        pages.before_request(self._ask)
        pages.after_request(self._close_in)

    def start(self) -> None:
        """Answer from now on."""
        self._served.start()

    def stop(self) -> None:
        """Answer no more."""
        self._served.stop()

    @property
    def cookie(self) -> str:
        """What the window is given to come in with; no script reads it, no other site sends it."""
        return f"{COOKIE}={self._key}; Path=/; HttpOnly; SameSite=Strict"

    def at(self, path: str) -> str:
        """The address of one of the own pages."""
        return f"{self.origin}{path}"

    def _ask(self) -> None:
        if request.host != str(self.origin).partition("://")[2]:
            abort(400)
        if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._key.encode()):
            abort(403)
        if request.method == "POST" and request.headers.get("Origin") != str(self.origin):
            abort(403)

    @staticmethod
    def _close_in(answer: Response) -> Response:
        if answer.mimetype != "application/pdf":
            answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer
