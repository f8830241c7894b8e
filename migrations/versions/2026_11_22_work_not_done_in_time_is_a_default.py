"""work not done in time is a default"""

import sqlalchemy as sa
from alembic import op

revision = 'a78418698304'
down_revision = 'db9e56cede0f'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('shortfall', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contribution_id', BIG, nullable=True))
        batch_op.alter_column('call_id',
               existing_type=BIG,
               nullable=True)
        batch_op.alter_column('pledge_id',
               existing_type=BIG,
               nullable=True)
        batch_op.create_index(batch_op.f('ix_shortfall_contribution_id'), ['contribution_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_shortfall_contribution_id'), 'in_kind_contribution', ['contribution_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_shortfall_one_cause'), '(call_id IS NULL) <> (contribution_id IS NULL)')


def downgrade() -> None:
    with op.batch_alter_table('shortfall', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_shortfall_one_cause'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_shortfall_contribution_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_shortfall_contribution_id'))
        batch_op.alter_column('pledge_id',
               existing_type=BIG,
               nullable=False)
        batch_op.alter_column('call_id',
               existing_type=BIG,
               nullable=False)
        batch_op.drop_column('contribution_id')
