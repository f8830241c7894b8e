"""grants match pledges and work counts"""

import sqlalchemy as sa
from alembic import op

from app.kit.append_only import guards, lifts

revision = '41de83acb5a5'
down_revision = 'a48a02c45508'
branch_labels = None
depends_on = None

FACTS = ("public_money", "time_sheet_line")
BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('matching_grant',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('total_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reserved_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('factor_basis_points', sa.Integer(), nullable=False),
    sa.Column('most_per_pledge_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('most_per_organization_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('after_backers', sa.Integer(), nullable=False),
    sa.Column('countries', sa.String(length=200), nullable=False),
    sa.Column('most_public_basis_points', sa.Integer(), nullable=False),
    sa.Column('rail', sa.String(length=20), nullable=False),
    sa.Column('is_after_acceptance', sa.Boolean(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('offered_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('activated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=1000), nullable=False),
    sa.CheckConstraint('factor_basis_points BETWEEN 1 AND 100000', name=op.f('ck_matching_grant_factor')),
    sa.CheckConstraint('most_public_basis_points BETWEEN 1 AND 10000', name=op.f('ck_matching_grant_most_public')),
    sa.CheckConstraint('reserved_cents >= 0 AND reserved_cents <= total_cents', name=op.f('ck_matching_grant_never_above_what_is_there')),
    sa.CheckConstraint('total_cents > 0', name=op.f('ck_matching_grant_total')),
    sa.ForeignKeyConstraint(['offered_by_id'], ['person.id'], name=op.f('fk_matching_grant_offered_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_matching_grant_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matching_grant')),
    sa.UniqueConstraint('public_id', name=op.f('uq_matching_grant_public_id'))
    )
    with op.batch_alter_table('matching_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_matching_grant_organization_id'), ['organization_id'], unique=False)

    op.create_table('grant_scope',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('grant_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('software_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('need_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('(software_id IS NULL) <> (need_id IS NULL)', name=op.f('ck_grant_scope_one_thing')),
    sa.ForeignKeyConstraint(['grant_id'], ['matching_grant.id'], name=op.f('fk_grant_scope_grant_id')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_grant_scope_need_id')),
    sa.ForeignKeyConstraint(['software_id'], ['software.id'], name=op.f('fk_grant_scope_software_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grant_scope'))
    )
    with op.batch_alter_table('grant_scope', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grant_scope_grant_id'), ['grant_id'], unique=False)

    op.create_table('in_kind_contribution',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('milestone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organization_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('what', sa.String(length=2000), nullable=False),
    sa.Column('quarter_days', sa.Integer(), nullable=False),
    sa.Column('day_rate_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ceiling_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('value_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('does_count', sa.Boolean(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('offered_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('order_text', sa.String(length=6000), nullable=False),
    sa.Column('order_hash', sa.String(length=64), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=1000), nullable=False),
    sa.CheckConstraint('quarter_days > 0 AND day_rate_cents > 0 AND ceiling_cents > 0', name=op.f('ck_in_kind_contribution_offer')),
    sa.CheckConstraint('value_cents >= 0 AND value_cents <= ceiling_cents', name=op.f('ck_in_kind_contribution_never_above_its_ceiling')),
    sa.ForeignKeyConstraint(['agreed_by_id'], ['person.id'], name=op.f('fk_in_kind_contribution_agreed_by_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_in_kind_contribution_campaign_id')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_in_kind_contribution_milestone_id')),
    sa.ForeignKeyConstraint(['offered_by_id'], ['person.id'], name=op.f('fk_in_kind_contribution_offered_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_in_kind_contribution_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_in_kind_contribution')),
    sa.UniqueConstraint('public_id', name=op.f('uq_in_kind_contribution_public_id'))
    )
    with op.batch_alter_table('in_kind_contribution', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_in_kind_contribution_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_in_kind_contribution_organization_id'), ['organization_id'], unique=False)

    op.create_table('public_money',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=160), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('grantor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.CheckConstraint('amount_cents >= 0', name=op.f('ck_public_money_amount')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_public_money_campaign_id')),
    sa.ForeignKeyConstraint(['grantor_id'], ['organization.id'], name=op.f('fk_public_money_grantor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_money'))
    )
    with op.batch_alter_table('public_money', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_money_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('time_sheet_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('contribution_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('worked_on', sa.Date(), nullable=False),
    sa.Column('quarter_days', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=500), nullable=False),
    sa.Column('pseudonym', sa.String(length=40), nullable=False),
    sa.CheckConstraint('quarter_days <> 0', name=op.f('ck_time_sheet_line_quarters')),
    sa.ForeignKeyConstraint(['contribution_id'], ['in_kind_contribution.id'], name=op.f('fk_time_sheet_line_contribution_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_sheet_line'))
    )
    with op.batch_alter_table('time_sheet_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_time_sheet_line_contribution_id'), ['contribution_id'], unique=False)

    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.add_column(sa.Column('in_kind_cents', BIG, nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('in_kind_required_cents', BIG, nullable=False, server_default='0'))
    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.alter_column('in_kind_cents', existing_type=BIG, existing_nullable=False, server_default=None)
        batch_op.alter_column('in_kind_required_cents', existing_type=BIG, existing_nullable=False, server_default=None)
        batch_op.drop_constraint(batch_op.f('ck_campaign_never_above_the_estimate'), type_='check')
        batch_op.create_check_constraint(
            batch_op.f('ck_campaign_never_above_the_estimate'),
            'signed_cents >= 0 AND in_kind_cents >= 0 AND signed_cents + in_kind_cents <= total_cents',
        )
        batch_op.create_check_constraint(
            batch_op.f('ck_campaign_in_kind_required'),
            'in_kind_required_cents >= 0 AND in_kind_required_cents <= in_kind_cents',
        )

    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.add_column(sa.Column('follows_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('followed_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('grant_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_pledge_grant_id'), ['grant_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_pledge_follows_id_grant_id'), ['follows_id', 'grant_id'])
        batch_op.create_foreign_key(batch_op.f('fk_pledge_follows_id'), 'pledge', ['follows_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_pledge_followed_id'), 'organization', ['followed_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_pledge_grant_id'), 'matching_grant', ['grant_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_pledge_match'), '(follows_id IS NULL) = (grant_id IS NULL)')

    for statement in guards(op.get_bind().dialect.name, FACTS):
        op.execute(statement)



def downgrade() -> None:
    for statement in lifts(op.get_bind().dialect.name, FACTS):
        op.execute(statement)
    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_pledge_match'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_pledge_grant_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_pledge_followed_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_pledge_follows_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_pledge_follows_id_grant_id'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_pledge_grant_id'))
        batch_op.drop_column('grant_id')
        batch_op.drop_column('followed_id')
        batch_op.drop_column('follows_id')

    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_campaign_in_kind_required'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_campaign_never_above_the_estimate'), type_='check')
        batch_op.create_check_constraint(
            batch_op.f('ck_campaign_never_above_the_estimate'), 'signed_cents >= 0 AND signed_cents <= total_cents'
        )
        batch_op.drop_column('in_kind_required_cents')
        batch_op.drop_column('in_kind_cents')

    with op.batch_alter_table('time_sheet_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_time_sheet_line_contribution_id'))

    op.drop_table('time_sheet_line')
    with op.batch_alter_table('public_money', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_public_money_campaign_id'))

    op.drop_table('public_money')
    with op.batch_alter_table('in_kind_contribution', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_in_kind_contribution_organization_id'))
        batch_op.drop_index(batch_op.f('ix_in_kind_contribution_campaign_id'))

    op.drop_table('in_kind_contribution')
    with op.batch_alter_table('grant_scope', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grant_scope_grant_id'))

    op.drop_table('grant_scope')
    with op.batch_alter_table('matching_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_matching_grant_organization_id'))

    op.drop_table('matching_grant')
