"""an estimate says what its prices are made of"""

import sqlalchemy as sa
from alembic import op

revision = '4e80139637a1'
down_revision = 'b65f38e7a758'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('team_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('estimate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('task', sa.String(length=120), nullable=False),
    sa.Column('share_basis_points', sa.Integer(), nullable=False),
    sa.CheckConstraint('share_basis_points BETWEEN 0 AND 10000', name=op.f('ck_team_member_share')),
    sa.ForeignKeyConstraint(['estimate_id'], ['estimate.id'], name=op.f('fk_team_member_estimate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member')),
    sa.UniqueConstraint('estimate_id', 'number', name=op.f('uq_team_member_estimate_id_number'))
    )
    op.create_table('estimate_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('milestone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('who', sa.String(length=120), nullable=False),
    sa.Column('day_hundredths', sa.Integer(), nullable=True),
    sa.Column('day_rate_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('price_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('(day_hundredths IS NULL) = (day_rate_cents IS NULL)', name=op.f('ck_estimate_line_days_at_a_rate')),
    sa.CheckConstraint('day_hundredths > 0 AND day_rate_cents > 0', name=op.f('ck_estimate_line_more_than_nothing')),
    sa.CheckConstraint('price_cents > 0', name=op.f('ck_estimate_line_price')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_estimate_line_milestone_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estimate_line')),
    sa.UniqueConstraint('milestone_id', 'number', name=op.f('uq_estimate_line_milestone_id_number'))
    )
    with op.batch_alter_table('estimate', schema=None) as batch_op:
        batch_op.add_column(sa.Column('exclusions', sa.String(length=4000), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('upkeep_months', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('warranty_months', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('includes_review', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('succeeds_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_estimate_succeeds_id'), ['succeeds_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_estimate_succeeds_id'), 'estimate', ['succeeds_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_estimate_upkeep'), 'upkeep_months BETWEEN 0 AND 120')
        batch_op.create_check_constraint(batch_op.f('ck_estimate_warranty'), 'warranty_months BETWEEN 0 AND 120')
    # The estimates that were there said nothing of it; from now on each says it.
    with op.batch_alter_table('estimate', schema=None) as batch_op:
        for column in ('exclusions', 'warranty_months', 'includes_review'):
            batch_op.alter_column(column, server_default=None)



def downgrade() -> None:
    with op.batch_alter_table('estimate', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_estimate_warranty'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_estimate_upkeep'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_estimate_succeeds_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_estimate_succeeds_id'))
        batch_op.drop_column('succeeds_id')
        batch_op.drop_column('includes_review')
        batch_op.drop_column('warranty_months')
        batch_op.drop_column('upkeep_months')
        batch_op.drop_column('exclusions')

    op.drop_table('estimate_line')
    op.drop_table('team_member')
