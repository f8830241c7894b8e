"""Addresses on the web as people paste them: only http and https, one spelling for one place."""

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

from app.kit.rules import Refused, require
from app.kit.words import N_

LONGEST = 300
# What forges put between a repository and its tickets.
TICKET = re.compile(r"(/-)?/(issues|pull|pulls|merge_requests|work_items|discussions)/.*$")
PORTS = {"http": ":80", "https": ":443"}


def web_address(text: str) -> str:
    """The address, with scheme and host in lower case; raises `Refused` unless it is http or https."""
    typed = text.strip()
    parts = _split(typed)
    sentence = N_("“%(typed)s” is not a web address. Write it like https://example.org/project.")
    require(parts and parts.scheme in PORTS and parts.hostname, sentence, typed=typed[:60])
    require("@" not in parts.netloc, "Please leave the name and password out of the address.")
    require(not re.search(r"[\s\\<>\"\x00-\x1f\x7f]", typed), sentence, typed=typed[:60])
    require(len(typed) <= LONGEST, "This is too long: %(most)s characters at most.", most=LONGEST)
    host = parts.netloc.lower().removesuffix(PORTS[parts.scheme])
    return urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))


def _split(typed: str) -> SplitResult:
    try:
        parts = urlsplit(typed)
        _ = parts.port  # raises on what is not a port
    except ValueError:
        return urlsplit("")
    return parts


def repository_address(text: str) -> str:
    """A repository's address without what does not tell repositories apart; raises `Refused`."""
    parts = urlsplit(web_address(text))
    path = parts.path.rstrip("/").removesuffix(".git").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def repository_of_ticket(address: str) -> str | None:
    """The repository a ticket on a forge belongs to; None where the address does not say."""
    try:
        parts = urlsplit(web_address(address))
    except Refused:
        return None
    path, found = TICKET.subn("", parts.path)
    if not found or path.count("/") < 2:
        return None
    return repository_address(urlunsplit((parts.scheme, parts.netloc, path, "", "")))
