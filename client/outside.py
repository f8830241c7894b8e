"""What the program itself asks a server, beside the window: is it there, what waits, a paper. Only its own."""

import hashlib
import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

from client import __version__
from client.addresses import Origin

SOON = 2.0
PATIENCE = 30.0
LARGEST = 64 * 1024 * 1024


class NoAnswer(Exception):
    """The server was not reached, or is not the one it should be."""


@dataclass(frozen=True)
class Answer:
    """One answer, whatever its status."""

    status: int
    headers: Message
    body: bytes

    def read(self) -> Any:
        """Its JSON; raises `NoAnswer` where there is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise NoAnswer("no JSON came") from None


class PinnedConnection(http.client.HTTPSConnection):
    """Speaks to a server only after its certificate turned out to be the one its user named."""

    fingerprint = ""

    def connect(self) -> None:
        """Connect, and compare before anything is sent."""
        super().connect()
        shown = self.sock.getpeercert(binary_form=True) or b""
        if hashlib.sha256(shown).hexdigest() != self.fingerprint:
            self.sock.close()
            raise ssl.SSLError("another certificate than the one named")


class OnlyHere(urllib.request.HTTPRedirectHandler):
    """Follows nothing: an answer that leads elsewhere is an answer."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Stay."""


class Outside:
    """One server, asked as the person signed in to the window."""

    def __init__(self, origin: Origin, fingerprint: str = "", cookies: Callable[[], str] = str) -> None:
        self.origin = origin
        self._cookies = cookies
        handlers: list[Any] = [OnlyHere()]
        if fingerprint:
            handlers.append(_pinned(fingerprint))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str, *, patience: float = PATIENCE, **headers: str) -> Answer:
        """Ask for a page; raises `NoAnswer`."""
        return self._ask(urllib.request.Request(f"{self.origin}{_plain(path)}"), patience, headers)  # noqa: S310  (http and https only)

    def post(self, path: str, said: dict[str, str], **headers: str) -> Answer:
        """Tell the server something, as JSON; raises `NoAnswer`."""
        request = urllib.request.Request(f"{self.origin}{_plain(path)}", json.dumps(said).encode())  # noqa: S310
        return self._ask(request, PATIENCE, {"Content-Type": "application/json", **headers})

    def is_there(self) -> bool:
        """Whether a Jalon answers at this address."""
        try:
            answer = self.get("/health", patience=SOON)
            return answer.status == 200 and "jalon" in answer.read()
        except (NoAnswer, TypeError):
            return False

    def _ask(self, request: urllib.request.Request, patience: float, headers: dict[str, str]) -> Answer:
        cookies = self._cookies()
        named = {"User-Agent": f"Jalon/{__version__}", **({"Cookie": cookies} if cookies else {}), **headers}
        for name, value in named.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with self._opener.open(request, timeout=patience) as reply:
                return Answer(reply.status, reply.headers, _whole(reply))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.headers, _whole(refused))
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error)) from None


def _pinned(fingerprint: str) -> urllib.request.HTTPSHandler:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate itself is compared instead

    class Pinned(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> Any:
            kind: Any = type("Pinned", (PinnedConnection,), {"fingerprint": fingerprint})
            return self.do_open(kind, request, context=context)

    return Pinned(context=context)


def _whole(reply: Any) -> bytes:
    body: bytes = reply.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise NoAnswer("the answer is too large")
    return body


def _plain(path: str) -> str:
    """The path, fit for a request. What begins otherwise would be the rest of another host's name, or of its port."""
    if not path.startswith("/"):
        raise NoAnswer("not a page of this server")
    return quote(path, safe="/?&=%:~.,-_")
