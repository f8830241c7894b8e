"""Finding needs: what is listed is what looking at each need would find, newest first, page by page."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select, text

from app.kit.db import Database
from app.needs import found_by, rules, search
from app.needs.model import Need, NeedKind, NeedState
from app.needs.search import Wanted, find_needs, matches, search_text
from app.people.access import Actor
from tests.needs_cast import NOW, Cast, gather, published, registered, shared, written

SOFTWARE = ("XWiki", "Œuvre commune")
WORDS = (
    "export", "exports", "exporter", "sécurité", "Securité", "l’opérateur", "PDF/A-3", "work_flow", "C", "été", "2027",
    "partage", "Partagés", "日本語", "привет", "naïve", "don't", "S/MIME", "rights", "1.29",
)  # fmt: skip


def titles(found: list[Need]) -> list[str]:
    """What the needs are called."""
    return [need.title for need in found]


def test_words_are_found_by_their_beginning_whatever_accents_endings_and_order(db: Session) -> None:
    cast = gather(db)
    registered(db, cast.bank, "Œuvre commune")
    need = published(
        db, cast.bank, software="oeuvre commune", title="Exporter les pièces jointes",
        summary="L’opérateur n’a pas les droits sur les sauvegardes chiffrées (S/MIME).",
    )  # fmt: skip
    for asked in (
        "export", "EXPORTER", "piece", "pièces export", "jointe", "operateur", "l'opérateur", "sauvegarde", "chiffrée",
        "s/mime", "OEUVRE", "œuvre", "exports", "droit chiffre", "  jointes,   pieces! ",
    ):  # fmt: skip
        assert find_needs(db, Wanted(text=asked)) == [need], asked
    for asked in ("xporter", "export absent", "_published", "published", "zzz"):
        assert find_needs(db, Wanted(text=asked)) == [], asked


def test_signs_of_the_query_languages_are_only_signs(db: Session) -> None:
    cast = gather(db)
    registered(db, cast.bank)
    need = published(db, cast.bank, title="Offline or online")
    for asked in (
        '"offline"',
        "offline*",
        "offline & !online",
        "(offline",
        "offline:*",
        "^offline",
        "offline\\",
    ):
        assert find_needs(db, Wanted(text=asked)) == [need], asked
    for asked in (
        "offline OR nothing",
        "offline | nothing",
        "NEAR(offline)",
        "off'line offline",
        "-offline nothing",
    ):
        assert find_needs(db, Wanted(text=asked)) == [], asked
    assert find_needs(db, Wanted(text="* ' \" & | !")) == [need]


def test_a_need_is_found_by_what_it_says_now(db: Session) -> None:
    cast = gather(db)
    registered(db, cast.bank)
    need = written(db, cast.bank, title="Cursors")
    own = cast.bank.organization.id
    assert find_needs(db, Wanted(text="cursors")) == []
    assert find_needs(db, Wanted(text="cursors", state=NeedState.DRAFT, organization_id=own)) == [need]
    rules.publish(db, need, by=cast.bank, at=NOW + timedelta(days=1))
    assert find_needs(db, Wanted(text="cursors")) == [need]
    assert find_needs(db, Wanted(text="cursors", state=NeedState.DRAFT, organization_id=own)) == []
    rules.withdraw(db, need, reason="Solved", by=cast.bank, at=NOW)
    assert find_needs(db, Wanted(text="cursors")) == []
    assert find_needs(db, Wanted(text="cursors", state=NeedState.WITHDRAWN)) == [need]
    assert indexed(db, "_wcursors") == 1
    db.delete(need)
    db.flush()
    assert indexed(db, "_wcursors") == 0


def indexed(db: Session, word: str) -> int:
    """How many rows of the index have this word, whether or not a need stands behind them."""
    asked = (
        "need_words MATCH :word"
        if db.get_bind().dialect.name == "sqlite"
        else "words @@ CAST(:word AS tsquery)"
    )
    query = text(f"SELECT count(*) FROM need_words WHERE {asked}")
    return int(db.connection().execute(query, {"word": word}).scalar_one())


@pytest.fixture
def crowd(database: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, list[Need]]:
    """Sixty needs of every state, kind and organization, with all sorts of words, some of one moment.

    Among so few, PostgreSQL looks at fewer still before it asks its index, so that every way is gone.
    """
    for name, rows in (("SHORT_LOOK", 3), ("LONG_LOOK", 12), ("PROMISING", 1)):
        monkeypatch.setattr(search, name, rows)
    with database.writing() as db:
        cast = gather(db)
        for name in SOFTWARE:
            registered(db, cast.bank, name)
        for number in range(60):
            by = (cast.bank, cast.insurer)[number % 2]
            changes = {
                "software": SOFTWARE[number % 3 == 0],
                "kind": list(NeedKind)[number % 4],
                "title": f"{WORDS[number % 20]} {WORDS[(number * 7 + 3) % 20]} {number}",
                "summary": " ".join(WORDS[(number * step) % 20] for step in (11, 13)),
            }
            at = NOW + timedelta(minutes=(number * 37 % 60) // 3)
            need = written(db, by, **changes) if number % 5 == 4 else published(db, by, at=at, **changes)
            if number % 7 == 0:
                rules.withdraw(db, need, reason="Enough", by=by, at=at)
        return cast, list(db.exec(select(Need)))


readers = st.sampled_from([None, "bank", "insurer", "ministry"])
asked_words = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(WORDS).map(lambda word: word[:3]),
        st.sampled_from(WORDS).map(lambda word: word[:7]),
        st.text(max_size=4),
    ),
    max_size=3,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=asked_words,
    reader=readers,
    software=st.sampled_from([None, *SOFTWARE]),
    kind=st.sampled_from([None, *NeedKind]),
    state=st.sampled_from(list(NeedState)),
    is_mine=st.booleans(),
    most=st.sampled_from([1, 3, 7, 100]),
)
def test_what_is_listed_is_what_looking_at_each_need_would_find(
    database: Database, crowd: tuple[Cast, list[Need]], words: list[str], reader: str | None, software: str | None,
    kind: NeedKind | None, state: NeedState, is_mine: bool, most: int,
) -> None:  # fmt: skip
    cast, needs = crowd
    actor: Actor | None = getattr(cast, reader) if reader else None
    own = actor.organization.id if actor else None
    by_name = {name: need.software_id for need in needs for name in SOFTWARE if is_about(need, name)}
    wanted = Wanted(" ".join(words), by_name[software] if software else None, kind, state, is_mine, own)
    expected = [
        need.id for need in sorted(needs, key=lambda need: -need.position) if should_be_listed(need, wanted)
    ]
    listed: list[int] = []
    before = None
    with database.reading() as db:
        while found := find_needs(db, wanted, before=before, most=most):
            listed += [need.id for need in found]
            before = found[-1].position
    assert listed == expected


def is_about(need: Need, name: str) -> bool:
    """Whether a need is about the software of this name: its words are in the need's search text."""
    return ("xwiki" if name == "XWiki" else "oeuvre") in need.search_text.split()


def should_be_listed(need: Need, wanted: Wanted) -> bool:
    """The rules of the list in plain words, without an index."""
    is_own = need.organization_id == wanted.organization_id
    may_see = need.state == NeedState.PUBLISHED or is_own or (
        need.state == NeedState.WITHDRAWN and need.published_at is not None
    )  # fmt: skip
    words_alone = Wanted(text=wanted.text, state=wanted.state, organization_id=need.organization_id)
    return (
        need.state == wanted.state
        and may_see
        and (is_own or not wanted.is_mine)
        and wanted.kind in (None, need.kind)
        and wanted.software_id in (None, need.software_id)
        and matches(need.search_text, words_alone)
    )


def test_a_long_beginning_finds_all_it_may_become_few_or_many(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = gather(db)
    registered(db, cast.bank)
    ends = ("", "e", "ed", "s", "ing", "ation")
    needs = [published(db, cast.bank, title=f"Collabor{end} here", summary="Together") for end in ends]
    for most in (400, 3):
        monkeypatch.setattr(search, "MOST_ENDINGS", most)
        assert find_needs(db, Wanted(text="collabor")) == needs[::-1]
        assert find_needs(db, Wanted(text="collaborat")) == [needs[-1]]
        assert find_needs(db, Wanted(text="collaborz")) == []


def test_what_two_needs_of_one_moment_share_does_not_lose_one_between_pages(db: Session) -> None:
    cast = gather(db)
    registered(db, cast.bank)
    for number in range(7):
        published(db, cast.bank, title=f"Need {number}")
    pages, before = [], None
    while found := find_needs(db, Wanted(), before=before, most=3):
        pages.append(titles(found))
        before = found[-1].position
    assert pages == [["Need 6", "Need 5", "Need 4"], ["Need 3", "Need 2", "Need 1"], ["Need 0"]]


def test_the_longest_need_and_the_longest_search_are_taken(db: Session) -> None:
    cast = gather(db)
    registered(db, cast.bank)
    long = " ".join(f"mot{number}" for number in range(520))
    need = published(
        db, cast.bank, title="x" * 200, summary=long, workaround=long[::-1], criteria=long.upper()
    )
    assert len(need.search_text) <= found_by.LONGEST_TEXT
    assert find_needs(db, Wanted(text="x" * 200)) == [need]
    assert find_needs(db, Wanted(text=long)) == [need]
    shared(db, need, cast.insurer)
    assert search_text(need, "XWiki").split()[0] == "_kfeature"
