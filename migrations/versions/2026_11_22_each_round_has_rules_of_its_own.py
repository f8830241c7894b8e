"""each round has rules of its own"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '20c9af8c6f68'
down_revision = '7d1f0c52be9a'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('round_rules',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('share_key', sa.String(length=12), nullable=False),
    sa.Column('in_kind_most_basis_points', sa.Integer(), nullable=False),
    sa.Column('binding', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lead_has_veto', sa.Boolean(), nullable=False),
    sa.Column('quorum_basis_points', sa.Integer(), nullable=False),
    sa.Column('retention_basis_points', sa.Integer(), nullable=False),
    sa.Column('is_cascade', sa.Boolean(), nullable=False),
    sa.Column('on_default', sa.String(length=14), nullable=False),
    sa.Column('default_days', sa.Integer(), nullable=False),
    sa.CheckConstraint("lead_id IS NOT NULL OR (binding <> 'lead' AND NOT lead_has_veto)", name=op.f('ck_round_rules_lead')),
    sa.CheckConstraint('default_days BETWEEN 1 AND 90', name=op.f('ck_round_rules_default_days')),
    sa.CheckConstraint('in_kind_most_basis_points BETWEEN 0 AND 10000', name=op.f('ck_round_rules_in_kind')),
    sa.CheckConstraint('quorum_basis_points BETWEEN 0 AND 10000', name=op.f('ck_round_rules_quorum')),
    sa.CheckConstraint('retention_basis_points BETWEEN 0 AND 3000', name=op.f('ck_round_rules_retention')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_round_rules_campaign_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['organization.id'], name=op.f('fk_round_rules_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_rules'))
    )
    with op.batch_alter_table('round_rules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_rules_campaign_id'), ['campaign_id'], unique=False)

    for statement in guards(op.get_bind().dialect.name, ("round_rules",)):
        op.execute(statement)



def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ("round_rules",)):
        op.execute(statement)
    with op.batch_alter_table('round_rules', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_rules_campaign_id'))

    op.drop_table('round_rules')
