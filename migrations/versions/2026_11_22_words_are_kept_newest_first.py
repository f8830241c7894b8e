"""Words are kept newest first: SQLite read them backwards, PostgreSQL was asked up to three times"""

from alembic import op

revision = '6f1c8e0d4b93'
down_revision = 'b4d09f6a2c71'
branch_labels = None
depends_on = None

# SQLite: an index cannot be turned round, so it is made anew from what every need is found by.
INDEX = (
    "CREATE VIRTUAL TABLE need_words USING fts5 (search_text, {content},"
    " tokenize=\"ascii tokenchars '_'\", prefix='2 3 4 5', detail='none', columnsize=0)"
)
NEWEST_FIRST, OLDEST_FIRST = "content=''", "content='need', content_rowid='position'"
# Sixty-four megabytes of words are sorted at a time while a filled database is turned round, then one as before.
SORTED_AT_ONCE = "INSERT INTO need_words (need_words, rank) VALUES ('hashsize', {size})"
FILL = "INSERT INTO need_words (rowid, search_text) SELECT {sign}position, search_text FROM need ORDER BY {sign}position"
PUT = "INSERT INTO need_words (rowid, search_text) VALUES ({sign}new.position, new.search_text);"
TAKE = (
    "INSERT INTO need_words (need_words, rowid, search_text)"
    " VALUES ('delete', {sign}old.position, old.search_text);"
)
LEARN = (
    "INSERT OR IGNORE INTO need_words_known (word)"
    """ SELECT value FROM json_each('["' || replace(new.search_text, ' ', '","') || '"]');"""
)

WITH = "CREATE OR REPLACE FUNCTION need_words_with(asked tsquery, below bigint, most bigint) RETURNS SETOF bigint"
PLANNED_ONCE = (
    f"{WITH} LANGUAGE plpgsql STABLE"
    " SET enable_seqscan = off SET enable_indexscan = off SET enable_bitmapscan = on SET jit = off"
    " AS $$ BEGIN RETURN QUERY SELECT position FROM need_words"
    " WHERE words @@ asked AND position + 0 < below ORDER BY position DESC LIMIT most; END $$"
)
PLANNED_EACH_TIME = (
    f"{WITH} LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$"
    " SELECT position FROM need_words WHERE words @@ asked AND position + 0 < below"
    " ORDER BY position DESC LIMIT most $$"
)
FOUND = (
    "CREATE OR REPLACE FUNCTION need_words_found(asked tsquery, below bigint, most bigint,"
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
    " RETURN ARRAY(SELECT need_words_with(asked, below, most)); END $$"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(PLANNED_ONCE)
        op.execute(FOUND)
    else:
        _index(NEWEST_FIRST, "-")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION need_words_found(tsquery, bigint, bigint, bigint, bigint, bigint)")
        op.execute(PLANNED_EACH_TIME)
    else:
        _index(OLDEST_FIRST, "")


def _index(content: str, sign: str) -> None:
    for verb in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER need_words_{verb}")
    op.execute("DROP TABLE need_words")
    op.execute(INDEX.format(content=content))
    op.execute(SORTED_AT_ONCE.format(size=64 << 20))
    op.execute(FILL.format(sign=sign))
    op.execute(SORTED_AT_ONCE.format(size=1 << 20))
    put, take = PUT.format(sign=sign), TAKE.format(sign=sign)
    for words in (
        f"CREATE TRIGGER need_words_insert AFTER INSERT ON need BEGIN {put} {LEARN} END",
        f"CREATE TRIGGER need_words_delete AFTER DELETE ON need BEGIN {take} END",
        "CREATE TRIGGER need_words_update AFTER UPDATE OF search_text, position ON need"
        " WHEN old.search_text <> new.search_text OR old.position <> new.position"
        f" BEGIN {take} {put} {LEARN} END",
    ):
        op.execute(words)
