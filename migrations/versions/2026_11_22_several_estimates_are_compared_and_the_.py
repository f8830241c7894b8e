"""several estimates are compared and the work is awarded"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '38df87c3a03e'
down_revision = '35f77030473e'
branch_labels = None
depends_on = None

FACTS = ('question', 'reply', 'score', 'work_award')


def upgrade() -> None:
    op.create_table('question',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('estimate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.ForeignKeyConstraint(['estimate_id'], ['estimate.id'], name=op.f('fk_question_estimate_id')),
    sa.ForeignKeyConstraint(['item_id'], ['roadmap_item.id'], name=op.f('fk_question_item_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_question_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('public_id', name=op.f('uq_question_public_id'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_estimate_id'), ['estimate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_organization_id'), ['organization_id'], unique=False)

    op.create_table('score',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('estimate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('comment', sa.String(length=1000), nullable=False),
    sa.CheckConstraint('points BETWEEN 1 AND 5', name=op.f('ck_score_points')),
    sa.ForeignKeyConstraint(['estimate_id'], ['estimate.id'], name=op.f('fk_score_estimate_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_score_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score'))
    )
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_score_estimate_id'), ['estimate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_score_organization_id'), ['organization_id'], unique=False)

    op.create_table('work_award',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('estimate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.Column('reasons', sa.String(length=4000), nullable=False),
    sa.Column('compared', sa.String(length=1000), nullable=False),
    sa.Column('stood_aside', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['estimate_id'], ['estimate.id'], name=op.f('fk_work_award_estimate_id')),
    sa.ForeignKeyConstraint(['item_id'], ['roadmap_item.id'], name=op.f('fk_work_award_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_award')),
    sa.UniqueConstraint('estimate_id', name=op.f('uq_work_award_estimate_id'))
    )
    with op.batch_alter_table('work_award', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_work_award_item_id'), ['item_id'], unique=False)

    op.create_table('reply',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_reply_organization_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_reply_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reply'))
    )
    with op.batch_alter_table('reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reply_organization_id'), ['organization_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reply_question_id'), ['question_id'], unique=False)

    for statement in guards(op.get_bind().dialect.name, FACTS):
        op.execute(statement)


def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, FACTS):
        op.execute(statement)
    with op.batch_alter_table('reply', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reply_question_id'))
        batch_op.drop_index(batch_op.f('ix_reply_organization_id'))

    op.drop_table('reply')
    with op.batch_alter_table('work_award', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_work_award_item_id'))

    op.drop_table('work_award')
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_score_organization_id'))
        batch_op.drop_index(batch_op.f('ix_score_estimate_id'))

    op.drop_table('score')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_organization_id'))
        batch_op.drop_index(batch_op.f('ix_question_item_id'))
        batch_op.drop_index(batch_op.f('ix_question_estimate_id'))

    op.drop_table('question')
