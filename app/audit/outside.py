"""What went through the outside, piece by piece: the legs of payouts, and the lines of the bank's statements."""

from app.audit.check import Check, faults

# A payout that is cut into legs is exactly their sum; on a rail that pays in legs every payout is.
LEGS_MAKE_IT = """
    SELECT o.id, o.state, o.amount_cents, COALESCE(l.cents, 0) AS cents FROM payout o
    LEFT JOIN (
        SELECT payout_id, attempt, SUM(amount_cents) AS cents FROM payout_leg WHERE state <> 'dropped'
        GROUP BY payout_id, attempt
    ) l ON l.payout_id = o.id AND l.attempt = o.attempt
    WHERE o.state IN ('prepared', 'approved', 'sent', 'paid') AND COALESCE(l.cents, 0) <> o.amount_cents
      AND (l.cents IS NOT NULL OR o.rail = 'stripe')
"""

# No more leaves by a payment than came in by it; to a maintainer never its fee or what was above the call.
LEGS_HAVE_IT = """
    SELECT d.id, d.amount_cents AS most, SUM(l.amount_cents) AS cents
    FROM payout_leg l JOIN deposit d ON d.id = l.deposit_id
    WHERE l.state IN ('planned', 'sent', 'paid') GROUP BY d.id, d.amount_cents
    HAVING SUM(l.amount_cents) > d.amount_cents
    UNION ALL
    SELECT d.id, d.price_cents + d.vat_cents, SUM(l.amount_cents)
    FROM payout_leg l JOIN deposit d ON d.id = l.deposit_id JOIN payout o ON o.id = l.payout_id
    WHERE l.state IN ('planned', 'sent', 'paid') AND o.kind = 'maintainer'
    GROUP BY d.id, d.price_cents, d.vat_cents HAVING SUM(l.amount_cents) > d.price_cents + d.vat_cents
    UNION ALL
    SELECT d.id, 0, l.amount_cents FROM payout_leg l JOIN deposit d ON d.id = l.deposit_id WHERE l.rail <> d.rail
"""

ONE_KEY = """
    SELECT l.id, l.key AS name FROM payout_leg l JOIN payout o ON o.id = l.payout_id
    WHERE l.key <> 'payout:' || o.public_id || ':' || l.attempt || ':' || l.place
    UNION ALL
    SELECT MIN(l.id), l.key FROM payout_leg l GROUP BY l.key HAVING COUNT(*) > 1
    UNION ALL
    SELECT MIN(l.id), l.outside_id FROM payout_leg l WHERE l.outside_id <> ''
    GROUP BY l.rail, l.outside_id HAVING COUNT(*) > 1
"""

# Money a bank told of is one receipt of the same amount, once the worker has heard of it; and no receipt is untold.
LINES_BOOKED = """
    SELECT l.public_id, l.amount_cents, COUNT(d.id) AS times, COALESCE(SUM(d.amount_cents), 0) AS cents
    FROM bank_line l LEFT JOIN deposit d ON d.rail = 'bank' AND d.outside_id = l.about
    WHERE l.happened = 'money in' AND l.about = l.public_id AND NOT EXISTS (
        SELECT 1 FROM inbox_event e
        WHERE e.rail = 'bank' AND e.outside_id = l.about AND e.state IN ('received', 'failed')
    )
    GROUP BY l.public_id, l.amount_cents HAVING COUNT(d.id) <> 1 OR SUM(d.amount_cents) <> l.amount_cents
    UNION ALL
    SELECT d.outside_id, 0, 1, d.amount_cents FROM deposit d
    WHERE d.rail = 'bank' AND NOT EXISTS (SELECT 1 FROM bank_line l WHERE l.public_id = d.outside_id)
      AND NOT EXISTS (SELECT 1 FROM bank_order o WHERE o.public_id = d.outside_id)
    UNION ALL
    SELECT MIN(l.public_id), MIN(l.amount_cents), COUNT(*), 0 FROM bank_line l GROUP BY l.line_key HAVING COUNT(*) > 1
"""

# A file's lines are kept once over all files: only where none of them was known before do they make its sums again.
STATEMENTS_ADD_UP = """
    SELECT f.id, s.opening, s.closing, COALESCE(l.cents, 0) AS cents FROM bank_file f
    JOIN (
        SELECT file_id, account_id, SUM(opening_cents) AS opening, SUM(closing_cents) AS closing FROM bank_statement
        GROUP BY file_id, account_id HAVING COUNT(*) = COUNT(opening_cents) AND COUNT(*) = COUNT(closing_cents)
    ) s ON s.file_id = f.id
    LEFT JOIN (
        SELECT file_id, account_id, SUM(CASE WHEN is_credit THEN amount_cents ELSE -amount_cents END) AS cents
        FROM bank_line GROUP BY file_id, account_id
    ) l ON l.file_id = f.id AND l.account_id = s.account_id
    WHERE f.lines = f.new_lines AND s.opening + COALESCE(l.cents, 0) <> s.closing
"""

# What the operator put in, took out or paid elsewhere is what people wrote down, and nothing else.
OPERATORS_OWN = """
    WITH said AS (
        SELECT CASE WHEN amount_cents > 0 THEN 'own:' ELSE 'taken:' END || rail AS code, ABS(amount_cents) AS cents
        FROM explanation
        UNION ALL
        SELECT 'own:' || rail, amount_cents FROM paid_elsewhere WHERE state = 'confirmed'
        UNION ALL
        SELECT 'losses:' || d.rail, b.lost_cents FROM charge_back b JOIN deposit d ON d.id = b.deposit_id
        WHERE b.lost_cents > 0
        UNION ALL
        SELECT 'losses:' || r.rail, r.amount_cents FROM suspense_return r WHERE r.is_lost AND NOT EXISTS (
            SELECT 1 FROM charge_back b WHERE b.deposit_id = r.deposit_id AND b.lost_cents > 0
        )
        UNION ALL
        SELECT 'losses:' || rail, -amount_cents FROM suspense_return WHERE is_lost AND state = 'bounced'
    ), sums AS (
        SELECT code, SUM(cents) AS cents FROM said GROUP BY code
    ), codes AS (
        SELECT code FROM sums
        UNION SELECT code FROM ledger_account
        WHERE code LIKE 'own:%' OR code LIKE 'taken:%' OR code LIKE 'losses:%'
    )
    SELECT n.code, COALESCE(a.balance_cents, 0) AS stands, COALESCE(s.cents, 0) AS said FROM codes n
    LEFT JOIN sums s ON s.code = n.code LEFT JOIN ledger_account a ON a.code = n.code
    WHERE COALESCE(a.balance_cents, 0) <> COALESCE(s.cents, 0)
"""

# A refund paid by another means has two persons, its own amount, one entry, and a payout that is over.
ELSEWHERE = """
    SELECT e.id, e.state, e.amount_cents, COALESCE(b.cents, 0) AS cents FROM paid_elsewhere e
    JOIN payout o ON o.id = e.payout_id
    LEFT JOIN (
        SELECT y.key, SUM(t.amount_cents) AS cents FROM ledger_entry y JOIN ledger_transfer t ON t.entry_id = y.id
        WHERE y.key LIKE 'elsewhere:%' GROUP BY y.key
    ) b ON b.key = 'elsewhere:' || e.id
    WHERE (e.state = 'confirmed' AND (
              e.confirmed_by_id IS NULL OR e.confirmed_by_id = e.written_by_id OR COALESCE(b.cents, 0) <> e.amount_cents
              OR o.kind <> 'refund' OR o.state <> 'settled'))
       OR (e.state <> 'confirmed' AND b.cents IS NOT NULL)
    UNION ALL
    SELECT NULL, y.key, 0, 0 FROM ledger_entry y WHERE y.key LIKE 'elsewhere:%' AND NOT EXISTS (
        SELECT 1 FROM paid_elsewhere e WHERE y.key = 'elsewhere:' || e.id
    )
"""

# A debit ordered at the bank stands on a mandate that was in force when it was ordered, of the payer who is asked.
WITHOUT_MANDATE = """
    SELECT o.id, o.order_key AS name FROM bank_order o
    LEFT JOIN bank_mandate m ON m.id = o.mandate_id
    WHERE o.kind = 'debits' AND (
        m.id IS NULL OR m.confirmed_at IS NULL OR m.confirmed_at > o.ordered_at OR m.ended_at < o.ordered_at
        OR m.iban <> o.other_account OR (m.scheme = 'B2B' AND m.bank_confirmed_on IS NULL)
    )
"""

# What goes out under one key goes out once, whatever it is: an order to the bank, a debit of one attempt.
TWO_ORDERS = """
    SELECT MIN(id) AS id, order_key AS name, COUNT(*) AS times FROM bank_order GROUP BY order_key HAVING COUNT(*) > 1
    UNION ALL
    SELECT MIN(id), end_to_end_id, COUNT(*) FROM bank_order GROUP BY end_to_end_id HAVING COUNT(*) > 1
    UNION ALL
    SELECT MIN(id), key, COUNT(*) FROM errand GROUP BY rail, key HAVING COUNT(*) > 1
"""

CHECKS = (
    Check(
        "The legs of a payout make its amount",
        faults("payout {id} ({state}) of {amount_cents}, its legs make {cents}", LEGS_MAKE_IT),
    ),
    Check(
        "No more leaves by a payment than came in by it",
        faults("payment {id} can send {most}, its legs send {cents}", LEGS_HAVE_IT),
    ),
    Check(
        "Every leg has a key and a name outside of its own",
        faults("leg {id} is also {name}", ONE_KEY),
    ),
    Check(
        "Every line of the bank is booked once, with its amount",
        faults("line {public_id} of {amount_cents} is booked {times} times, with {cents}", LINES_BOOKED),
    ),
    Check(
        "Opening balance and lines of every statement make its closing balance",
        faults("file {id}: {opening} and lines of {cents} do not make {closing}", STATEMENTS_ADD_UP),
    ),
    Check(
        "What is the operator's own on a rail is what people wrote down",
        faults("account {code} stands at {stands}, what was written down makes {said}", OPERATORS_OWN),
    ),
    Check(
        "Every refund paid by another means was written down by one person, confirmed by another, and booked once",
        faults("refund {id} ({state}) of {amount_cents}, the book says {cents}", ELSEWHERE),
    ),
    Check(
        "Every debit has a mandate that was in force when it was ordered",
        faults("debit {id} ({name})", WITHOUT_MANDATE),
    ),
    Check(
        "No two orders go out under one key",
        faults("order {id}: {name} is there {times} times", TWO_ORDERS),
    ),
)
