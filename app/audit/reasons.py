"""Releases, refunds, receipts and charge-backs: each with its entry, none without its reason."""

from app.audit.check import Check, faults

# E3. Every fact that moves held money has one entry of exactly its amount; every such entry has its fact.
ENTRIES = """
    WITH booked AS (
        SELECT e.key, e.chain, SUM(t.amount_cents) AS cents,
               SUM(CASE WHEN c.code LIKE 'outside:%' THEN t.amount_cents ELSE 0 END) AS away
        FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id JOIN ledger_account c ON c.id = t.credit_id
        WHERE e.key LIKE 'release:%' OR e.key LIKE 'refund:%' OR e.key LIKE 'excess:%' OR e.key LIKE 'receive:%'
           OR e.key LIKE 'charge-back:%' OR e.key LIKE 'return:%' OR e.key LIKE 'return-bounce:%'
        GROUP BY e.key, e.chain
    ), facts AS (
        SELECT 'release:' || part_id || ':' || cause AS key, 'campaign:' || campaign_id AS chain,
               price_cents + vat_cents AS cents
        FROM "release"
        UNION ALL
        SELECT CASE WHEN excess_cents > 0 THEN cause ELSE 'refund:' || pledge_id || ':' || cause END,
               'campaign:' || campaign_id, price_cents + vat_cents + fee_cents + excess_cents
        FROM refund
        UNION ALL
        SELECT 'receive:' || id, NULL, amount_cents FROM deposit WHERE state NOT IN ('pending', 'failed')
        UNION ALL
        SELECT 'charge-back:' || deposit_id,
               CASE WHEN campaign_id IS NULL THEN 'house' ELSE 'campaign:' || campaign_id END,
               held_cents + fee_cents + excess_cents + claim_cents + lost_cents
        FROM charge_back
        UNION ALL
        SELECT 'return:' || id, 'house', amount_cents FROM suspense_return
        WHERE state IN ('sent', 'paid', 'bounced')
        UNION ALL
        SELECT 'return-bounce:' || id, 'house', amount_cents FROM suspense_return WHERE state = 'bounced'
    )
    SELECT COALESCE(f.key, b.key) AS key, f.cents AS said, b.cents AS booked
    FROM facts f LEFT JOIN booked b ON b.key = f.key
    WHERE b.key IS NULL OR (f.chain IS NOT NULL AND b.chain <> f.chain)
       OR f.cents <> CASE WHEN f.key LIKE 'charge-back:%' THEN b.away ELSE b.cents END
    UNION ALL
    SELECT b.key, NULL, b.cents FROM booked b LEFT JOIN facts f ON f.key = b.key WHERE f.key IS NULL
"""

# No entry touches two campaigns' held money, nor another campaign's than its chain's.
STRAY = """
    SELECT e.id, e.key, e.chain, a.code
    FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
    JOIN ledger_account a ON a.id IN (t.debit_id, t.credit_id)
    WHERE (a.code LIKE 'held:%' OR a.code LIKE 'held-vat:%' OR a.code LIKE 'held-fee:%')
      AND NOT (
          a.code LIKE REPLACE(e.chain, 'campaign:', 'held:') || ':%'
          OR a.code LIKE REPLACE(e.chain, 'campaign:', 'held-vat:') || ':%'
          OR a.code LIKE REPLACE(e.chain, 'campaign:', 'held-fee:') || ':%'
      )
"""

OVER_RELEASED = """
    SELECT p.id, p.price_cents, p.vat_cents, SUM(g.price) AS price, SUM(g.vat) AS vat
    FROM (
        SELECT part_id, price_cents AS price, vat_cents AS vat FROM "release"
        UNION ALL
        SELECT part_id, price_cents, vat_cents FROM refund WHERE part_id IS NOT NULL
    ) g JOIN part p ON p.id = g.part_id
    GROUP BY p.id, p.price_cents, p.vat_cents
    HAVING SUM(g.price) > p.price_cents OR SUM(g.vat) > p.vat_cents
"""

# M3. Only an accepted delivery, or an award, of the part's own milestone; at most the share that was granted.
UNACCEPTED = """
    SELECT r.id, r.part_id, r.cause FROM "release" r JOIN part p ON p.id = r.part_id
    WHERE NOT EXISTS (
        SELECT 1 FROM delivery d JOIN milestone m ON m.id = d.milestone_id
        WHERE d.milestone_id = p.milestone_id AND d.campaign_id = r.campaign_id
          AND r.cause IN ('milestone ' || d.milestone_id, 'retention ' || d.milestone_id)
          AND (r.cause LIKE 'milestone %' OR d.retention_released_at <= r.at)
          AND d.state IN ('accepted', 'accepted with reserves', 'part accepted') AND d.decided_at <= r.at
          AND (d.award_cents IS NOT NULL OR r.price_cents <= (p.price_cents * d.share_basis_points * 2 + 10000) / 20000)
          AND (d.award_cents IS NOT NULL OR r.vat_cents <= (p.vat_cents * d.share_basis_points * 2 + 10000) / 20000)
          AND (d.award_cents IS NULL OR r.price_cents <= p.price_cents * d.award_cents / m.price_cents + 1)
          AND (d.award_cents IS NULL OR r.vat_cents <= p.vat_cents * d.award_cents / m.price_cents + 1)
    )
"""

PAYEES = """
    SELECT r.id, r.payee_id, e.organization_id AS maintainer
    FROM "release" r JOIN campaign c ON c.id = r.campaign_id JOIN estimate e ON e.id = c.estimate_id
    WHERE r.payee_id <> e.organization_id
"""

# Who works on a milestone does not answer its delivery, unless nobody else pays for it.
# Accepted by the campaign's rule, settled, or by an award that two arbitrators wrote alike.
UNDECIDED = """
    WITH weighed AS (
        SELECT a.delivery_id,
               SUM(CASE WHEN a.accepts THEN 1 ELSE 0 END) AS heads,
               SUM(CASE WHEN a.accepts AND COALESCE(u.binding, 'money') = 'money' THEN a.weight_cents
                        WHEN a.accepts AND u.binding = 'heads' THEN 1 ELSE 0 END) AS accepting,
               SUM(CASE WHEN NOT a.accepts AND COALESCE(u.binding, 'money') = 'money' THEN a.weight_cents
                        WHEN NOT a.accepts AND u.binding = 'heads' THEN 1 ELSE 0 END) AS refusing,
               MAX(CASE WHEN u.binding = 'lead' THEN 1 ELSE 0 END) AS by_lead,
               MAX(CASE WHEN u.binding = 'heads' THEN 1 ELSE 0 END) AS by_heads
        FROM acceptance a JOIN delivery b ON b.id = a.delivery_id
        LEFT JOIN round_rules u
            ON u.id = (SELECT MAX(x.id) FROM round_rules x WHERE x.campaign_id = b.campaign_id)
        GROUP BY a.delivery_id
    ), whole AS (
        SELECT b.id AS delivery_id, SUM(p.price_cents) AS cents, COUNT(DISTINCT g.organization_id) AS heads
        FROM delivery b JOIN part p ON p.milestone_id = b.milestone_id JOIN pledge g ON g.id = p.pledge_id
        WHERE p.price_cents > 0 AND g.follows_id IS NULL AND p.id NOT IN (SELECT part_id FROM dropped_part)
          AND NOT EXISTS (
              SELECT 1 FROM in_kind_contribution i
              WHERE i.milestone_id = b.milestone_id AND i.organization_id = g.organization_id
                AND i.agreed_at IS NOT NULL
                AND (i.state = 'rendered' OR i.ended_at IS NULL OR i.ended_at >= b.decided_at)
          )
        GROUP BY b.id
    ), alike AS (
        SELECT dispute_id, granted, COUNT(DISTINCT person_id) AS arbitrators
        FROM (
            SELECT o.dispute_id, o.person_id,
                   COALESCE(o.cents, (m.price_cents * o.share_basis_points * 2 + 10000) / 20000) AS granted
            FROM opinion o JOIN dispute z ON z.id = o.dispute_id JOIN delivery y ON y.id = z.delivery_id
            JOIN milestone m ON m.id = y.milestone_id
            WHERE o.id = (
                SELECT MAX(l.id) FROM opinion l WHERE l.dispute_id = o.dispute_id AND l.person_id = o.person_id
            )
        ) written
        GROUP BY dispute_id, granted
    )
    SELECT d.id, d.state FROM delivery d
    LEFT JOIN weighed a ON a.delivery_id = d.id
    LEFT JOIN dispute q ON q.delivery_id = d.id
    JOIN milestone m ON m.id = d.milestone_id
    LEFT JOIN whole w ON w.delivery_id = d.id
    LEFT JOIN alike k ON k.dispute_id = q.id AND k.granted
         = COALESCE(q.award_cents, (m.price_cents * q.share_basis_points * 2 + 10000) / 20000)
    WHERE d.state IN ('accepted', 'accepted with reserves', 'part accepted', 'rejected')
      AND NOT (q.id IS NULL AND d.state <> 'rejected' AND d.share_basis_points = 10000 AND COALESCE(a.heads, 0) > 0
               AND (a.by_lead = 1
                    OR 2 * a.accepting > COALESCE(CASE WHEN a.by_heads = 1 THEN w.heads ELSE w.cents END, 0)
                    OR (a.accepting > a.refusing AND EXISTS (
                        SELECT 1 FROM step s
                        WHERE s.thing = 'Delivery' AND s.thing_id = d.id AND s.act = 'count silence'
                    )))
               AND (d.state <> 'part accepted' OR EXISTS (
                   SELECT 1 FROM reserve v WHERE v.delivery_id = d.id AND v.state = 'kept'
               )))
      AND NOT (q.id IS NOT NULL AND q.state = 'awarded' AND q.share_basis_points = d.share_basis_points
               AND COALESCE(k.arbitrators, 0) >= 2)
      AND NOT (q.id IS NOT NULL AND q.state = 'settled' AND q.share_basis_points = d.share_basis_points
               AND EXISTS (
                   SELECT 1 FROM motion o WHERE o.kind = 'settlement' AND o.thing_id = q.id AND o.state = 'done'
                   AND o.cents = q.award_cents
               ))
"""

# A word weighs what its organization's parts of the milestone weigh.
WEIGHTS = """
    SELECT a.id, a.delivery_id, a.weight_cents, COALESCE(SUM(p.price_cents), 0) AS parts
    FROM acceptance a JOIN delivery d ON d.id = a.delivery_id
    LEFT JOIN pledge g ON g.organization_id = a.organization_id AND g.campaign_id = d.campaign_id
      AND g.follows_id IS NULL
    LEFT JOIN part p ON p.pledge_id = g.id AND p.milestone_id = d.milestone_id
         AND p.id NOT IN (SELECT part_id FROM dropped_part)
    GROUP BY a.id, a.delivery_id, a.weight_cents
    HAVING a.weight_cents <> COALESCE(SUM(p.price_cents), 0)
"""

CHECKS = (
    Check(
        "Every receipt, release, refund and charge-back is booked once, with its amount, and nothing else is",
        faults("{key}: the fact says {said}, the book {booked}", ENTRIES),
    ),
    Check(
        "No entry touches the held money of another campaign than its own",
        faults("entry {id} ({key}) of {chain} moves {code}", STRAY),
    ),
    Check(
        "No part is released and owed back above what it is",
        faults("part {id} of {price_cents} and {vat_cents} VAT gave {price} and {vat}", OVER_RELEASED),
    ),
    Check(
        "Nothing was released without an accepted delivery or an award, nor above the share granted",
        faults("release {id} of part {part_id} ({cause})", UNACCEPTED),
    ),
    Check(
        "Everything released is owed to the maintainer of its campaign",
        faults("release {id} is owed to organization {payee_id}, the maintainer is {maintainer}", PAYEES),
    ),
    Check(
        "Every decided delivery was accepted by its campaign's rule, settled, or awarded by two arbitrators",
        faults("delivery {id} is {state}", UNDECIDED),
    ),
    Check(
        "Every answer to a delivery weighs what its backer's parts weigh",
        faults("answer {id} to delivery {delivery_id} weighs {weight_cents}, its parts {parts}", WEIGHTS),
    ),
)
