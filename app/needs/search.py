"""Finds needs, newest first, as quickly among a million as among a thousand.

Both databases index the search text (see found_by.py) in a table `need_words` beside `need`, keyed by the need's
position, so that a page is cut off the newest end of the index: an FTS5 table on SQLite, tsvectors under GIN on
PostgreSQL. Neither takes words apart or changes them, so both find the same rows.

What each is bad at is asked of it in another way:
- FTS5 reads a word's needs forwards; backwards it finds the place to begin by steps that grow with their square. So
  its rows are numbered by the position below zero: the newest come first.
- FTS5 answers a long beginning by reading every need that has it. `need_words_known` keeps the words there are, and
  the whole words that a beginning may become are read newest first.
- PostgreSQL chooses between the newest rows and the index by guessing how many rows match, and a wrong guess reads
  a million rows. It is not left the choice: `need_words_found` takes a short look at the newest rows, a longer one
  where that found some, then the index (`need_words_with`). Neither of them may do otherwise.
"""

from sqlalchemy import text
from sqlmodel import Session, col, select

from app.needs.found_by import Group, Wanted, asked_words, groups, matches, search_text
from app.needs.model import Need, NeedState

__all__ = ["Wanted", "asked_words", "find_needs", "matches", "search_ddl", "search_ddl_down", "search_text"]

PAGE = 50
LAST_POSITION = 2**63 - 1
# FTS5 has indexes of its own for beginnings up to this length.
LONGEST_BEGINNING = 5
MOST_ENDINGS = 400
# How many of the newest rows PostgreSQL looks at before it asks its index, and again where so many of them matched.
SHORT_LOOK, LONG_LOOK, PROMISING = 1_000, 20_000, 5


def find_needs(db: Session, wanted: Wanted, *, before: int | None = None, most: int = PAGE + 1) -> list[Need]:
    """The newest needs that match, below the position `before` (the last one seen); never another's draft."""
    if before is not None and not 0 <= before <= LAST_POSITION:
        return []
    if wanted.organization_id is None and (wanted.is_mine or wanted.state == NeedState.DRAFT):
        return []
    query = select(Need).order_by(col(Need.position).desc()).limit(most)
    asked = groups(wanted)
    if not asked:
        query = query.where(Need.state == NeedState.PUBLISHED)
        return list(db.exec(query if before is None else query.where(Need.position < before)))
    read = _sqlite_positions if db.get_bind().dialect.name == "sqlite" else _postgresql_positions
    positions = read(db, asked, LAST_POSITION if before is None else before, most)
    return list(db.exec(query.where(col(Need.position).in_(positions)))) if positions else []


# ---- SQLite ----------------------------------------------------------------------------------------------------


KNOWN = """SELECT word FROM need_words_known WHERE word IN (:stem, :other) UNION ALL SELECT word FROM (
             SELECT word FROM need_words_known WHERE word >= :first AND word < :past LIMIT :most)"""


def _sqlite_positions(db: Session, asked: list[Group], before: int, most: int) -> list[int]:
    asked_as = []
    for group in asked:
        if not (alternatives := _fts5(db, group)):
            return []
        asked_as.append(f"({' OR '.join(alternatives)})")
    sql = """SELECT rowid FROM need_words WHERE need_words MATCH :asked AND rowid > :past
             ORDER BY rowid LIMIT :most"""
    asking = {"asked": " AND ".join(asked_as), "past": -before, "most": most}
    return [-row[0] for row in db.connection().execute(text(sql), asking)]


def _fts5(db: Session, group: Group) -> list[str]:
    """How FTS5 is asked for a group: a long beginning as the whole words it may become, read newest first.

    Empty where no need ever had one of them: looking for what is nowhere costs as much as its index has grown.
    """
    beginning = group[0].removesuffix("*")
    if beginning == group[0] or len(beginning) <= LONGEST_BEGINNING:
        return [_quoted(word) for word in group]
    stem, other = (*group[1:], "", "")[:2]
    limits = {"first": beginning, "past": f"{beginning}\U0010ffff", "most": MOST_ENDINGS + 1}
    known = db.connection().execute(text(KNOWN), {"stem": stem, "other": other, **limits})
    there = dict.fromkeys(row[0] for row in known)
    endings = [word for word in there if word.startswith(beginning)]
    if len(endings) > MOST_ENDINGS:
        return [_quoted(word) for word in group]
    return [_quoted(word) for word in there]


def _quoted(word: str) -> str:
    return f'"{word[:-1]}" *' if word.endswith("*") else f'"{word}"'


def _sqlite() -> list[str]:
    put = "INSERT INTO need_words (rowid, search_text) VALUES (-new.position, new.search_text);"
    take = (
        "INSERT INTO need_words (need_words, rowid, search_text)"
        " VALUES ('delete', -old.position, old.search_text);"
    )
    # No word holds a quotation mark or a backslash, so a text of words is JSON but for its brackets.
    learn = (
        "INSERT OR IGNORE INTO need_words_known (word)"
        """ SELECT value FROM json_each('["' || replace(new.search_text, ' ', '","') || '"]');"""
    )
    return [
        "CREATE VIRTUAL TABLE need_words USING fts5 (search_text, content='',"
        " tokenize=\"ascii tokenchars '_'\", prefix='2 3 4 5', detail='none', columnsize=0)",
        "CREATE TABLE need_words_known (word text NOT NULL PRIMARY KEY) WITHOUT ROWID",
        f"CREATE TRIGGER need_words_insert AFTER INSERT ON need BEGIN {put} {learn} END",
        f"CREATE TRIGGER need_words_delete AFTER DELETE ON need BEGIN {take} END",
        "CREATE TRIGGER need_words_update AFTER UPDATE OF search_text, position ON need"
        " WHEN old.search_text <> new.search_text OR old.position <> new.position"
        f" BEGIN {take} {put} {learn} END",
    ]


# ---- PostgreSQL ------------------------------------------------------------------------------------------------

FOUND = "SELECT need_words_found(CAST(:asked AS tsquery), :before, :most, :short, :long, :promising)"


def _postgresql_positions(db: Session, asked: list[Group], before: int, most: int) -> list[int]:
    asked_as = " & ".join(f"({' | '.join(map(_tsquery, group))})" for group in asked)
    looks = {"short": SHORT_LOOK, "long": LONG_LOOK, "promising": PROMISING}
    found = db.connection().execute(text(FOUND), {"asked": asked_as, "before": before, "most": most, **looks})
    return list(found.scalar_one())


def _tsquery(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"


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
        # What a function sets holds for those it calls, so each sets all that matters to it.
        "CREATE FUNCTION need_words_with(asked tsquery, below bigint, most bigint) RETURNS SETOF bigint"
        " LANGUAGE plpgsql STABLE"
        " SET enable_seqscan = off SET enable_indexscan = off SET enable_bitmapscan = on SET jit = off"
        # An index of positions would be read from one end to the other beside that of the words: it is not offered.
        " AS $$ BEGIN RETURN QUERY SELECT position FROM need_words"
        " WHERE words @@ asked AND position + 0 < below ORDER BY position DESC LIMIT most; END $$",
        "CREATE FUNCTION need_words_found(asked tsquery, below bigint, most bigint,"
        " short bigint, long bigint, promising bigint) RETURNS bigint[]"
        " LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off"
        " AS $$ DECLARE look bigint; seen bigint[]; BEGIN"
        " FOREACH look IN ARRAY ARRAY[short, long] LOOP"
        " seen := ARRAY(SELECT position FROM ("
        " SELECT position, words FROM need_words WHERE position < below ORDER BY position DESC LIMIT look"
        " ) newest WHERE words @@ asked ORDER BY position DESC LIMIT most);"
        " IF cardinality(seen) = most THEN RETURN seen; END IF;"
        " EXIT WHEN cardinality(seen) < promising;"
        " END LOOP;"
        " RETURN ARRAY(SELECT need_words_with(asked, below, most)); END $$",
        "CREATE TRIGGER need_words_kept AFTER INSERT OR DELETE ON need"
        " FOR EACH ROW EXECUTE FUNCTION keep_need_words()",
        "CREATE TRIGGER need_words_changed AFTER UPDATE ON need FOR EACH ROW"
        " WHEN (OLD.search_text <> NEW.search_text OR OLD.position <> NEW.position)"
        " EXECUTE FUNCTION keep_need_words()",
    ]


# ---- What a migration does -------------------------------------------------------------------------------------


def search_ddl(dialect: str) -> list[str]:
    """The statements that make the index and keep it in step with `need`; run after `need` is made."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def search_ddl_down(dialect: str) -> list[str]:
    """The statements that take the index away; run before `need` is dropped."""
    if dialect == "postgresql":
        return [
            "DROP FUNCTION IF EXISTS need_words_found(tsquery, bigint, bigint, bigint, bigint, bigint)",
            "DROP FUNCTION IF EXISTS need_words_with(tsquery, bigint, bigint)",
            "DROP TABLE IF EXISTS need_words",
            "DROP FUNCTION IF EXISTS keep_need_words() CASCADE",
        ]
    triggers = [f"DROP TRIGGER IF EXISTS need_words_{verb}" for verb in ("insert", "delete", "update")]
    return [*triggers, "DROP TABLE IF EXISTS need_words", "DROP TABLE IF EXISTS need_words_known"]
