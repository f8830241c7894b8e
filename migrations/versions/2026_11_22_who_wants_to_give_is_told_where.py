"""who wants to give is told where"""

import sqlalchemy as sa
from alembic import op

revision = 'b97a24e8773c'
down_revision = '7f7cca8e0372'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('operator', schema=None) as batch_op:
        batch_op.add_column(sa.Column('donations_address', sa.String(length=300), server_default='', nullable=False))
        batch_op.add_column(sa.Column('donations_words', sa.String(length=2000), server_default='', nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('operator', schema=None) as batch_op:
        batch_op.drop_column('donations_words')
        batch_op.drop_column('donations_address')

