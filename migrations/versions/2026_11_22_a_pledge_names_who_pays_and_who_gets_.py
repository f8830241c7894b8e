"""a pledge names who pays and who gets the credit"""

import sqlalchemy as sa
from alembic import op

revision = 'b65f38e7a758'
down_revision = 'b68541482509'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('joining',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('users', sa.Integer(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('size >= 0 AND users >= 0', name=op.f('ck_joining_weights')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_joining_campaign_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_joining_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_joining')),
    sa.UniqueConstraint('campaign_id', 'organization_id', name=op.f('uq_joining_campaign_id_organization_id'))
    )
    with op.batch_alter_table('joining', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_joining_organization_id'), ['organization_id'], unique=False)

    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.add_column(sa.Column('payer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('credit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_pledge_payer_id'), ['payer_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_pledge_payer_id'), 'organization', ['payer_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_pledge_credit_id'), 'organization', ['credit_id'], ['id'])



def downgrade() -> None:
    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_pledge_credit_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_pledge_payer_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_pledge_payer_id'))
        batch_op.drop_column('credit_id')
        batch_op.drop_column('payer_id')

    with op.batch_alter_table('joining', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_joining_organization_id'))

    op.drop_table('joining')
