"""What a running Jalon says of itself on its standard error: a line an event, nothing in it that must not be kept.

One line of JSON for a machine that collects them, plain words for a person at a terminal. A line may quote anything a
library or a payer wrote, so the finished line is gone through once more before it leaves.
"""

import logging
import re
import sys
import time
from typing import Any

from flask import Flask, Response, g, request

log = logging.getLogger("jalon.requests")
QUIET = ("/static/", "/health")

# Account numbers (ISO 13616; RF references of ISO 11649 may stand), keys of payment providers, secrets in addresses.
SECRETS = (
    (re.compile(r"\b(?!RF)[A-Z]{2}\d{2}(?:[ \u202f]?[A-Z0-9]{4}){2,7}(?:[ \u202f]?[A-Z0-9]{1,3})?\b"), "[account]"),
    (re.compile(r"\b(?:sk|rk|pk|whsec|acct_sk)_[A-Za-z0-9_]{6,}"), "[key]"),
    (re.compile(r"(?<=/invitations/)[\w-]+|(?<=/password/)(?!forgotten)[\w-]+"), "[token]"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), "[secret]"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[mail]"),
)  # fmt: skip


def hushed(line: str) -> str:
    """The line without account numbers, keys, secret addresses and people's mail addresses."""
    for secret, shown in SECRETS:
        line = secret.sub(shown, line)
    return line


def speak(stream: Any = None) -> None:
    """Send what every library and every room logs to the standard error (or `stream`), from INFO on."""
    import structlog  # a window of its own has nobody who reads lines, and starts sooner without

    class Discreet(structlog.stdlib.ProcessorFormatter):
        """Writes a line, and goes through it once more."""

        def format(self, record: logging.LogRecord) -> str:
            return hushed(super().format(record))

    stream = stream or sys.stderr
    render = (
        structlog.dev.ConsoleRenderer(colors=False)
        if stream.isatty()
        else structlog.processors.JSONRenderer()
    )
    voice = logging.StreamHandler(stream)
    before: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        render,
    ]
    voice.setFormatter(Discreet(foreign_pre_chain=before, processors=last))
    root = logging.getLogger()
    root.handlers = [voice]
    root.setLevel(logging.INFO)


def note_requests(app: Flask) -> None:
    """A line for each answer: the rule (never the address, which may hold a secret), its status and milliseconds."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if not request.path.startswith(QUIET):
            rule = request.url_rule.rule if request.url_rule else "(no such page)"
            facts = {
                "method": request.method, "rule": rule, "status": response.status_code,
                "milliseconds": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
                "request": g.get("request_id", ""),
            }  # fmt: skip
            log.info("answered", extra=facts)
        return response
