"""Pages served by a thread are ended by that thread: nothing breaks in it, and what is being answered is answered."""

import http.client
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from app.kit.beside import PagesBeside


def greet(_environ: dict[str, Any], answer: Callable[..., Any]) -> Iterable[bytes]:
    """A page."""
    answer("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def ask(line: http.client.HTTPConnection) -> bytes:
    """The page, over a line that stays open."""
    line.request("GET", "/")
    return line.getresponse().read()


def test_it_ends_in_its_own_thread_whoever_holds_a_line_to_it() -> None:
    # Should a door be closed under the thread that looks at it, that thread breaks, and pytest fails this test for it.
    for _again in range(20):
        pages = PagesBeside(greet, host="127.0.0.1", port=0, threads=1)
        pages.start()
        lines = [http.client.HTTPConnection("127.0.0.1", pages.port, timeout=30) for _line in range(3)]
        for line in lines:
            assert ask(line) == b"hello"
        ended_in: list[str] = []
        close = pages._server.close

        def noted(close: Callable[[], None] = close, ended_in: list[str] = ended_in) -> None:
            ended_in.append(threading.current_thread().name)
            close()

        pages._server.close = noted
        pages.stop()
        assert ended_in == ["pages"]
        assert pages._server._map == {}
        assert not pages._thread.is_alive()
        for line in lines:
            with pytest.raises((OSError, http.client.HTTPException)):
                ask(line)
            line.close()


def test_what_is_being_answered_is_answered_before_the_end() -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def slowly(environ: dict[str, Any], answer: Callable[..., Any]) -> Iterable[bytes]:
        asked.set()
        assert may_answer.wait(30)
        answer("200 OK", [("Content-Length", "100000")])
        return [b"a" * 100_000]

    pages = PagesBeside(slowly, host="127.0.0.1", port=0, threads=1)
    pages.start()
    line = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=30)
    line.request("GET", "/")
    assert asked.wait(30)
    ends = threading.Thread(target=pages.stop)
    ends.start()
    may_answer.set()
    assert len(line.getresponse().read()) == 100_000
    ends.join(30)
    assert not ends.is_alive()
    line.close()


def test_one_that_never_began_is_closed_too() -> None:
    pages = PagesBeside(greet, host="127.0.0.1", port=0, threads=1)
    pages.stop()
    assert pages._server._map == {}
