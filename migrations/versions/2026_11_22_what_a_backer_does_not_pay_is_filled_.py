"""what a backer does not pay is filled cut or voted on"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = 'a55d96294068'
down_revision = '58cf27bb6ef3'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dropped_part',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('part_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cause', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_dropped_part_part_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dropped_part')),
    sa.UniqueConstraint('part_id', name=op.f('uq_dropped_part_part_id'))
    )
    op.create_table('shortfall',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('call_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pledge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('rule', sa.String(length=14), nullable=False),
    sa.Column('gap_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offered_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_shortfall_call_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_shortfall_campaign_id')),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_shortfall_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shortfall')),
    sa.UniqueConstraint('public_id', name=op.f('uq_shortfall_public_id'))
    )
    with op.batch_alter_table('shortfall', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shortfall_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_shortfall_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('take_over',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shortfall_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rail', sa.String(length=20), nullable=False),
    sa.Column('po_number', sa.String(length=60), nullable=False),
    sa.Column('publicity', sa.String(length=12), nullable=False),
    sa.Column('signed_text', sa.String(length=2000), nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_take_over_amount')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_take_over_organization_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_take_over_person_id')),
    sa.ForeignKeyConstraint(['shortfall_id'], ['shortfall.id'], name=op.f('fk_take_over_shortfall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_take_over')),
    sa.UniqueConstraint('shortfall_id', 'organization_id', name=op.f('uq_take_over_shortfall_id_organization_id'))
    )
    with op.batch_alter_table('motion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('excluded_pledge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_motion_excluded_pledge_id'), 'pledge', ['excluded_pledge_id'], ['id'])

    dialect = op.get_bind().dialect.name
    for statement in lifts(dialect, ("part",)):
        op.execute(statement)
    with op.batch_alter_table('part', schema=None) as batch_op:
        batch_op.add_column(sa.Column('take', sa.Integer(), nullable=False, server_default='0'))
        batch_op.drop_constraint(batch_op.f('uq_part_pledge_id_milestone_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_part_pledge_id_milestone_id_take'), ['pledge_id', 'milestone_id', 'take'])
    with op.batch_alter_table('part', schema=None) as batch_op:
        batch_op.alter_column('take', server_default=None)

    for statement in guards(dialect, ("part", "dropped_part", "take_over")):
        op.execute(statement)



def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in lifts(dialect, ("part", "dropped_part", "take_over")):
        op.execute(statement)
    with op.batch_alter_table('part', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_part_pledge_id_milestone_id_take'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_part_pledge_id_milestone_id'), ['pledge_id', 'milestone_id'])
        batch_op.drop_column('take')
    for statement in guards(dialect, ('part',)):
        op.execute(statement)

    with op.batch_alter_table('motion', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_motion_excluded_pledge_id'), type_='foreignkey')
        batch_op.drop_column('excluded_pledge_id')

    op.drop_table('take_over')
    with op.batch_alter_table('shortfall', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shortfall_campaign_id'))
        batch_op.drop_index(batch_op.f('ix_shortfall_call_id'))

    op.drop_table('shortfall')
    op.drop_table('dropped_part')
