"""Where the reader is."""

from flask import request


def is_here(url: str) -> bool:
    """Whether the page being shown is this one, or stands below it."""
    path, _, query = url.partition("?")
    if query and request.query_string.decode(errors="replace") != query:
        return False
    return request.path == path or (path != "/" and request.path.startswith(f"{path}/"))
