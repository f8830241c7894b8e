"""Matching grants and what they promised; work that counts instead of money."""

from app.audit.check import Check, faults

# A match in default counts for the parts of it that stand.
RESERVED = """
    SELECT g.id, g.reserved_cents, g.total_cents, COALESCE(s.cents, 0) AS matched FROM matching_grant g LEFT JOIN (
        SELECT p.grant_id,
               SUM(CASE WHEN p.state = 'defaulted' THEN COALESCE(k.cents, 0) ELSE p.amount_cents END) AS cents
        FROM pledge p LEFT JOIN (
            SELECT pledge_id, SUM(price_cents) AS cents FROM part
            WHERE id NOT IN (SELECT part_id FROM dropped_part) GROUP BY pledge_id
        ) k ON k.pledge_id = p.id
        WHERE p.state IN ('signed', 'defaulted') GROUP BY p.grant_id
    ) s ON s.grant_id = g.id
    WHERE g.reserved_cents <> COALESCE(s.cents, 0) OR COALESCE(s.cents, 0) > g.total_cents
       OR (g.state = 'exhausted') <> (g.reserved_cents = g.total_cents AND g.state <> 'closed')
"""

# A match stands only while its pledge does, in the same campaign, from another organization, within its rule.
FOLLOWING = """
    SELECT m.id, m.follows_id, m.amount_cents, p.amount_cents AS followed FROM pledge m
    JOIN pledge p ON p.id = m.follows_id JOIN matching_grant g ON g.id = m.grant_id
    WHERE m.campaign_id <> p.campaign_id OR m.organization_id <> g.organization_id OR m.currency <> g.currency
       OR m.followed_id IS NULL OR m.followed_id <> p.organization_id OR m.organization_id = p.organization_id
       OR p.follows_id IS NOT NULL OR p.is_after_acceptance
       OR m.amount_cents * 10000 > p.amount_cents * g.factor_basis_points
       OR m.amount_cents > COALESCE(g.most_per_pledge_cents, m.amount_cents)
       OR (m.state = 'signed' AND p.state <> 'signed')
"""

PER_ORGANIZATION = """
    SELECT g.id, m.followed_id, SUM(m.amount_cents) AS matched, g.most_per_organization_cents
    FROM pledge m JOIN matching_grant g ON g.id = m.grant_id
    WHERE m.state = 'signed' GROUP BY g.id, m.followed_id, g.most_per_organization_cents
    HAVING SUM(m.amount_cents) > g.most_per_organization_cents
"""

# One person alone binds nobody: who signed is another one, who could, and nothing was promised before.
SIGNED_BY_TWO = """
    SELECT g.id, g.state, g.signed_by_id FROM matching_grant g
    WHERE NOT g.opened_by_one AND (g.state NOT IN ('prepared', 'refused', 'lapsed') OR g.reserved_cents > 0) AND (
        g.signed_hash = '' OR NOT EXISTS (
            SELECT 1 FROM role_grant r
            WHERE r.person_id = g.signed_by_id AND r.person_id <> g.offered_by_id AND r.role = 'approver'
              AND r.organization_id = g.organization_id
              AND r.granted_at <= g.signed_at AND (r.ended_at IS NULL OR r.ended_at >= g.signed_at)
        ) OR EXISTS (SELECT 1 FROM pledge m WHERE m.grant_id = g.id AND m.signed_at < g.signed_at)
    )
"""

# What is declared after a match was promised does not undo it: the fund has to look.
TWICE = """
    SELECT m.id, m.campaign_id, d.source FROM pledge m JOIN matching_grant g ON g.id = m.grant_id
    JOIN public_money d ON d.campaign_id = m.campaign_id
    WHERE m.state = 'signed' AND (d.grantor_id = g.organization_id OR d.reference = g.reference)
"""

WORK = """
    SELECT c.id, c.in_kind_cents, COALESCE(k.cents, 0) AS work FROM campaign c LEFT JOIN (
        SELECT i.campaign_id, SUM(i.value_cents) AS cents,
               SUM(CASE WHEN m.is_required THEN i.value_cents ELSE 0 END) AS required
        FROM in_kind_contribution i JOIN milestone m ON m.id = i.milestone_id WHERE i.does_count GROUP BY i.campaign_id
    ) k ON k.campaign_id = c.id
    WHERE c.in_kind_cents <> COALESCE(k.cents, 0) OR c.in_kind_required_cents <> COALESCE(k.required, 0)
       OR c.signed_cents + c.in_kind_cents > c.total_cents
"""

WORK_AS_RULED = """
    SELECT i.id, i.state, i.value_cents FROM in_kind_contribution i
    WHERE i.value_cents > i.ceiling_cents OR i.value_cents * 4 > i.quarter_days * i.day_rate_cents
       OR (i.does_count AND (i.agreed_at IS NULL OR i.order_hash = ''))
       OR (i.state IN ('agreed', 'handed over', 'rendered', 'defaulted') AND NOT i.does_count)
       OR (i.state IN ('offered', 'valued', 'declined') AND i.does_count)
"""

WORK_RENDERED = """
    SELECT i.id, i.quarter_days, COALESCE(t.quarters, 0) AS quarters FROM in_kind_contribution i LEFT JOIN (
        SELECT contribution_id, SUM(quarter_days) AS quarters FROM time_sheet_line GROUP BY contribution_id
    ) t ON t.contribution_id = i.id
    WHERE i.state IN ('handed over', 'rendered') AND COALESCE(t.quarters, 0) < i.quarter_days
"""

CHECKS = (
    Check(
        "What a matching grant has reserved is what its standing matches sum to, and never above what is there",
        faults(
            "grant {id} of {total_cents} has reserved {reserved_cents}, its matches sum to {matched}",
            RESERVED,
        ),
    ),
    Check(
        "Every matching grant was written by one person and signed by another who could, before it promised anything",
        faults("grant {id} is {state}, signed by person {signed_by_id}", SIGNED_BY_TWO),
    ),
    Check(
        "Every match follows a standing pledge of another organization, within its grant's rule",
        faults("match {id} of {amount_cents} follows pledge {follows_id} of {followed}", FOLLOWING),
    ),
    Check(
        "No organization is matched above what its grant allows for one",
        faults(
            "grant {id} matches organization {followed_id} with {matched} of {most_per_organization_cents}",
            PER_ORGANIZATION,
        ),
    ),
    Check(
        "No grant matches what its giver pays already",
        faults("campaign {campaign_id}: match {id} and “{source}” pay twice", TWICE),
        is_warning=True,
    ),
    Check(
        "Agreed work sums to what its campaign counts; pledges, matches and work never exceed the estimate",
        faults("campaign {id} counts {in_kind_cents} in work, its contributions sum to {work}", WORK),
    ),
    Check(
        "Work counts once its order is signed, for no more than was offered",
        faults("contribution {id} ({state}) is worth {value_cents}", WORK_AS_RULED),
    ),
    Check(
        "Work handed over has its days on the time sheet",
        faults(
            "contribution {id} of {quarter_days} quarter days has {quarters} on its time sheet", WORK_RENDERED
        ),
    ),
)
