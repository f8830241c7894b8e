"""Addresses of other rooms' pages, by endpoint."""

from typing import Any

from flask import current_app, request, url_for


def is_open(endpoint: str) -> bool:
    """Whether this house has such a page."""
    return endpoint in current_app.view_functions


def door(endpoint: str, *, otherwise: str = "boards.index", **values: Any) -> str:
    """The address of a page; the page `otherwise` (called with the same values) where this house has none."""
    return url_for(endpoint if is_open(endpoint) else otherwise, **values)


def is_here(url: str) -> bool:
    """Whether the page being shown is this one, or stands below it."""
    path, _, query = url.partition("?")
    if query and request.query_string.decode(errors="replace") != query:
        return False
    return request.path == path or (path != "/" and request.path.startswith(f"{path}/"))
