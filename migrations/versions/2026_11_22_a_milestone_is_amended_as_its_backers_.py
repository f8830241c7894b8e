"""a milestone is amended as its backers agree"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = 'db9e56cede0f'
down_revision = '41de83acb5a5'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('amendment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('milestone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cause', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('criteria', sa.String(length=4000), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('price_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lines', sa.String(length=8000), nullable=False),
    sa.ForeignKeyConstraint(['from_id'], ['milestone.id'], name=op.f('fk_amendment_from_id')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_amendment_milestone_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_amendment')),
    sa.UniqueConstraint('cause', 'number', name=op.f('uq_amendment_cause_number'))
    )
    with op.batch_alter_table('amendment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_amendment_milestone_id'), ['milestone_id'], unique=False)

    op.create_table('amendment_piece',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('motion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('criteria', sa.String(length=4000), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('price_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('price_cents > 0', name=op.f('ck_amendment_piece_price')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_amendment_piece_motion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_amendment_piece')),
    sa.UniqueConstraint('motion_id', 'number', name=op.f('uq_amendment_piece_motion_id_number'))
    )
    op.create_table('divided_part',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('part_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_part_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['from_part_id'], ['part.id'], name=op.f('fk_divided_part_from_part_id')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_divided_part_part_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_divided_part')),
    sa.UniqueConstraint('part_id', name=op.f('uq_divided_part_part_id'))
    )
    with op.batch_alter_table('divided_part', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_divided_part_from_part_id'), ['from_part_id'], unique=False)
    for statement in guards(op.get_bind().dialect.name, ("amendment", "amendment_piece", "divided_part")):
        op.execute(statement)


def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ("amendment", "amendment_piece", "divided_part")):
        op.execute(statement)
    with op.batch_alter_table('divided_part', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_divided_part_from_part_id'))

    op.drop_table('divided_part')
    op.drop_table('amendment_piece')
    with op.batch_alter_table('amendment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_amendment_milestone_id'))

    op.drop_table('amendment')
