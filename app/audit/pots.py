"""What is held against what was received, released, refunded and charged back: for each pledge, payee and rail."""

from app.audit.check import Check, faults

# What came in for parts and what became of it, by pledge. A charged-back deposit came in all the same.
SUMS_BY_PLEDGE = """
    collected AS (
        SELECT c.pledge_id, SUM(d.price_cents + d.vat_cents - d.claimed_cents) AS parts, SUM(d.fee_cents) AS fees,
               SUM(d.claimed_cents) AS claimed
        FROM deposit d JOIN call c ON c.id = d.call_id
        WHERE d.state IN ('received', 'charged back', 'lost') GROUP BY c.pledge_id
    ), released AS (
        SELECT p.pledge_id, SUM(r.price_cents + r.vat_cents) AS parts
        FROM "release" r JOIN part p ON p.id = r.part_id GROUP BY p.pledge_id
    ), refunded AS (
        SELECT pledge_id, SUM(price_cents + vat_cents) AS parts, SUM(fee_cents) AS fees, SUM(excess_cents) AS excess
        FROM refund GROUP BY pledge_id
    ), taken AS (
        SELECT c.pledge_id, SUM(b.held_cents) AS parts, SUM(b.fee_cents) AS fees, SUM(b.claim_cents) AS claims
        FROM charge_back b JOIN deposit d ON d.id = b.deposit_id JOIN call c ON c.id = d.call_id GROUP BY c.pledge_id
    ), earned AS (
        SELECT pledge_id, SUM(fee_cents + fee_vat_cents) AS fees FROM call WHERE state = 'paid' GROUP BY pledge_id
    ), set_off AS (
        SELECT t.debit_id, SUM(t.amount_cents) AS cents
        FROM ledger_transfer t JOIN ledger_account c ON c.id = t.credit_id
        WHERE c.code LIKE 'claim:%' GROUP BY t.debit_id
    ), elsewhere AS (
        SELECT o.account_code, SUM(e.amount_cents) AS cents
        FROM paid_elsewhere e JOIN payout o ON o.id = e.payout_id WHERE e.state = 'confirmed' GROUP BY o.account_code
    ), sent AS (
        SELECT account_code, SUM(cents) AS cents FROM (
            SELECT account_code, amount_cents AS cents FROM payout WHERE state IN ('sent', 'paid')
            UNION ALL
            SELECT o.account_code, CASE WHEN l.state = 'bounced' THEN -l.amount_cents ELSE l.amount_cents END
            FROM payout_leg l JOIN payout o ON o.id = l.payout_id
            WHERE (l.state = 'bounced' AND l.attempt = o.attempt AND o.state IN ('sent', 'paid'))
               OR (l.state = 'paid' AND (l.attempt < o.attempt OR o.state NOT IN ('sent', 'paid')))
        ) out_or_back GROUP BY account_code
    )
"""

# E2. Fees apart: they are the operator's own affair once earned, and the backer's until then.
PARTS = f"""
    WITH {SUMS_BY_PLEDGE}
    SELECT p.campaign_id, p.id, p.currency, COALESCE(i.parts, 0) AS came_in,
           COALESCE(h.balance_cents, 0) + COALESCE(v.balance_cents, 0) AS held,
           COALESCE(r.parts, 0) AS released, COALESCE(f.parts, 0) AS refunded, COALESCE(b.parts, 0) AS taken
    FROM pledge p
    LEFT JOIN collected i ON i.pledge_id = p.id
    LEFT JOIN released r ON r.pledge_id = p.id
    LEFT JOIN refunded f ON f.pledge_id = p.id
    LEFT JOIN taken b ON b.pledge_id = p.id
    LEFT JOIN ledger_account h ON h.code = 'held:' || p.campaign_id || ':' || p.id || ':' || p.rail
    LEFT JOIN ledger_account v ON v.code = 'held-vat:' || p.campaign_id || ':' || p.id || ':' || p.rail
    WHERE COALESCE(i.parts, 0) <> COALESCE(h.balance_cents, 0) + COALESCE(v.balance_cents, 0)
          + COALESCE(r.parts, 0) + COALESCE(f.parts, 0) + COALESCE(b.parts, 0)
"""  # noqa: S608

FEES_OF_PLEDGES = f"""
    WITH {SUMS_BY_PLEDGE}
    SELECT p.campaign_id, p.id, COALESCE(i.fees, 0) AS came_in, COALESCE(h.balance_cents, 0) AS held,
           COALESCE(e.fees, 0) AS earned, COALESCE(f.fees, 0) AS refunded, COALESCE(b.fees, 0) AS taken
    FROM pledge p
    LEFT JOIN collected i ON i.pledge_id = p.id
    LEFT JOIN earned e ON e.pledge_id = p.id
    LEFT JOIN refunded f ON f.pledge_id = p.id
    LEFT JOIN taken b ON b.pledge_id = p.id
    LEFT JOIN ledger_account h ON h.code = 'held-fee:' || p.campaign_id || ':' || p.id || ':' || p.rail
    WHERE COALESCE(i.fees, 0) <> COALESCE(h.balance_cents, 0) + COALESCE(e.fees, 0)
          + COALESCE(f.fees, 0) + COALESCE(b.fees, 0)
"""  # noqa: S608

OWED_BACK = f"""
    WITH {SUMS_BY_PLEDGE}
    SELECT p.campaign_id, p.id, COALESCE(k.balance_cents, 0) AS owed, COALESCE(s.cents, 0) AS sent,
           COALESCE(o.cents, 0) AS set_off, COALESCE(w.cents, 0) AS elsewhere,
           COALESCE(f.parts + f.fees + f.excess, 0) AS refunded
    FROM pledge p
    LEFT JOIN elsewhere w ON w.account_code = 'back:' || p.id || ':' || p.rail
    LEFT JOIN refunded f ON f.pledge_id = p.id
    LEFT JOIN ledger_account k ON k.code = 'back:' || p.id || ':' || p.rail
    LEFT JOIN set_off o ON o.debit_id = k.id
    LEFT JOIN sent s ON s.account_code = 'back:' || p.id || ':' || p.rail
    WHERE COALESCE(f.parts + f.fees + f.excess, 0)
          <> COALESCE(k.balance_cents, 0) + COALESCE(s.cents, 0) + COALESCE(o.cents, 0) + COALESCE(w.cents, 0)
"""  # noqa: S608

CLAIMED = f"""
    WITH {SUMS_BY_PLEDGE}
    SELECT p.campaign_id, p.id, COALESCE(k.balance_cents, 0) AS claimed, COALESCE(b.claims, 0) AS taken,
           COALESCE(i.claimed, 0) AS paid, COALESCE(o.cents, 0) AS set_off
    FROM pledge p
    LEFT JOIN taken b ON b.pledge_id = p.id
    LEFT JOIN collected i ON i.pledge_id = p.id
    LEFT JOIN ledger_account k ON k.code = 'claim:' || p.id || ':' || p.rail
    LEFT JOIN ledger_account c ON c.code = 'back:' || p.id || ':' || p.rail
    LEFT JOIN set_off o ON o.debit_id = c.id
    WHERE COALESCE(b.claims, 0)
          <> COALESCE(k.balance_cents, 0) + COALESCE(i.claimed, 0) + COALESCE(o.cents, 0)
"""  # noqa: S608

OWED_TO_PAYEES = f"""
    WITH {SUMS_BY_PLEDGE}, due AS (
        SELECT 'owed:' || payee_id || ':' || campaign_id || ':' || rail AS code, SUM(price_cents + vat_cents) AS cents
        FROM "release" GROUP BY payee_id, campaign_id, rail
    ), codes AS (
        SELECT code FROM due UNION SELECT code FROM ledger_account WHERE code LIKE 'owed:%'
    )
    SELECT n.code, COALESCE(d.cents, 0) AS released, COALESCE(a.balance_cents, 0) AS owed, COALESCE(s.cents, 0) AS sent
    FROM codes n
    LEFT JOIN due d ON d.code = n.code
    LEFT JOIN ledger_account a ON a.code = n.code
    LEFT JOIN sent s ON s.account_code = n.code
    WHERE COALESCE(d.cents, 0) <> COALESCE(a.balance_cents, 0) + COALESCE(s.cents, 0)
"""  # noqa: S608

FEES = """
    SELECT book.fees, book.vat, called.fees AS fees_called, called.vat AS vat_called
    FROM (
        SELECT COALESCE(SUM(CASE WHEN code = 'fees' THEN balance_cents END), 0) AS fees,
               COALESCE(SUM(CASE WHEN code = 'vat' THEN balance_cents END), 0) AS vat
        FROM ledger_account WHERE code IN ('fees', 'vat')
    ) book, (
        SELECT COALESCE(SUM(fee_cents), 0) AS fees, COALESCE(SUM(fee_vat_cents), 0) AS vat
        FROM call WHERE state = 'paid'
    ) called
    WHERE book.fees <> called.fees OR book.vat <> called.vat
"""

SUSPENSE = """
    WITH above AS (
        SELECT 'suspense:' || d.rail AS code,
               SUM(d.excess_cents - COALESCE(b.excess_cents, 0) - COALESCE(b.lost_cents, 0)) AS cents
        FROM deposit d LEFT JOIN charge_back b ON b.deposit_id = d.id
        WHERE d.state IN ('received', 'charged back', 'lost') GROUP BY d.rail
    ), given_back AS (
        SELECT code, SUM(cents) AS cents FROM (
            SELECT 'suspense:' || rail AS code, excess_cents AS cents FROM refund
            UNION ALL
            SELECT 'suspense:' || rail, amount_cents FROM suspense_return
            WHERE state IN ('sent', 'paid') AND NOT is_lost
        ) gone GROUP BY code
    ), codes AS (
        SELECT code FROM above UNION SELECT code FROM ledger_account WHERE code LIKE 'suspense:%'
    )
    SELECT n.code, COALESCE(a.balance_cents, 0) AS stands, COALESCE(i.cents, 0) - COALESCE(g.cents, 0) AS unmatched
    FROM codes n
    LEFT JOIN above i ON i.code = n.code
    LEFT JOIN given_back g ON g.code = n.code
    LEFT JOIN ledger_account a ON a.code = n.code
    WHERE COALESCE(a.balance_cents, 0) <> COALESCE(i.cents, 0) - COALESCE(g.cents, 0)
"""

# F3. A public body's accepted part may still come in, and a call charged back be paid again: its fee waits for that.
HELD_AFTER_THE_END = """
    SELECT c.id, c.state, a.code, a.balance_cents
    FROM campaign c JOIN pledge p ON p.campaign_id = c.id
    JOIN ledger_account a ON a.code IN (
        'held:' || p.campaign_id || ':' || p.id || ':' || p.rail,
        'held-vat:' || p.campaign_id || ':' || p.id || ':' || p.rail,
        'held-fee:' || p.campaign_id || ':' || p.id || ':' || p.rail
    )
    WHERE c.state IN ('completed', 'stopped', 'failed', 'cancelled') AND a.balance_cents <> 0
      AND NOT EXISTS (
          SELECT 1 FROM call k WHERE k.pledge_id = p.id
          AND (k.state = 'charged back'
               OR k.cause = 'acceptance' AND k.state IN ('issued', 'part paid', 'overdue', 'defaulted'))
      )
      AND NOT EXISTS (SELECT 1 FROM step s WHERE s.campaign_id = c.id AND s.at > :an_hour_ago)
"""

CHECKS = (
    Check(
        "What came in for parts is held, released, owed back or charged back: to the cent, for every pledge",
        faults(
            "campaign {campaign_id}, pledge {id} ({currency}): {came_in} came in; held {held}, released {released},"
            " owed back {refunded}, charged back {taken}",
            PARTS,
        ),
    ),
    Check(
        "What came in for fees is held, earned, owed back or charged back, for every pledge",
        faults(
            "campaign {campaign_id}, pledge {id}: {came_in} came in for fees; held {held}, earned {earned},"
            " owed back {refunded}, charged back {taken}",
            FEES_OF_PLEDGES,
        ),
    ),
    Check(
        "What was owed back is still owed, was sent, or was set off",
        faults(
            "campaign {campaign_id}, pledge {id}: {refunded} was owed back; still owed {owed}, sent {sent},"
            " set off {set_off}, paid by another means {elsewhere}",
            OWED_BACK,
        ),
    ),
    Check(
        "What was released is still owed to its maintainer or was sent",
        faults("account {code}: {released} was released; still owed {owed}, sent {sent}", OWED_TO_PAYEES),
    ),
    Check(
        "Claims are what was charged back after it had left, less what was paid or set off",
        faults(
            "campaign {campaign_id}, pledge {id}: {taken} was claimed; open {claimed}, paid {paid}, set off {set_off}",
            CLAIMED,
        ),
    ),
    Check(
        "Fees earned, and the VAT on them, are those of the paid calls",
        faults(
            "fees stand at {fees}, paid calls say {fees_called}; VAT at {vat}, they say {vat_called}", FEES
        ),
    ),
    Check(
        "What stands in suspense is what nobody has matched or given back",
        faults("account {code} stands at {stands}, receipts say {unmatched}", SUSPENSE),
    ),
    Check(
        "An ended campaign holds nothing",
        faults("campaign {id} ({state}): account {code} still holds {balance_cents}", HELD_AFTER_THE_END),
    ),
)
