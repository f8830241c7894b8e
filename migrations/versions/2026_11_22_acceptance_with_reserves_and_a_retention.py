"""acceptance with reserves and a retention"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '66e2572cab10'
down_revision = '47622e50b4c4'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('extension',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('milestone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('motion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_extension_campaign_id')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_extension_milestone_id')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_extension_motion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension')),
    sa.UniqueConstraint('motion_id', name=op.f('uq_extension_motion_id'))
    )
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extension_milestone_id'), ['milestone_id'], unique=False)

    op.create_table('reserve',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mended_words', sa.String(length=2000), nullable=False),
    sa.Column('answer_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_reserve_delivery_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_reserve_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reserve')),
    sa.UniqueConstraint('public_id', name=op.f('uq_reserve_public_id'))
    )
    with op.batch_alter_table('reserve', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reserve_delivery_id'), ['delivery_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reserve_organization_id'), ['organization_id'], unique=False)

    op.create_table('shortcoming',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('acceptance_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=1000), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.ForeignKeyConstraint(['acceptance_id'], ['acceptance.id'], name=op.f('fk_shortcoming_acceptance_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shortcoming'))
    )
    with op.batch_alter_table('shortcoming', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shortcoming_acceptance_id'), ['acceptance_id'], unique=False)

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('retention_basis_points', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('upstream_version', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('upstream_address', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('upstream_named_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('upstream_seen_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('retention_released_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('retention_returned_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column('state',
               existing_type=sa.VARCHAR(length=14),
               type_=sa.String(length=24),
               existing_nullable=False)
        batch_op.create_foreign_key(batch_op.f('fk_delivery_upstream_named_by_id'), 'person', ['upstream_named_by_id'], ['id'])
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        for column in ('retention_basis_points', 'upstream_version', 'upstream_address'):
            batch_op.alter_column(column, server_default=None)

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reminded', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.alter_column('reminded', server_default=None)

    for statement in guards(op.get_bind().dialect.name, ("shortcoming", "extension")):
        op.execute(statement)



def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ("shortcoming", "extension")):
        op.execute(statement)
    op.execute("UPDATE delivery SET state = 'accepted' WHERE state = 'accepted with reserves'")
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_column('reminded')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_delivery_upstream_named_by_id'), type_='foreignkey')
        batch_op.alter_column('state',
               existing_type=sa.String(length=24),
               type_=sa.VARCHAR(length=14),
               existing_nullable=False)
        batch_op.drop_column('retention_returned_at')
        batch_op.drop_column('retention_released_at')
        batch_op.drop_column('upstream_seen_at')
        batch_op.drop_column('upstream_named_by_id')
        batch_op.drop_column('upstream_address')
        batch_op.drop_column('upstream_version')
        batch_op.drop_column('retention_basis_points')

    with op.batch_alter_table('shortcoming', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shortcoming_acceptance_id'))

    op.drop_table('shortcoming')
    with op.batch_alter_table('reserve', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reserve_organization_id'))
        batch_op.drop_index(batch_op.f('ix_reserve_delivery_id'))

    op.drop_table('reserve')
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_extension_milestone_id'))

    op.drop_table('extension')
