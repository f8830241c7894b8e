"""Where the work can be seen: addresses, one a line."""

from urllib.parse import urlsplit

from app.kit.rules import require

MOST = 20


def read_addresses(text: str) -> str:
    """The addresses, one a line, without empty lines. Raises `Refused` for what is no address of the web."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    require(lines, "Please give at least one address where the work can be seen.", field="evidence")
    require(len(lines) <= MOST, "Please give at most %(most)s addresses.", field="evidence", most=MOST)
    for line in lines:
        require(
            _is_address(line),
            "“%(typed)s” is not an address. Write it whole, beginning with https:// or http://.",
            field="evidence",
            typed=line[:60],
        )
    return "\n".join(lines)


def _is_address(line: str) -> bool:
    if any(sign.isspace() or sign in '"<>\\' for sign in line):
        return False
    try:
        parts = urlsplit(line)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
