"""a grant is signed by two"""

import sqlalchemy as sa
from alembic import op

revision = '7f7cca8e0372'
down_revision = 'ae7baf1a6bda'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TWO = "state IN ('prepared', 'refused', 'lapsed') OR signed_by_id IS NOT NULL OR opened_by_one"


def upgrade() -> None:
    with op.batch_alter_table('matching_grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lapses_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('signed_by_id', BIG, nullable=True))
        batch_op.add_column(sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('signed_text', sa.String(length=6000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('signed_hash', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('opened_by_one', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_matching_grant_signed_by_id'), 'person', ['signed_by_id'], ['id'])
    # What one person opened stands with what it matched, and matches nothing more.
    op.execute(sa.text('UPDATE matching_grant SET opened_by_one = :yes').bindparams(yes=True))
    with op.batch_alter_table('matching_grant', schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_matching_grant_two_signatures'), TWO)
        batch_op.create_check_constraint(batch_op.f('ck_matching_grant_another_person'), 'signed_by_id <> offered_by_id')


def downgrade() -> None:
    with op.batch_alter_table('matching_grant', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_matching_grant_two_signatures'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_matching_grant_another_person'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_matching_grant_signed_by_id'), type_='foreignkey')
        batch_op.drop_column('opened_by_one')
        batch_op.drop_column('signed_hash')
        batch_op.drop_column('signed_text')
        batch_op.drop_column('signed_at')
        batch_op.drop_column('signed_by_id')
        batch_op.drop_column('lapses_at')
