"""A small Stripe on this machine: keys, stored answers, faults on demand. What it knows is in `fake_stripe_world.py`.

It covers the calls Jalon makes, with the shapes of the pinned version, and refuses what that version refuses.
"""

import json
import pickle
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe
from pydantic import SecretStr

from app.kit.stripe_settings import StripeSettings, stripe_settings
from tests.fake_stripe_routes import ROUTES
from tests.fake_stripe_world import Refused, World

KEY = "sk_test_fake"
SECRETS = {"account": "whsec_account_of_tests", "connect": "whsec_connect_of_tests"}
GONE = frozenset({"payment_method_types"})


@dataclass
class Fault:
    """What happens to the next changing call: before it is done, or after, when the answer is lost on its way."""

    status: int = 0
    is_done: bool = False
    is_lost: bool = False
    is_stored: bool = False
    seconds: float = 0
    on: str = ""


LOST = Fault(is_done=True, is_lost=True)
NOT_REACHED = Fault(is_lost=True)
ERROR = Fault(status=500, is_stored=True)
ERROR_BUT_DONE = Fault(status=500, is_done=True, is_stored=True)
BUSY = Fault(status=409)
TOO_MANY = Fault(status=429)


@dataclass
class Call:
    """One request as it came."""

    method: str
    path: str
    params: dict[str, Any]
    key: str


class FakeStripe:
    """The server and its world. `calls` is everything asked, `faults` what is still to go wrong."""

    def __init__(self) -> None:
        self.world = World()
        self.calls: list[Call] = []
        self.faults: deque[Fault] = deque()
        self._stored: dict[str, tuple[str, int, bytes]] = {}
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def settings(self, retries: int = 0) -> StripeSettings:
        """How Jalon speaks to this Stripe."""
        told = stripe_settings(
            key=SecretStr(KEY), base=self.url, secret=SecretStr(SECRETS["account"]),
            connect_secret=SecretStr(SECRETS["connect"]),
        )  # fmt: skip
        return StripeSettings(**(vars(told) | {"retries": retries, "timeout_seconds": 2.0}))

    def changes(self, path: str) -> list[Call]:
        """The changing calls on one path, in their order."""
        return [call for call in self.calls if call.method == "POST" and re.fullmatch(path, call.path)]

    def knows(self) -> bytes:
        """All that it knows now, to be laid into another one."""
        with self._lock:
            return pickle.dumps((vars(self.world), self.calls, self._stored))

    def still_knows(self, known: bytes) -> bool:
        """Whether it knows just that, and no more."""
        told: bool = pickle.loads(known) == (vars(self.world), self.calls, self._stored)
        return told

    def learn(self, known: bytes) -> None:
        """Know what another one knew, in the place of all that was known."""
        with self._lock:
            world, self.calls, self._stored = pickle.loads(known)
            vars(self.world).update(world)

    def forget_keys(self) -> None:
        """A day has passed: keys are forgotten."""
        self._stored.clear()

    def answer_differs(self, key: str) -> None:
        """Somebody used this key before, with other facts."""
        self._stored[key] = ("other facts", 200, b"{}")

    def signed(
        self, event: dict[str, Any], *, secret: str | None = None, at: float | None = None
    ) -> tuple[bytes, str]:
        """An event as it travels: the body and the header that proves it."""
        body = json.dumps(event).encode()
        door = "connect" if event.get("account") else "account"
        moment = int(time.time() if at is None else at)
        header = stripe.WebhookSignature.generate_signature_header(
            body.decode(), secret or SECRETS[door], timestamp=moment
        )
        return body, header

    def answer(self, call: Call) -> tuple[int, bytes]:
        """Answer one call: out of the stored answers where its key was used, else by its route."""
        with self._lock:
            self.calls.append(call)
            told = json.dumps([call.path, call.params], sort_keys=True)
            if call.key in self._stored:
                facts, status, body = self._stored[call.key]
                if facts != told:
                    return _error(400, "idempotency_error", "idempotency_key_reused")
                return status, body
            fault = self._fault(call)
            if fault and not fault.is_done and fault.status:
                status, body = _error(
                    fault.status, "api_error", "rate_limit" if fault.status == 429 else "fault"
                )
                if fault.is_stored and call.key:
                    self._stored[call.key] = (told, status, body)
                return status, body
            if fault and fault.is_lost and not fault.is_done:
                return 0, b""
            status, body = self._do(call)
            if fault and fault.status:
                status, body = _error(fault.status, "api_error", "fault")
            if call.key and (status < 400 or status == 402 or status >= 500):
                self._stored[call.key] = (told, status, body)
            if fault and fault.seconds:
                time.sleep(fault.seconds)
            return (0, b"") if fault and fault.is_lost else (status, body)

    def _fault(self, call: Call) -> Fault | None:
        if call.method != "POST" or not self.faults or not re.search(self.faults[0].on, call.path):
            return None
        return self.faults.popleft()

    def _do(self, call: Call) -> tuple[int, bytes]:
        if GONE & call.params.keys():
            return _error(400, "invalid_request_error", "payment_method_types_no_longer_supported")
        for method, pattern, act in ROUTES:
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                try:
                    return 200, json.dumps(act(self.world, call.params, *found.groups())).encode()
                except Refused as no:
                    return _error(no.status, no.kind, no.code, **no.more)
                except KeyError as missing:
                    return _error(404, "invalid_request_error", "resource_missing", param=str(missing)[:40])
        return _error(404, "invalid_request_error", "unknown_path", param=call.path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # the body is not kept back for forty milliseconds behind its head

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                parts = urlsplit(self.path)
                is_form = "multipart" not in self.headers.get("Content-Type", "")
                text = body.decode() if self.command == "POST" and is_form else parts.query
                params = unfolded(parse_qsl(text, keep_blank_values=True))
                key = self.headers.get("Idempotency-Key", "") if self.command == "POST" else ""
                if self.headers.get("Authorization") != f"Bearer {KEY}":
                    status, told = _error(401, "invalid_request_error", "bad_key")
                else:
                    status, told = fake.answer(Call(self.command, parts.path, params, key))
                if not status:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        return Handler


def _error(status: int, kind: str, code: str, **more: Any) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"type": kind, "code": code, "message": "No.", **more}}).encode()


def unfolded(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=c` as nested dicts and lists; everything is text, as it travels."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        path = re.findall(r"[^\[\]]+", name)
        at = found
        for step in path[:-1]:
            at = at.setdefault(step, {})
        at[path[-1]] = text
    return found


@contextmanager
def serving() -> Iterator[FakeStripe]:
    """A fake Stripe for as long as it is needed."""
    fake = FakeStripe()
    try:
        yield fake
    finally:
        fake.close()
