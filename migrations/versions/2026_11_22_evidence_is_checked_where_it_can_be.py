"""evidence is checked where it can be"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '0b86bd57fb95'
down_revision = 'c944354289ed'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('evidence_check',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.String(length=2000), nullable=False),
    sa.Column('about', sa.String(length=10), nullable=False),
    sa.Column('found', sa.String(length=12), nullable=False),
    sa.Column('detail', sa.String(length=80), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_evidence_check_delivery_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_check')),
    sa.UniqueConstraint('delivery_id', 'address', name=op.f('uq_evidence_check_delivery_id_address'))
    )
    for statement in guards(op.get_bind().dialect.name, ('evidence_check',)):
        op.execute(statement)


def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ('evidence_check',)):
        op.execute(statement)
    op.drop_table('evidence_check')
