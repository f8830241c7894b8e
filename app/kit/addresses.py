"""How addresses of pages are known: all of them from the start, each written out only when a page points at it."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class Address(Rule):
    """An address of ours. How it is written out is worked out when a page first points at it, not at every start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        built: Callable[..., tuple[str, str]] | None = None

        def build(address: Rule, /, **values: Any) -> tuple[str, str]:
            nonlocal built
            if built is None:
                built = Rule._compile_builder(self, append_unknown)
            return built(address, **values)

        return build
