"""Addresses, compared to the letter: a page is a profile's own only if scheme, host and port are the same."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEME = "jalon"
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.I)
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
# What a link from outside may name: a page of ours, nothing that could mean something else on the way.
PATH = re.compile(r"/[A-Za-z0-9/_.~-]{0,400}")


class AddressRefused(Exception):
    """An address that cannot be used: an English sentence, translated where it is shown."""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, none left out."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            f"{self.scheme}://{host}"
            if PORTS.get(self.scheme) == self.port
            else f"{self.scheme}://{host}:{self.port}"
        )


def origin_of(url: str) -> Origin | None:
    """The origin of a web address; None for any other address, and for one that names a user before the host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not host or "@" in parts.netloc or "\\" in url:
        return None
    if not HOST.fullmatch(host):
        return None
    return Origin(parts.scheme, host, port or PORTS[parts.scheme])


def typed_origin(text: str) -> Origin:
    """The origin somebody typed, `https://` added where they left it out. Raises `AddressRefused`."""
    address = text.strip() if "://" in text else f"https://{text.strip()}"
    origin = origin_of(address)
    if origin is None or urlsplit(address).path.strip("/"):
        raise AddressRefused("Write only the address, like https://jalon.example.org.")
    if origin.scheme == "http" and origin.host not in HERE:
        raise AddressRefused(
            "The address must begin with https://: what you read and sign travels encrypted."
        )
    return origin


@dataclass(frozen=True)
class Link:
    """A `jalon://` link: on which server, which page. Whoever wrote it is not trusted with more than that."""

    host: str
    path: str


def link_in(text: str) -> Link | None:
    """The link, or None for anything that is not plainly one; what stands behind `?` or `#` is left aside."""
    try:
        parts = urlsplit(text)
        host = parts.netloc.lower()
    except ValueError:
        return None
    path = parts.path or "/"
    if parts.scheme != SCHEME or not re.fullmatch(r"[a-z0-9.-]+(:\d{1,5})?", host):
        return None
    if not PATH.fullmatch(path) or "//" in path or ".." in path:
        return None
    return Link(host, path)
