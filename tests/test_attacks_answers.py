"""Servers that answer slowly, or that lead elsewhere, cost their asker a bounded time and reach nobody else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.kit.fetching import Reach, Unreachable, fetch

SLOW = 0.05


@contextmanager
def dripping(begin: bytes, drop: bytes) -> Iterator[str]:
    """A server on this machine that begins an answer and then lets it drip, each drop well in time."""
    over = threading.Event()

    def serve(door: socket.socket) -> None:
        caller, _address = door.accept()
        with caller:
            caller.recv(4096)
            try:
                caller.sendall(begin)
                while not over.wait(SLOW):
                    caller.sendall(drop)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, args=(door,), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            over.set()
            thread.join(2)


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"", b"H"),
    ],
    ids=["a header", "headers", "a chunk's size", "a body", "a greeting"],
)
def test_an_answer_that_drips_is_given_up_in_time(begin: bytes, drop: bytes) -> None:
    started = time.monotonic()
    with dripping(begin, drop) as host, pytest.raises(Unreachable):
        fetch(f"http://{host}/", Reach(frozenset({host}), inside=True), seconds=0.2)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", [".evil.example/paper", ":8443/paper", "evil", ""])
def test_a_server_cannot_send_the_desktop_program_to_another_host_or_port(path: str) -> None:
    from client.addresses import Origin
    from client.outside import NoAnswer, Outside

    outside = Outside(Origin("https", "jalon.example", 443), cookies=lambda: "secret")
    outside._opener.open = lambda request, **_more: pytest.fail(request.full_url)  # type: ignore[method-assign,assignment]
    with pytest.raises(NoAnswer):
        outside.get(path)
