"""What the program itself asks a server, beside the window: is it there, what waits, a paper. Only its own."""

import hashlib
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

from client import __version__
from client.addresses import Origin
from client.troubles import OtherCertificate, Reach, reach_of

SOON = 2.0
PATIENCE = 30.0
SLOWEST = 10  # times that patience for a whole answer: a server that answers in drips is given up
LARGEST = 64 * 1024 * 1024


class NoAnswer(Exception):
    """The server was not reached, or is not the one it should be."""

    def __init__(self, why: str = "", reach: Reach = Reach.ANOTHER) -> None:
        super().__init__(why)
        self.reach = reach


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
            raise OtherCertificate("another certificate than the one named")


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

    def look(self) -> Reach:
        """What is found at this address."""
        try:
            answer = self.get("/health", patience=SOON)
            if answer.status >= 500:
                return Reach.SILENT
            said = answer.read()
        except NoAnswer as none:
            return none.reach
        is_jalon = answer.status == 200 and isinstance(said, dict) and "jalon" in said
        return Reach.THERE if is_jalon else Reach.ANOTHER

    def is_there(self) -> bool:
        """Whether a Jalon answers at this address."""
        return self.look() == Reach.THERE

    def _ask(self, request: urllib.request.Request, patience: float, headers: dict[str, str]) -> Answer:
        cookies = self._cookies()
        named = {"User-Agent": f"Jalon/{__version__}", **({"Cookie": cookies} if cookies else {}), **headers}
        for name, value in named.items():
            request.add_header(name.replace("_", "-"), value)
        end = time.monotonic() + patience * SLOWEST
        try:
            try:
                with self._opener.open(request, timeout=patience) as reply:
                    return Answer(reply.status, reply.headers, _whole(reply, end))
            except urllib.error.HTTPError as refused:
                with refused:
                    return Answer(refused.code, refused.headers, _whole(refused, end))
        # A ValueError is an address that no name server could be asked for, or a number that is none.
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(str(error), reach_of(error)) from None


def _pinned(fingerprint: str) -> urllib.request.HTTPSHandler:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate itself is compared instead

    class Pinned(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> Any:
            kind: Any = type("Pinned", (PinnedConnection,), {"fingerprint": fingerprint})
            return self.do_open(kind, request, context=context)

    return Pinned(context=context)


def _whole(reply: Any, end: float) -> bytes:
    """The body. Raises `NoAnswer` where it is too large, or takes too long however often a little of it comes."""
    parts: list[bytes] = []
    size = 0
    while part := reply.read1(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > LARGEST or time.monotonic() > end:
            raise NoAnswer("the answer is too large, or too slow")
    announced = reply.headers.get("Content-Length", "")
    if announced.isdecimal() and size < int(announced):
        raise http.client.IncompleteRead(b"".join(parts))
    return b"".join(parts)


def _plain(path: str) -> str:
    """The path, fit for a request. What begins otherwise would be the rest of another host's name, or of its port."""
    if not path.startswith("/"):
        raise NoAnswer("not a page of this server")
    return quote(path, safe="/?&=%:~.,-_")
