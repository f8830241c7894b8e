"""One careful question to a known host: bounded in time and size, never to an address inside our own network.

A name is resolved once and the connection goes to exactly the address that was checked, so that a name cannot answer
one thing to the check and another to the connection. Redirects are followed a few times, each checked like the first.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3
ALL_SECONDS = 10
ASKED_BY = "Jalon (looks up what its people handed in)"
REDIRECTS = (301, 302, 303, 307, 308)


class NotAllowed(Exception):
    """The address leads where we do not ask: another host, another port, or inside our own network."""


class Unreachable(Exception):
    """No answer in time, or too much of one: it may be asked again later."""


@dataclass(frozen=True)
class Reach:
    """Where questions may go: host names (with their port where it is not the usual one).

    `inside` lets plain http and addresses of our own network through; only tests with a server of their own say so.
    """

    hosts: frozenset[str]
    inside: bool = False


@dataclass(frozen=True)
class Fetched:
    """What the other side answered: its status and at most a million bytes of its words."""

    status: int
    body: bytes


def fetch(address: str, reach: Reach, *, seconds: float = ALL_SECONDS) -> Fetched:
    """Ask for one address by GET, without a cookie or a secret. Raises `NotAllowed` or `Unreachable`."""
    ends = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        parts = _allowed(address, reach)
        fetched, onward = _ask(parts, reach, ends)
        if onward is None:
            return fetched
        address = urljoin(address, onward)
    raise Unreachable("too many redirects")


def _allowed(address: str, reach: Reach) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NotAllowed("not an address") from None
    if parts.scheme != "https" and not (reach.inside and parts.scheme == "http"):
        raise NotAllowed("only https")
    host = (parts.hostname or "").lower()
    named = host if port is None or port == 443 else f"{host}:{port}"
    if parts.username or parts.password or named not in reach.hosts:
        raise NotAllowed("not a known host")
    return parts


class Watch:
    """Ends a connection when its time is over: an answer that drips byte by byte is never late by any one of them."""

    def __init__(self, ends: float) -> None:
        self.is_over = False
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(_left(ends), self._end)
        self._timer.daemon = True

    def __enter__(self) -> "Watch":
        self._timer.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._timer.cancel()

    def over(self, connection: socket.socket) -> None:
        """Watch over this connection from now on."""
        self._connection = connection
        if self.is_over:
            raise Unreachable("no answer in time")

    def _end(self) -> None:
        self.is_over = True
        if self._connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


def _ask(parts: SplitResult, reach: Reach, ends: float) -> tuple[Fetched, str | None]:
    """The answer, and where it sends us on if it does."""
    with Watch(ends) as watch:
        return _answer(_connection(parts, reach, ends, watch), parts, ends, watch)


def _answer(
    connection: http.client.HTTPConnection, parts: SplitResult, ends: float, watch: "Watch"
) -> tuple[Fetched, str | None]:
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": ASKED_BY, "Accept": "application/json", "Accept-Encoding": "identity"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        onward = answer.getheader("Location") if answer.status in REDIRECTS else None
        body = b"" if onward else _body(answer, connection, ends)
        if watch.is_over:  # what looks like the end of an answer is where it was cut
            raise Unreachable("no answer in time")
        return Fetched(answer.status, body), onward
    except (OSError, http.client.HTTPException, UnicodeError) as trouble:
        raise Unreachable(type(trouble).__name__) from None
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, ends: float) -> bytes:
    read = bytearray()
    while piece := answer.read1(65_536):
        read += piece
        if len(read) > MOST_BYTES:
            raise Unreachable("more than a million bytes")
        if connection.sock is not None:
            connection.sock.settimeout(_left(ends))
    return bytes(read)


def _connection(parts: SplitResult, reach: Reach, ends: float, watch: "Watch") -> http.client.HTTPConnection:
    """A connection to the very address that was checked, asking for the host by its name."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    where = _checked_address(host, port, reach)
    try:
        plain = socket.create_connection((where, port), timeout=_left(ends))
        plain.settimeout(_left(ends))
        watch.over(plain)
        if parts.scheme == "https":
            secure = ssl.create_default_context().wrap_socket(
                plain, server_hostname=host, do_handshake_on_connect=False
            )
            watch.over(secure)
            secure.do_handshake()
            plain = secure
    except OSError as trouble:
        raise Unreachable(type(trouble).__name__) from None
    connection = http.client.HTTPConnection(host, port)
    connection.sock = plain
    return connection


def _checked_address(host: str, port: int, reach: Reach) -> str:
    """The first address of a name; raises `NotAllowed` if any of them is not on the open network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as trouble:
        raise Unreachable(type(trouble).__name__) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not reach.inside and not all(is_open(address) for address in addresses):
        raise NotAllowed("an address inside a network")
    return addresses[0]


def is_open(address: str) -> bool:
    """Whether an address is on the open network: not private, local, shared, reserved, or one of those in disguise."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        hidden = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if hidden is not None:
            return is_open(str(hidden))
        if number in ipaddress.ip_network("64:ff9b::/96"):
            return is_open(str(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)))
    return number.is_global and not number.is_multicast


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise Unreachable("no answer in time")
    return left
