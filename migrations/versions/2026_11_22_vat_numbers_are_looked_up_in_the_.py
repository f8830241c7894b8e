"""vat numbers are looked up in the register"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '61ad6812d5e6'
down_revision = 'a55d96294068'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('vat_check',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('asker', sa.String(length=20), nullable=False),
    sa.Column('consultation', sa.String(length=40), nullable=False),
    sa.Column('found', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_vat_check_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vat_check'))
    )
    with op.batch_alter_table('vat_check', schema=None) as batch_op:
        batch_op.create_index('ix_vat_check_number', ['organization_id', 'number', 'id'], unique=False)
    for statement in guards(op.get_bind().dialect.name, ('vat_check',)):
        op.execute(statement)



def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ('vat_check',)):
        op.execute(statement)
    with op.batch_alter_table('vat_check', schema=None) as batch_op:
        batch_op.drop_index('ix_vat_check_number')

    op.drop_table('vat_check')
