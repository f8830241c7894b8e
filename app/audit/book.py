"""The book by itself: what stands beside the transfers is what they say, and nothing stands below zero."""

from app.audit.check import Check, faults

UNBALANCED = """
    SELECT a.code, a.balance_cents AS kept, COALESCE(s.cents, 0) AS summed
    FROM ledger_account a
    LEFT JOIN (
        SELECT id, SUM(cents) AS cents FROM (
            SELECT t.debit_id AS id,
                   SUM(CASE WHEN a.grows_by = 'debit' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
            FROM ledger_transfer t JOIN ledger_account a ON a.id = t.debit_id GROUP BY t.debit_id
            UNION ALL
            SELECT t.credit_id, SUM(CASE WHEN a.grows_by = 'credit' THEN t.amount_cents ELSE -t.amount_cents END)
            FROM ledger_transfer t JOIN ledger_account a ON a.id = t.credit_id GROUP BY t.credit_id
        ) sides GROUP BY id
    ) s ON s.id = a.id
    WHERE a.balance_cents <> COALESCE(s.cents, 0)
"""

SHAPELESS = """
    SELECT e.id, e.key FROM ledger_entry e
    WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.entry_id = e.id)
    UNION ALL
    SELECT t.entry_id, 'transfer ' || t.id FROM ledger_transfer t
    WHERE t.amount_cents <= 0 OR t.debit_id = t.credit_id
       OR NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = t.entry_id)
"""

MIXED = """
    SELECT t.id, t.currency, d.code AS debit, d.currency AS debit_currency,
           c.code AS credit, c.currency AS credit_currency
    FROM ledger_transfer t
    JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    WHERE t.currency <> d.currency OR t.currency <> c.currency
    UNION ALL
    SELECT MIN(t.id), MIN(t.currency), 'entry ' || t.entry_id, MIN(t.currency), 'entry ' || t.entry_id, MAX(t.currency)
    FROM ledger_transfer t GROUP BY t.entry_id HAVING MIN(t.currency) <> MAX(t.currency)
"""

BELOW_ZERO = """
    SELECT code, balance_cents FROM ledger_account
    WHERE balance_cents < 0 AND NOT (may_go_below AND code LIKE 'outside:%')
"""

# Summed in the order of posting: an account that was below zero for a moment was overdrawn all the same.
ONCE_BELOW = """
    SELECT a.code, MIN(m.stood) AS lowest
    FROM (
        SELECT account_id, SUM(cents) OVER (PARTITION BY account_id ORDER BY entry_id) AS stood
        FROM (
            SELECT t.debit_id AS account_id, t.entry_id, -SUM(t.amount_cents) AS cents
            FROM ledger_transfer t GROUP BY t.debit_id, t.entry_id
            UNION ALL
            SELECT t.credit_id, t.entry_id, SUM(t.amount_cents) FROM ledger_transfer t GROUP BY t.credit_id, t.entry_id
        ) moved
    ) m
    JOIN ledger_account a ON a.id = m.account_id
    WHERE a.grows_by = 'credit' AND NOT a.may_go_below
    GROUP BY a.code HAVING MIN(m.stood) < 0
"""

CHECKS = (
    Check(
        "Every kept balance is the sum of its transfers",
        faults("account {code} keeps {kept}, its transfers say {summed}", UNBALANCED),
    ),
    Check(
        "Every entry has transfers, each a debit and a credit of the same amount",
        faults("entry {id} ({key}) has no proper transfer", SHAPELESS),
    ),
    Check(
        "Every transfer stays in one currency, and so does its entry",
        faults(
            "transfer {id} in {currency}: {debit} is in {debit_currency}, {credit} in {credit_currency}",
            MIXED,
        ),
    ),
    Check(
        "No account stands below zero that may not",
        faults("account {code} stands at {balance_cents}", BELOW_ZERO),
    ),
    Check(
        "No account was below zero at any moment of its history",
        faults("account {code} once stood at {lowest}", ONCE_BELOW),
    ),
)
