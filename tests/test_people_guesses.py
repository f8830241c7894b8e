"""Passwords cannot be guessed: not by many tries, nor from many networks, nor by what an answer tells."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import func, select

from app.people import attempts, passwords, signing_in
from app.people.access import Actor
from app.people.model import SignInAttempt
from tests.people_cast import HERE, SECRET, ada, bea, come_in, post

__all__ = ["ada", "bea"]


@pytest.mark.long_story
def test_ten_wrong_passwords_close_an_account_to_that_network_for_a_while(
    app: Flask, settings: Any, bea: Actor
) -> None:
    from app.main import create_app

    client = app.test_client()
    for _ in range(attempts.MOST_HERE):
        answer = post(
            client, "/sign-in", "/sign-in", email="bea@banque.example", password="wrong wrong wrong"
        )
        assert signing_in.WRONG in answer.text
    restarted = create_app(settings)
    for each in (app, restarted):
        answer = post(
            each.test_client(), "/sign-in", "/sign-in", email="Bea@Banque.example ", password=SECRET
        )
        assert answer.status_code == 422
        assert signing_in.WAIT in answer.text
    come_in(app, "bea@banque.example", network="198.51.100.7")
    with app.database.reading() as db:
        later = datetime.now(UTC) + attempts.WINDOW + timedelta(minutes=5)
        assert not attempts.has_to_wait(db, "bea@banque.example", HERE, at=later)
    restarted.database.close()


def test_fifty_wrong_passwords_close_a_network_whatever_the_accounts(app: Flask, bea: Actor) -> None:
    with app.database.writing() as db:
        for number in range(attempts.MOST_OF_NETWORK):
            attempts.count_wrong(db, f"p{number}@banque.example", HERE, at=datetime.now(UTC))
    answer = post(app.test_client(), "/sign-in", "/sign-in", email="bea@banque.example", password=SECRET)
    assert signing_in.WAIT in answer.text
    come_in(app, "bea@banque.example", network="198.51.100.7")


def test_many_networks_against_one_account_do_not_lock_its_owner_out(app: Flask, bea: Actor) -> None:
    come_in(app, "bea@banque.example", network="198.51.100.7")
    with app.database.writing() as db:
        for number in range(attempts.MOST_OF_ACCOUNT):
            visit = attempts.Visit(f"203.0.{number}.0/24")
            attempts.count_wrong(db, "bea@banque.example", visit, at=datetime.now(UTC))
    stranger = post(
        app.test_client(), "/sign-in", "/sign-in", "100.64.0.1", email="bea@banque.example", password=SECRET
    )
    assert signing_in.WAIT in stranger.text
    come_in(app, "bea@banque.example", network="198.51.100.9")


def test_guesses_sent_all_at_once_are_counted_one_by_one(app: Flask, bea: Actor) -> None:
    def guess(number: int) -> str:
        page = post(
            app.test_client(), "/sign-in", "/sign-in", email="bea@banque.example", password=f"guess {number}"
        )
        return page.text

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(guess, range(attempts.MOST_HERE * 2)))
    assert sum(signing_in.WRONG in page for page in pages) == attempts.MOST_HERE
    assert sum(signing_in.WAIT in page for page in pages) == attempts.MOST_HERE
    with app.database.reading() as db:
        assert db.exec(select(func.count()).select_from(SignInAttempt)).one() == attempts.MOST_HERE


def test_an_unknown_account_gets_the_same_answer_after_the_same_work(
    app: Flask, bea: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    class Counting(type(passwords._hasher(64))):  # type: ignore[misc]
        def verify(self, kept: Any, password: Any) -> bool:
            compared.append(kept)
            return super().verify(kept, password)  # type: ignore[no-any-return]

    counting = Counting(time_cost=1, memory_cost=64, parallelism=1)
    passwords._nobody(64)
    monkeypatch.setattr(passwords, "_hasher", lambda _memory: counting)
    answers = set()
    for email in ("bea@banque.example", "nobody@banque.example"):
        answer = post(app.test_client(), "/sign-in", "/sign-in", email=email, password="wrong wrong wrong")
        text = re.sub(r'value="[^"]*"|CSRFToken": "[^"]+"', "", answer.text)
        answers.add((answer.status_code, text))
    assert len(answers) == 1
    assert len(compared) == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"), (None, ""), ("unix", ""),
    ],
)  # fmt: skip
def test_only_the_network_of_a_visitor_is_kept(address: str | None, network: str) -> None:
    assert attempts.network_of(address) == network
