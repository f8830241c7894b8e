"""an alarm tells its reason in both languages"""

import sqlalchemy as sa
from alembic import op

revision = '35f77030473e'
down_revision = 'dca68837de98'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('alarm', schema=None) as batch_op:
        batch_op.add_column(sa.Column('facts', sa.String(length=2000), nullable=False, server_default='{}'))
    with op.batch_alter_table('alarm', schema=None) as batch_op:
        batch_op.alter_column('facts', server_default=None)
    # What stood in brackets behind it was English; the checks are told on the audit page.
    op.execute("UPDATE alarm SET reason = 'the book does not pass its audit' WHERE kind = 'book'")


def downgrade() -> None:
    with op.batch_alter_table('alarm', schema=None) as batch_op:
        batch_op.drop_column('facts')
