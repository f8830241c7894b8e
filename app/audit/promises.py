"""Pledges and their parts, calls and what was paid for them."""

from app.audit.check import Check, faults

PARTS_OF_MILESTONES = """
    SELECT m.id, m.price_cents, m.work, SUM(p.price_cents) AS parts FROM part p JOIN (
        SELECT s.id, s.price_cents, COALESCE(SUM(CASE WHEN k.does_count THEN k.value_cents END), 0) AS work
        FROM milestone s LEFT JOIN in_kind_contribution k ON k.milestone_id = s.id
        GROUP BY s.id, s.price_cents
    ) m ON m.id = p.milestone_id
    WHERE p.id NOT IN (SELECT part_id FROM dropped_part)
    GROUP BY m.id, m.price_cents, m.work HAVING SUM(p.price_cents) <> m.price_cents - m.work
"""

PARTS_OF_PLEDGES = """
    SELECT g.id, g.amount_cents, SUM(p.price_cents) AS parts
    FROM part p JOIN pledge g ON g.id = p.pledge_id
    WHERE p.id NOT IN (SELECT part_id FROM dropped_part)
    GROUP BY g.id, g.amount_cents, g.campaign_id
    HAVING SUM(p.price_cents) > g.amount_cents OR MIN(p.campaign_id) <> g.campaign_id
"""

# A secured campaign has its parts, one that is not secured has none.
PARTLESS = """
    SELECT c.id, c.state FROM campaign c
    WHERE CASE WHEN c.state IN ('secured', 'completed', 'stopped')
        THEN c.secured_at IS NULL
             OR (c.signed_cents + c.in_kind_required_cents < c.minimum_cents
                 AND NOT EXISTS (SELECT 1 FROM pledge d WHERE d.campaign_id = c.id AND d.state = 'defaulted')
                 AND NOT EXISTS (
                     SELECT 1 FROM shortfall f WHERE f.campaign_id = c.id AND f.contribution_id IS NOT NULL
                 ))
             OR NOT EXISTS (SELECT 1 FROM part p WHERE p.campaign_id = c.id)
        ELSE c.secured_at IS NOT NULL OR EXISTS (SELECT 1 FROM part p WHERE p.campaign_id = c.id) END
"""

# While a campaign lives its signed pledges count, and one in default for its parts; when it fails or is cancelled
# those that were signed lapse.
SIGNED = """
    SELECT c.id, c.signed_cents, c.total_cents, COALESCE(s.cents, 0) AS pledged
    FROM campaign c LEFT JOIN (
        SELECT g.campaign_id, SUM(CASE WHEN g.state = 'defaulted' THEN COALESCE(k.cents, 0) ELSE g.amount_cents END)
               AS cents
        FROM pledge g LEFT JOIN (
            SELECT pledge_id, SUM(price_cents) AS cents FROM part
            WHERE id NOT IN (SELECT part_id FROM dropped_part) GROUP BY pledge_id
        ) k ON k.pledge_id = g.id
        WHERE g.state IN ('signed', 'defaulted') OR (g.state = 'lapsed' AND g.signed_at IS NOT NULL)
        GROUP BY g.campaign_id
    ) s ON s.campaign_id = c.id
    WHERE c.signed_cents <> COALESCE(s.cents, 0) OR COALESCE(s.cents, 0) > c.total_cents
"""

# P4. Whoever signs above a limit did not write the pledge; whoever signs had the role on that day.
SIGNED_BY = """
    SELECT p.id, p.signed_by_id FROM pledge p
    WHERE p.signed_at IS NOT NULL AND p.follows_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM role_grant g
        WHERE g.person_id = p.signed_by_id AND g.organization_id = p.organization_id
          AND g.role = CASE WHEN p.signed_by_id = p.prepared_by_id THEN 'buyer' ELSE 'approver' END
          AND g.granted_at <= p.signed_at AND (g.ended_at IS NULL OR g.ended_at >= p.signed_at)
    )
"""

# What was frozen when the campaign opened stands in its step; nobody wrote other rules since.
FROZEN = """
    SELECT c.id, r.id AS rules FROM campaign c
    JOIN step s ON s.thing = 'Campaign' AND s.thing_id = c.id AND s.act = 'open' AND s.facts LIKE '%"rules":%'
    LEFT JOIN round_rules r ON r.id = (SELECT MAX(x.id) FROM round_rules x WHERE x.campaign_id = c.id)
    WHERE s.facts NOT LIKE '%"rules":' || COALESCE(r.id, 0) || ',%'
       OR s.facts NOT LIKE '%"fee_basis_points":' || c.fee_basis_points || ',%'
       OR s.facts NOT LIKE '%"collection_days":' || c.collection_days || ',%'
       OR s.facts NOT LIKE '%"review_days":' || c.review_days || ',%'
       OR s.facts NOT LIKE '%"minimum":' || c.minimum_cents || ',%'
"""

CURRENCIES = """
    SELECT p.id, p.currency, c.currency AS other FROM pledge p JOIN campaign c ON c.id = p.campaign_id
    WHERE p.currency <> c.currency
    UNION ALL
    SELECT k.pledge_id, k.currency, p.currency FROM call k JOIN pledge p ON p.id = k.pledge_id
    WHERE k.currency <> p.currency OR k.campaign_id <> p.campaign_id OR k.rail <> p.rail
    UNION ALL
    SELECT k.pledge_id, d.currency, k.currency FROM deposit d JOIN call k ON k.id = d.call_id
    WHERE d.currency <> k.currency OR d.rail <> k.rail
"""

CALL_LINES = """
    SELECT k.id, k.price_cents, k.vat_cents, COALESCE(SUM(l.price_cents), 0) AS prices,
           COALESCE(SUM(l.vat_cents), 0) AS vats
    FROM call k LEFT JOIN call_line l ON l.call_id = k.id
    GROUP BY k.id, k.price_cents, k.vat_cents
    HAVING k.price_cents <> COALESCE(SUM(l.price_cents), 0) OR k.vat_cents <> COALESCE(SUM(l.vat_cents), 0)
"""

CALLED_ABOVE_PARTS = """
    SELECT l.part_id, SUM(l.price_cents + l.vat_cents) AS called, p.price_cents + p.vat_cents AS part
    FROM call_line l JOIN part p ON p.id = l.part_id JOIN call k ON k.id = l.call_id
    GROUP BY l.part_id, p.price_cents, p.vat_cents, p.pledge_id
    HAVING SUM(l.price_cents) > p.price_cents OR SUM(l.vat_cents) > p.vat_cents
        OR MIN(k.pledge_id) <> p.pledge_id OR MAX(k.pledge_id) <> p.pledge_id
"""

PAID = """
    SELECT k.id, k.state, k.paid_cents, k.total_cents, COALESCE(d.cents, 0) AS deposits
    FROM call k LEFT JOIN (
        SELECT call_id, SUM(price_cents + vat_cents + fee_cents) AS cents FROM deposit
        WHERE state = 'received' GROUP BY call_id
    ) d ON d.call_id = k.id
    WHERE k.paid_cents <> COALESCE(d.cents, 0) OR COALESCE(d.cents, 0) > k.total_cents
       OR (k.state = 'paid') <> (k.paid_cents = k.total_cents)
"""

DEPOSITS_TWICE = """
    SELECT rail, outside_id, COUNT(*) AS times FROM deposit GROUP BY rail, outside_id HAVING COUNT(*) > 1
"""

DEPOSIT_SPLIT = """
    SELECT id, amount_cents, price_cents + vat_cents + fee_cents + excess_cents AS cut FROM deposit
    WHERE (state NOT IN ('pending', 'failed') AND amount_cents <> price_cents + vat_cents + fee_cents + excess_cents)
       OR price_cents < 0 OR vat_cents < 0 OR fee_cents < 0 OR excess_cents < 0
       OR claimed_cents < 0 OR claimed_cents > price_cents + vat_cents
"""

UNCONFIRMED = """
    SELECT DISTINCT k.id, k.number
    FROM call k JOIN call_line l ON l.call_id = k.id JOIN part p ON p.id = l.part_id JOIN pledge e ON e.id = k.pledge_id
    WHERE k.state NOT IN ('waiting', 'void') AND p.vat_kind = 'reverse_charge' AND NOT EXISTS (
        SELECT 1 FROM vat_check c
        WHERE c.organization_id = e.organization_id AND c.found = 'valid' AND c.at <= k.issued_at
    )
"""

CHECKS = (
    Check(
        "The parts of every milestone sum to its price, less the work agreed for it",
        faults(
            "milestone {id} costs {price_cents} less {work} in work, its parts sum to {parts}",
            PARTS_OF_MILESTONES,
        ),
    ),
    Check(
        "No pledge gives more than it promised, nor to another campaign",
        faults("pledge {id} promised {amount_cents}, its parts sum to {parts}", PARTS_OF_PLEDGES),
    ),
    Check(
        "A campaign was cut into parts when it was secured with its threshold reached, and only then",
        faults("campaign {id} is {state}", PARTLESS),
    ),
    Check(
        "Signed pledges sum to what their campaign counts, and never above the estimate",
        faults("campaign {id} counts {signed_cents} of {total_cents}, its pledges sum to {pledged}", SIGNED),
    ),
    Check(
        "Every pledge was signed by a person who could: its buyer, or an approver who had not written it",
        faults("pledge {id} was signed by person {signed_by_id}", SIGNED_BY),
    ),
    Check(
        "The rules of a campaign are those it opened with",
        faults("campaign {id} goes by other rules than it opened with (row {rules})", FROZEN),
    ),
    Check(
        "Pledge, call and receipt agree in campaign, currency and rail",
        faults("pledge {id}: {currency} and {other}", CURRENCIES),
    ),
    Check(
        "Every call asks for the sum of its lines",
        faults(
            "call {id} asks for {price_cents} and {vat_cents} VAT, its lines for {prices} and {vats}",
            CALL_LINES,
        ),
    ),
    Check(
        "No part is called above what it is",
        faults("part {part_id} of {part} was called for {called}", CALLED_ABOVE_PARTS),
    ),
    Check(
        "No call went out without VAT on a VAT number nobody confirmed",
        faults("call {number} (row {id}) went out before the number was confirmed", UNCONFIRMED),
    ),
    Check(
        "What is paid of a call is what its standing receipts say, and never above it",
        faults(
            "call {id} ({state}) of {total_cents} counts {paid_cents} as paid, its receipts sum to {deposits}",
            PAID,
        ),
    ),
    Check(
        "Every receipt is kept once",
        faults("{rail} {outside_id} is kept {times} times", DEPOSITS_TWICE),
    ),
    Check(
        "Every receipt is cut into price, VAT, fee and what is above, to the cent",
        faults("deposit {id} of {amount_cents} is cut into {cut}", DEPOSIT_SPLIT),
    ),
)
