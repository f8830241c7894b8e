"""an organization says what it means to put in"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '58cf27bb6ef3'
down_revision = '95c96eee4c32'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('yearly_commitment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('developers', sa.Integer(), nullable=False),
    sa.Column('per_developer_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.CheckConstraint('developers > 0 AND per_developer_cents > 0', name=op.f('ck_yearly_commitment_more_than_nothing')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_yearly_commitment_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_yearly_commitment'))
    )
    with op.batch_alter_table('yearly_commitment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_yearly_commitment_organization_id'), ['organization_id'], unique=False)
        batch_op.create_index('ix_yearly_commitment_year', ['year', 'organization_id'], unique=False)

    for statement in guards(op.get_bind().dialect.name, ('yearly_commitment',)):
        op.execute(statement)


def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, ('yearly_commitment',)):
        op.execute(statement)
    with op.batch_alter_table('yearly_commitment', schema=None) as batch_op:
        batch_op.drop_index('ix_yearly_commitment_year')
        batch_op.drop_index(batch_op.f('ix_yearly_commitment_organization_id'))

    op.drop_table('yearly_commitment')
