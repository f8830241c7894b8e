"""a backer whose money was taken back waits with its parts"""

import sqlalchemy as sa
from alembic import op

revision = '134b1a741aca'
down_revision = 'a78418698304'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('freeze',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pledge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deposit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('claim_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=1000), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_freeze_campaign_id')),
    sa.ForeignKeyConstraint(['deposit_id'], ['deposit.id'], name=op.f('fk_freeze_deposit_id')),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_freeze_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_freeze')),
    sa.UniqueConstraint('public_id', name=op.f('uq_freeze_public_id'))
    )
    with op.batch_alter_table('freeze', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_freeze_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_freeze_pledge_id'), ['pledge_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('freeze', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_freeze_pledge_id'))
        batch_op.drop_index(batch_op.f('ix_freeze_campaign_id'))

    op.drop_table('freeze')
