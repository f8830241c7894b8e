"""Evidence on a forge: asked by the worker, bounded in time and size, never inside our own network."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.delivery import checking
from app.delivery import rules as deliveries
from app.delivery.model import Delivery, EvidenceCheck
from app.forges.forge import Found, Kind, Question, hosts_of, question, verdict
from app.kit import fetching
from app.kit.db import Database
from app.kit.fetching import Fetched, NotAllowed, Reach, Unreachable, fetch
from app.kit.outbox import Outgoing
from app.kit.settings import Settings
from app.people.step import Step
from app.worker import Worker
from tests.answering import serving, told
from tests.bank import DECIDED
from tests.cast import paid, settle

pytestmark = pytest.mark.long_story

HOSTS = {"github.com": Kind.GITHUB, "gitlab.com": Kind.GITLAB, "codeberg.org": Kind.FORGEJO}
MERGED = {"merged": True, "state": "closed", "merge_commit_sha": "4f9d2c8a" * 5}


# ---- Which question an address stands for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "about", "asked"),
    [
        ("https://github.com/o/r/pull/7", "change", "https://api.github.com/repos/o/r/pulls/7"),
        ("https://github.com/o/r/pull/7/files", "change", "https://api.github.com/repos/o/r/pulls/7"),
        ("https://github.com/o/r/releases/tag/v1.2", "release", "https://api.github.com/repos/o/r/releases/tags/v1.2"),
        ("https://github.com/o/r/commit/4f9d2c8", "commit", "https://api.github.com/repos/o/r/commits/4f9d2c8"),
        (
            "https://gitlab.com/a/b/c/-/merge_requests/3", "change",
            "https://gitlab.com/api/v4/projects/a%2Fb%2Fc/merge_requests/3",
        ),
        (
            "https://gitlab.com/a/b/-/tags/v1", "tag",
            "https://gitlab.com/api/v4/projects/a%2Fb/repository/tags/v1",
        ),
        ("https://codeberg.org/o/r/pulls/9", "change", "https://codeberg.org/api/v1/repos/o/r/pulls/9"),
        ("https://github.com/o/r/releases/tag/..%2F..", "release",
         "https://api.github.com/repos/o/r/releases/tags/..%252F.."),
    ],
)  # fmt: skip
def test_an_address_stands_for_a_question(address: str, about: str, asked: str) -> None:
    assert question(address, HOSTS) == Question(about, asked)


@pytest.mark.parametrize(
    "address",
    ["https://example.org/o/r/pull/7", "https://github.com/o/r", "https://github.com.evil.example/o/r/pull/7",
     "https://github.com:8443/o/r/pull/7", "https://github.com/o/r/pull/7?x=1/../..", "https://[oops", ""],
)  # fmt: skip
def test_other_addresses_stand_for_none(address: str) -> None:
    asked = question(address, HOSTS)
    assert asked is None or asked.address == "https://api.github.com/repos/o/r/pulls/7"


@pytest.mark.parametrize(
    ("about", "answer", "found"),
    [
        ("change", told(MERGED), Found.MERGED),
        ("change", told({"state": "merged"}), Found.MERGED),
        ("change", told({"state": "open"}), Found.OPEN),
        ("change", told({"state": "closed", "merged": False}), Found.CLOSED),
        ("release", told({"tag_name": "v1", "draft": True}), Found.DRAFT),
        ("release", told({"tag_name": "v1"}), Found.PUBLISHED),
        ("tag", (404, {}, b""), Found.ABSENT),
        ("tag", (500, {}, b""), Found.UNREADABLE),
        ("tag", (200, {}, b"<html>"), Found.UNREADABLE),
        ("tag", (200, {}, b"[1]"), Found.UNREADABLE),
        ("tag", (200, {}, b"[" * 100_000), Found.UNREADABLE),
    ],
)
def test_an_answer_means_one_thing(
    about: str, answer: tuple[int, dict[str, str], bytes], found: Found
) -> None:
    assert verdict(Question(about, ""), Fetched(answer[0], answer[2])).found == found


# ---- Asking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
     "64:ff9b::a9fe:a9fe", "::"],
)  # fmt: skip
def test_an_address_inside_a_network_is_known_in_every_disguise(address: str) -> None:
    assert not fetching.is_open(address)


def test_an_address_on_the_open_network_is_let_through() -> None:
    assert fetching.is_open("140.82.121.4")
    assert fetching.is_open("2606:50c0:8000::154")


def test_nothing_inside_our_own_network_is_asked_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"/": told({})}) as (host, asked):
        port = int(host.partition(":")[2])
        # A name of a known forge that leads to this very machine: the connection is never made.
        monkeypatch.setattr(
            fetching.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("127.0.0.1", port))]
        )
        with pytest.raises(NotAllowed, match="inside"):
            fetch("https://github.com/", Reach(frozenset({"github.com"})))
        assert asked == []


def test_only_known_hosts_are_asked_and_only_by_https() -> None:
    reach = Reach(frozenset({"github.com"}))
    for address in ("http://github.com/", "https://evil.example/", "https://u:p@github.com/", "file:///etc/passwd",
                    "https://github.com:22/", "https://github.com@evil.example/"):  # fmt: skip
        with pytest.raises(NotAllowed):
            fetch(address, reach)


def test_a_redirect_is_checked_like_the_first_address() -> None:
    with serving({}) as (inner, inner_asked):
        answers = {
            "/away": (302, {"Location": f"http://{inner}/secret"}, b""),
            "/on": (301, {"Location": "/there"}, b""), "/there": told({"state": "open"}),
            "/round": (302, {"Location": "/round"}, b""), "/file": (302, {"Location": "file:///etc/passwd"}, b""),
        }  # fmt: skip
        with serving(answers) as (host, asked):
            reach = Reach(frozenset({host}), inside=True)
            assert fetch(f"http://{host}/on", reach).body == b'{"state": "open"}'
            for path in ("/away", "/file"):
                with pytest.raises(NotAllowed):
                    fetch(f"http://{host}{path}", reach)
            with pytest.raises(Unreachable, match="redirects"):
                fetch(f"http://{host}/round", reach)
            assert asked.count("/round") == fetching.MOST_REDIRECTS + 1
        assert inner_asked == []


def test_an_answer_is_bounded_in_size_and_in_time() -> None:
    answers = {
        "/large": (200, {}, b"x" * (fetching.MOST_BYTES + 1)),
        "/slow": (200, {"Transfer": "never"}, b"{"),
    }
    with serving(answers) as (host, _asked):
        reach = Reach(frozenset({host}), inside=True)
        with pytest.raises(Unreachable, match="million"):
            fetch(f"http://{host}/large", reach)
        with pytest.raises(Unreachable):
            fetch(f"http://{host}/large", reach, seconds=0)


# ---- Kept with the delivery ------------------------------------------------------------------------------------


def handed_in(database: Database, evidence: str) -> int:
    with database.writing() as db:
        cast = settle(db)
        campaign, _lines = paid(db, cast)
        from app.campaigns import rules as campaigns

        milestone = campaigns.scoped_milestones(db, campaign)[0]
        delivery = deliveries.hand_in(
            db, campaign, milestone, version="v1", evidence=evidence, by=cast.maker, at=DECIDED
        )
        return delivery.id


def test_what_a_forge_says_is_kept_with_its_date_and_its_hash(database: Database, settings: Settings) -> None:
    answers = {
        "/api/v1/repos/o/r/pulls/7": told(MERGED),
        "/api/v1/repos/o/r/releases/tags/v1": told({"tag_name": "v1", "draft": True}),
    }
    with serving(answers) as (host, asked):
        lines = (f"http://{host}/o/r/pulls/7", f"http://{host}/o/r/releases/tag/v1", f"http://{host}/o/r/pulls/8",
                 "https://test.example/instance")  # fmt: skip
        delivery_id = handed_in(database, "\n".join(lines))
        there = replace(settings, forges=(("forgejo", host),), asks_inside=True)
        Worker(database, there).until_quiet(DECIDED)
        Worker(database, there).until_quiet(DECIDED + timedelta(hours=1))
    assert sorted(asked) == sorted(
        [*answers, "/api/v1/repos/o/r/pulls/8"]
    )  # once each, and nobody asked for what is on no forge
    with database.reading() as db:
        kept = checking.checks_of(db, db.get_one(Delivery, delivery_id))
        assert {address: kept[address].found for address in kept} == {
            lines[0]: "merged", lines[1]: "draft", lines[2]: "absent",
        }  # fmt: skip
        assert kept[lines[0]].detail == MERGED["merge_commit_sha"]
        assert len(kept[lines[0]].body_hash) == 64
        assert kept[lines[0]].at == DECIDED
        assert len(db.exec(select(Step).where(Step.act == "check evidence")).all()) == 3


@pytest.mark.on_both
def test_a_silent_forge_is_asked_again_a_few_times_and_then_said_to_be_silent(
    database: Database, settings: Settings
) -> None:
    with serving({}) as (host, _asked):
        pass  # nobody listens there any more
    handed_in(database, f"http://{host}/o/r/pulls/7")
    worker = Worker(database, replace(settings, forges=(("forgejo", host),), asks_inside=True))
    for hours in range(checking.MOST_TRIES):
        worker.round(DECIDED + timedelta(hours=2 * hours))
    with database.reading() as db:
        assert db.exec(select(EvidenceCheck.found)).all() == ["unreachable"]
        left = select(Outgoing).where(Outgoing.topic == checking.TOPIC, Outgoing.done_at == None)  # noqa: E711
        assert db.exec(left).all() == []


def test_nobodys_payment_waits_for_a_forge(database: Database, settings: Settings) -> None:
    path = "/api/v1/repos/o/r/pulls/7"
    with serving({path: told(MERGED)}) as (host, asked):
        handed_in(database, f"http://{host}/o/r/pulls/7")
        worker = Worker(database, replace(settings, forges=(("forgejo", host),), asks_inside=True))
        worker.round(DECIDED, asks=False)
        assert asked == [], "the rounds of a serving process leave questions to a thread of their own"
        worker.carrier.ask(DECIDED)
        assert asked == [path]


def test_a_demo_asks_no_forge(settings: Settings) -> None:
    assert settings.demo
    assert settings.forges == ()
    assert hosts_of({"github.com": Kind.GITHUB}) == {"github.com", "api.github.com"}
