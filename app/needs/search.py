"""Finds needs, newest first, as quickly among a million as among a thousand.

A need's filters stand in its search text as marks (`_published`, `_s12`), before its words and their stems. Both
databases index that text in a table `need_words` beside `need`, keyed by the need's position, so that a page is cut
off the newest end of the index: an FTS5 table on SQLite, a tsvector under GIN on PostgreSQL. Neither takes words
apart or changes them: what a word is was decided here, so both find the same rows. SQLite also keeps the words
themselves (`need_words_known`), to know what a long beginning may become.
"""

from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer
from sqlalchemy import String, bindparam, text
from sqlmodel import Session, col, select

from app.catalogue.spelling import words
from app.needs.model import Need, NeedKind, NeedState

PAGE = 50
MOST_WORDS = 12
# Words up to this length are answered by FTS5's own indexes of beginnings; longer ones by the words they may become.
LONGEST_BEGINNING = 5
MOST_ENDINGS = 400
LONGEST_TEXT = 12_000
LAST_POSITION = 2**63 - 1

# A group of marks or words of which one must be there; a star after a word means "begins with".
Group = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. `organization_id` is the reader's: it sees its own drafts and no one else's."""

    text: str = ""
    software_id: int | None = None
    kind: NeedKind | None = None
    state: NeedState = NeedState.PUBLISHED
    is_mine: bool = False
    organization_id: int | None = None


# ---- What is indexed -------------------------------------------------------------------------------------------


def search_text(need: Need, software_name: str) -> str:
    """What a need is found by, at most 12,000 characters; marks begin with an underscore, which no word does."""
    marks = [f"_{need.state}", f"_k{need.kind}", f"_s{need.software_id}", f"_o{need.organization_id}"]
    if need.published_at is not None:
        marks.append("_public")
    said = " ".join((need.title, software_name, need.summary, need.workaround, need.criteria))
    found = dict.fromkeys(marks)
    for word in words(said):
        found.update(dict.fromkeys((word, *stems(word))))
    return " ".join(found)[: LONGEST_TEXT + 1].rpartition(" ")[0] if _is_long(found) else " ".join(found)


def _is_long(found: dict[str, None]) -> bool:
    return sum(map(len, found)) + len(found) > LONGEST_TEXT


@lru_cache(maxsize=1)
def _stemmers() -> tuple[snowballstemmer.stemmer, ...]:
    return tuple(snowballstemmer.stemmer(name) for name in ("french", "english"))


@lru_cache(maxsize=50_000)
def stems(word: str) -> Group:
    """What is left of a word without its endings, in French and in English: backlogs mix both."""
    return tuple(dict.fromkeys(stemmer.stemWord(word) for stemmer in _stemmers()))


# ---- What is asked ---------------------------------------------------------------------------------------------


def groups(wanted: Wanted) -> list[Group]:
    """What has to be in a need's search text, all groups of it."""
    asked: list[Group] = [(f"_{wanted.state}",)]
    own = f"_o{wanted.organization_id}"
    if wanted.state == NeedState.DRAFT or wanted.is_mine:
        asked.append((own,))
    elif wanted.state == NeedState.WITHDRAWN:
        asked.append(("_public", own))
    if wanted.kind:
        asked.append((f"_k{wanted.kind}",))
    if wanted.software_id:
        asked.append((f"_s{wanted.software_id}",))
    return asked + [_alternatives(word) for word in asked_words(wanted.text)]


def asked_words(text: str) -> list[str]:
    """The words looked for: single letters only where there is nothing else, twelve at most."""
    typed = list(dict.fromkeys(words(text)))
    return ([word for word in typed if len(word) > 1] or typed)[:MOST_WORDS]


def _alternatives(word: str) -> Group:
    if len(word) == 1:
        return (word,)
    return (f"{word}*", *(stem for stem in stems(word) if len(stem) > 1 and not stem.startswith(word)))


def matches(found_by: str, wanted: Wanted) -> bool:
    """Whether a search text has what is wanted: the same answer as the index's, by looking at one text."""
    there = found_by.split(" ")

    def has(alternative: str) -> bool:
        if alternative.endswith("*"):
            return any(word.startswith(alternative[:-1]) for word in there)
        return alternative in there

    return all(any(map(has, group)) for group in groups(wanted))


def find_needs(db: Session, wanted: Wanted, *, before: int | None = None, most: int = PAGE + 1) -> list[Need]:
    """The newest needs that match, below the position `before` (the last one seen); never another's draft."""
    if before is not None and not 0 <= before <= LAST_POSITION:
        return []
    by_index = wanted == Wanted(organization_id=wanted.organization_id)
    query = select(Need).order_by(col(Need.position).desc()).limit(most)
    if by_index:
        query = query.where(Need.state == NeedState.PUBLISHED)
        return list(db.exec(query if before is None else query.where(Need.position < before)))
    if wanted.organization_id is None and (wanted.is_mine or wanted.state == NeedState.DRAFT):
        return []
    positions = _positions(db, groups(wanted), LAST_POSITION if before is None else before, most)
    return list(db.exec(query.where(col(Need.position).in_(positions)))) if positions else []


def _positions(db: Session, asked: list[Group], before: int, most: int) -> list[int]:
    if db.get_bind().dialect.name == "sqlite":
        sql = """SELECT rowid FROM need_words WHERE need_words MATCH :asked AND rowid < :before
                 ORDER BY rowid DESC LIMIT :most"""
        asked_as = " AND ".join(f"({' OR '.join(_fts5(db, word) for word in group)})" for group in asked)
    else:
        sql = """SELECT position FROM need_words WHERE words @@ CAST(:asked AS tsquery) AND position < :before
                 ORDER BY position DESC LIMIT :most"""
        asked_as = " & ".join(f"({' | '.join(map(_tsquery, group))})" for group in asked)
    # Written into the statement, so that PostgreSQL plans for these words: rare and common ones need other plans.
    question = text(sql).bindparams(bindparam("asked", type_=String, literal_execute=True))
    found = db.connection().execute(question, {"asked": asked_as, "before": before, "most": most})
    return [row[0] for row in found]


def _fts5(db: Session, word: str) -> str:
    """How FTS5 is asked for a word: a long beginning as the whole words it may become, which it reads newest first."""
    beginning = word.removesuffix("*")
    if beginning == word:
        return f'"{word}"'
    if len(beginning) > LONGEST_BEGINNING:
        sql = "SELECT word FROM need_words_known WHERE word >= :first AND word < :past LIMIT :most"
        known = db.connection().execute(
            text(sql), {"first": beginning, "past": f"{beginning}\U0010ffff", "most": MOST_ENDINGS + 1}
        )
        whole = [row[0] for row in known] or [beginning]
        if len(whole) <= MOST_ENDINGS:
            return " OR ".join(f'"{one}"' for one in whole)
    return f'"{beginning}" *'


def _tsquery(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"


# ---- What the databases keep -----------------------------------------------------------------------------------


def search_ddl(dialect: str) -> list[str]:
    """The statements that make the index and keep it in step with `need`; run after `need` is made."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def search_ddl_down(dialect: str) -> list[str]:
    """The statements that take the index away; run before `need` is dropped."""
    if dialect == "postgresql":
        return ["DROP TABLE IF EXISTS need_words", "DROP FUNCTION IF EXISTS keep_need_words() CASCADE"]
    triggers = [f"DROP TRIGGER IF EXISTS need_words_{verb}" for verb in ("insert", "delete", "update")]
    return [*triggers, "DROP TABLE IF EXISTS need_words", "DROP TABLE IF EXISTS need_words_known"]


def _sqlite() -> list[str]:
    put = "INSERT INTO need_words (rowid, search_text) VALUES (new.position, new.search_text);"
    take = "INSERT INTO need_words (need_words, rowid, search_text) VALUES ('delete', old.position, old.search_text);"
    # No word holds a quotation mark or a backslash, so a text of words is JSON but for its brackets.
    learn = (
        "INSERT OR IGNORE INTO need_words_known (word)"
        """ SELECT value FROM json_each('["' || replace(new.search_text, ' ', '","') || '"]');"""
    )
    return [
        # Words of two to five letters being typed are answered from indexes of their own.
        "CREATE VIRTUAL TABLE need_words USING fts5 (search_text, content='need', content_rowid='position',"
        " tokenize=\"ascii tokenchars '_'\", prefix='2 3 4 5', detail='none', columnsize=0)",
        "CREATE TABLE need_words_known (word text NOT NULL PRIMARY KEY) WITHOUT ROWID",
        f"CREATE TRIGGER need_words_insert AFTER INSERT ON need BEGIN {put} {learn} END",
        f"CREATE TRIGGER need_words_delete AFTER DELETE ON need BEGIN {take} END",
        "CREATE TRIGGER need_words_update AFTER UPDATE OF search_text, position ON need"
        f" WHEN old.search_text <> new.search_text OR old.position <> new.position BEGIN {take} {put} {learn} END",
    ]


def _postgresql() -> list[str]:
    put = (
        "INSERT INTO need_words (position, words)"
        " VALUES (NEW.position, array_to_tsvector(string_to_array(NEW.search_text, ' ')));"
    )
    return [
        "CREATE TABLE need_words (position bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX ix_need_words ON need_words USING gin (words)",
        "CREATE FUNCTION keep_need_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
        " IF TG_OP <> 'INSERT' THEN DELETE FROM need_words WHERE position = OLD.position; END IF;"
        f" IF TG_OP <> 'DELETE' THEN {put} END IF;"
        " RETURN NULL; END $$",
        "CREATE TRIGGER need_words_kept AFTER INSERT OR DELETE ON need"
        " FOR EACH ROW EXECUTE FUNCTION keep_need_words()",
        "CREATE TRIGGER need_words_changed AFTER UPDATE ON need FOR EACH ROW"
        " WHEN (OLD.search_text <> NEW.search_text OR OLD.position <> NEW.position)"
        " EXECUTE FUNCTION keep_need_words()",
    ]
