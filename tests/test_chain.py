"""The chains: who holds a line can prove it stood there; who does not learns nothing; nothing can be slipped in."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from app.kit import chain
from app.kit.db import Database, commit
from app.kit.links import ChainHead, ChainLink, campaign_chain, remember

# All that UTF-8 can write; asked for by the name of that code, it is worked out anew for four seconds.
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=8,
)


@given(st.dictionaries(WORDS, VALUES, max_size=6))
def test_a_line_is_written_in_one_way_and_read_back(content: dict[str, object]) -> None:
    text = chain.canonical(content)
    assert json.loads(text) == content
    assert chain.canonical(dict(reversed(list(content.items())))) == text


def test_the_canonical_text_is_what_the_documentation_says() -> None:
    assert chain.canonical({"b": 1, "a": ["é", 2]}) == '{"a":["é",2],"b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        chain.canonical({"amount": float("nan")})


def test_digest_and_head_are_plain_sha_256_over_lines() -> None:
    assert chain.digest("salt", "text") == hashlib.sha256(b"salt\ntext").hexdigest()
    assert chain.next_head("before", 7, "digest") == hashlib.sha256(b"before\n7\ndigest").hexdigest()


def test_the_same_line_has_another_digest_each_time() -> None:
    assert len({chain.digest(chain.new_salt(), "100") for _ in range(50)}) == 50
    assert len(chain.new_salt()) == 32


def links(db: Session, name: str) -> list[ChainLink]:
    """The links of a chain in order."""
    return list(db.exec(select(ChainLink).where(ChainLink.chain == name).order_by(col(ChainLink.number))))


def test_lines_are_linked_at_the_end_of_their_transaction_in_the_order_they_happened(
    database: Database,
) -> None:
    with database.writing() as db:
        for number in (5, 3, 4):
            remember(db, campaign_chain(1), "step", number, {"n": number})
        remember(db, campaign_chain(None), "step", 9, {"n": 9})
        assert links(db, "campaign:1") == []
    with database.writing() as db:
        remember(db, "campaign:1", "step", 6, {"n": 6})
    with database.reading() as db:
        found = links(db, "campaign:1")
        assert [(link.number, link.line_id) for link in found] == [(1, 5), (2, 3), (3, 4), (4, 6)]
        head = chain.GENESIS
        for link in found:
            assert link.digest == chain.digest(link.salt, chain.canonical({"n": link.line_id}))
            head = chain.next_head(head, link.number, link.digest)
            assert link.head == head
        kept = db.get_one(ChainHead, "campaign:1")
        assert (kept.number, kept.head) == (4, head)
        assert [link.number for link in links(db, "house")] == [1]


def test_what_is_not_kept_is_not_linked(database: Database) -> None:
    def fail(db: Session) -> None:
        remember(db, "house", "step", 1, {})
        raise RuntimeError("something went wrong")

    with pytest.raises(RuntimeError, match="something"):
        database.run(fail)
    with database.reading() as db:
        assert links(db, "house") == []


def test_a_line_is_linked_once(database: Database) -> None:
    with database.writing() as db:
        remember(db, "house", "step", 1, {})
    with pytest.raises(Exception, match=r"(?i)unique"), database.writing() as db:
        remember(db, "house", "step", 1, {})


def test_a_second_commit_links_nothing_twice(database: Database) -> None:
    with database.writing() as db:
        remember(db, "house", "step", 1, {})
        commit(db)
        commit(db)
    with database.reading() as db:
        assert len(links(db, "house")) == 1


def test_a_time_in_another_zone_is_sealed_as_utc() -> None:
    from zoneinfo import ZoneInfo

    from app.ledger.book import sealed

    instant = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    there = instant.astimezone(ZoneInfo("Europe/Paris"))
    assert sealed({}, there.astimezone(UTC)) == sealed({}, instant) == {"at": "2026-12-01T09:00:00+00:00"}
