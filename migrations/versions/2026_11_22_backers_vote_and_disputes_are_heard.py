"""backers vote and disputes are heard"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '47622e50b4c4'
down_revision = 'db5da7c0c5de'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('motion',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('milestone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('thing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('words', sa.String(length=4000), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('needs_maintainer', sa.Boolean(), nullable=False),
    sa.Column('maintainer_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_motion_campaign_id')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_motion_milestone_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_motion_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_motion')),
    sa.UniqueConstraint('public_id', name=op.f('uq_motion_public_id'))
    )
    with op.batch_alter_table('motion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_motion_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index('ix_motion_due', ['state', 'ends_at'], unique=False)

    op.create_table('voice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('motion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('is_yes', sa.Boolean(), nullable=False),
    sa.Column('weight', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_voice_motion_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_voice_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice')),
    sa.UniqueConstraint('motion_id', 'organization_id', name=op.f('uq_voice_motion_id_organization_id'))
    )
    op.create_table('reading',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dispute_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text_version', sa.Integer(), nullable=False),
    sa.Column('wish', sa.String(length=2000), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_reading_dispute_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_reading_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading')),
    sa.UniqueConstraint('dispute_id', 'organization_id', 'text_version', name=op.f('uq_reading_dispute_id_organization_id_text_version'))
    )
    op.create_table('statement',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dispute_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text', sa.String(length=4000), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('is_last', sa.Boolean(), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_statement_dispute_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_statement_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement'))
    )
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statement_dispute_id'), ['dispute_id'], unique=False)

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('award_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    # A dispute that was open had both sides heard already, in the words of then.
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.add_column(sa.Column('statements_end_at', sa.DateTime(timezone=True), nullable=False, server_default='2026-01-01 00:00:00+00:00'))
        batch_op.add_column(sa.Column('decide_by', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('is_late', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('award_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('public_text', sa.String(length=9000), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('text_version', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))

    op.execute("UPDATE dispute SET state = 'deciding' WHERE state = 'open'")
    op.execute("UPDATE dispute SET statements_end_at = opened_at")
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        for column in ('statements_end_at', 'is_late', 'public_text', 'text_version'):
            batch_op.alter_column(column, server_default=None)

    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    for statement in guards(op.get_bind().dialect.name, ("voice", "reading", "statement")):
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in lifts(dialect, ("voice", "reading", "statement", "opinion")):
        op.execute(statement)
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.drop_column('cents')
    for statement in guards(dialect, ("opinion",)):
        op.execute(statement)

    op.execute("UPDATE dispute SET state = 'open' WHERE state IN ('stating', 'deciding', 'tied')")
    op.execute("UPDATE dispute SET state = 'awarded' WHERE state = 'settled'")

    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.drop_column('published_at')
        batch_op.drop_column('publish_at')
        batch_op.drop_column('text_version')
        batch_op.drop_column('public_text')
        batch_op.drop_column('award_cents')
        batch_op.drop_column('is_late')
        batch_op.drop_column('decide_by')
        batch_op.drop_column('statements_end_at')

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_column('award_cents')

    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_statement_dispute_id'))

    op.drop_table('statement')
    op.drop_table('reading')
    op.drop_table('voice')
    with op.batch_alter_table('motion', schema=None) as batch_op:
        batch_op.drop_index('ix_motion_due')
        batch_op.drop_index(batch_op.f('ix_motion_campaign_id'))

    op.drop_table('motion')
