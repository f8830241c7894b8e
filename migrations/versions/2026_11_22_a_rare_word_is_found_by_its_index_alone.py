"""A rare word is found by the index of words alone: PostgreSQL read all positions beside it"""

from alembic import op

revision = 'b4d09f6a2c71'
down_revision = '2702f12aac34'
branch_labels = None
depends_on = None

FUNCTION = (
    "CREATE OR REPLACE FUNCTION need_words_with(asked tsquery, below bigint, most bigint) RETURNS SETOF bigint"
    " LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$"
    " SELECT position FROM need_words WHERE words @@ asked AND {position} < below"
    " ORDER BY position DESC LIMIT most $$"
)


def upgrade() -> None:
    _look_at("position + 0")


def downgrade() -> None:
    _look_at("position")


def _look_at(position: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION.format(position=position))
