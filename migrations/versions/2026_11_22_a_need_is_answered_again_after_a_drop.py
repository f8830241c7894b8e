"""a need is answered again after a drop"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = 'db5da7c0c5de'
down_revision = '0b86bd57fb95'
branch_labels = None
depends_on = None


def upgrade() -> None:
    unguard()
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.Integer(), nullable=False, server_default='1'))
        batch_op.drop_constraint(batch_op.f('uq_answer_need_id_organization_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_answer_need_id_organization_id_number'), ['need_id', 'organization_id', 'number'])
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.alter_column('number', server_default=None)
    guard()


def downgrade() -> None:
    unguard()
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_answer_need_id_organization_id_number'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_answer_need_id_organization_id'), ['need_id', 'organization_id'])
        batch_op.drop_column('number')
    guard()


def unguard() -> None:
    """Take the guards away: on SQLite the table is written anew, and would lose them."""
    for statement in lifts(op.get_bind().dialect.name, ("answer",)):
        op.execute(statement)


def guard() -> None:
    """Put them back."""
    for statement in guards(op.get_bind().dialect.name, ("answer",)):
        op.execute(statement)
