"""mails are written from the log, each once"""

import sqlalchemy as sa
from alembic import op

revision = '7d1f0c52be9a'
down_revision = '44408897c779'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_cursor',
    sa.Column('chain', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('chain', name=op.f('pk_mail_cursor'))
    )


def downgrade() -> None:
    op.drop_table('mail_cursor')
