"""Money out of the house: two persons, neither tied, one live payout an account, and what the outside holds."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from app.audit.check import Check, ask, faults
from app.escrow import rules as escrow
from app.kit.words import _
from app.ledger.model import Account

LIVE_TWICE = """
    SELECT account_code, COUNT(*) AS times FROM payout WHERE state NOT IN ('paid', 'settled')
    GROUP BY account_code HAVING COUNT(*) > 1
"""

ONE_HAND = """
    SELECT id, state FROM payout
    WHERE (state IN ('approved', 'sent', 'paid') AND (prepared_by_id IS NULL OR approved_by_id IS NULL
                                                      OR prepared_by_id = approved_by_id OR pinned = ''))
       OR (state = 'prepared' AND prepared_by_id IS NULL)
"""

# M4. Whoever prepares or approves belongs neither to the payee nor to a backer of the campaign on that day.
TIED = """
    SELECT a.id, a.person_id, g.organization_id FROM (
        SELECT id, campaign_id, payee_id, prepared_by_id AS person_id, prepared_at AS at FROM payout
        WHERE state IN ('prepared', 'approved', 'sent', 'paid')
        UNION ALL
        SELECT id, campaign_id, payee_id, approved_by_id, approved_at FROM payout
        WHERE state IN ('approved', 'sent', 'paid')
    ) a
    JOIN role_grant g ON g.person_id = a.person_id AND g.granted_at <= a.at
                     AND (g.ended_at IS NULL OR g.ended_at > a.at)
    JOIN organization o ON o.id = g.organization_id AND o.kind <> 'fund'
    WHERE g.organization_id = a.payee_id OR EXISTS (
        SELECT 1 FROM pledge p WHERE p.campaign_id = a.campaign_id AND p.organization_id = g.organization_id
        AND p.state IN ('signed', 'defaulted')
    )
"""

NOT_OF_THE_FUND = """
    SELECT a.id, a.person_id FROM (
        SELECT id, prepared_by_id AS person_id, prepared_at AS at FROM payout
        WHERE state IN ('prepared', 'approved', 'sent', 'paid')
        UNION ALL
        SELECT id, approved_by_id, approved_at FROM payout WHERE state IN ('approved', 'sent', 'paid')
    ) a
    WHERE NOT EXISTS (
        SELECT 1 FROM role_grant g JOIN organization o ON o.id = g.organization_id AND o.kind = 'fund'
        WHERE g.person_id = a.person_id AND g.role IN ('treasurer', 'officer')
          AND g.granted_at <= a.at AND (g.ended_at IS NULL OR g.ended_at >= a.at)
    )
"""

# A payout stands for releases and refunds of its own account, and for nobody else.
STRANGE_LINES = """
    SELECT l.id, l.payout_id, o.account_code, o.payee_id
    FROM payout_line l JOIN payout o ON o.id = l.payout_id
    LEFT JOIN "release" r ON r.id = l.release_id
    LEFT JOIN refund f ON f.id = l.refund_id
    LEFT JOIN pledge p ON p.id = f.pledge_id
    WHERE o.account_code <> CASE
        WHEN r.id IS NOT NULL THEN 'owed:' || r.payee_id || ':' || r.campaign_id || ':' || r.rail
        ELSE 'back:' || f.pledge_id || ':' || f.rail END
       OR o.payee_id <> CASE WHEN r.id IS NOT NULL THEN r.payee_id ELSE p.organization_id END
       OR o.campaign_id <> CASE WHEN r.id IS NOT NULL THEN r.campaign_id ELSE f.campaign_id END
"""

# What was sent by the book: one entry for each sending, less those that came back.
SENT = """
    SELECT o.id, o.state, o.amount_cents, b.cents FROM payout o
    LEFT JOIN (
        SELECT e.key, SUM(t.amount_cents) AS cents FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id
        WHERE e.key LIKE 'pay:%' GROUP BY e.key
    ) b ON b.key = 'pay:payout:' || o.public_id || ':' || o.attempt
    WHERE o.state IN ('sent', 'paid') AND (b.cents IS NULL OR b.cents <> o.amount_cents)
    UNION ALL
    SELECT NULL, e.key, 0, 0 FROM ledger_entry e
    WHERE e.key LIKE 'pay:%' AND NOT EXISTS (
        SELECT 1 FROM payout o
        WHERE e.key = 'pay:payout:' || o.public_id || ':' || o.attempt AND o.state IN ('sent', 'paid')
    ) AND NOT EXISTS (SELECT 1 FROM ledger_entry b WHERE b.key = 'bounce:' || SUBSTR(e.key, 5)
                      OR b.key LIKE 'bounce:' || SUBSTR(e.key, 5) || ':%')
"""

# The practice bank's journal, line by line. What the inbox or the outbox still holds is no difference yet.
MONEY_IN = """
    SELECT l.public_id, l.happened, l.amount_cents, d.state, d.amount_cents AS kept
    FROM sandbox_line l LEFT JOIN deposit d ON d.rail = 'sandbox' AND d.outside_id = l.public_id
    WHERE l.direction = 'in' AND NOT (
        d.id IS NOT NULL AND d.amount_cents = l.amount_cents AND (
            (l.happened = 'money in' AND d.state = 'received')
            OR (l.happened = 'money in failed' AND d.state = 'failed')
            OR (l.happened = 'charged back' AND d.state IN ('charged back', 'lost'))
        )
    ) AND NOT EXISTS (
        SELECT 1 FROM inbox_event e
        WHERE e.rail = 'sandbox' AND e.outside_id = l.public_id AND e.state IN ('received', 'failed')
    )
    UNION ALL
    SELECT d.outside_id, 'nothing', 0, d.state, d.amount_cents FROM deposit d
    WHERE d.rail = 'sandbox' AND NOT EXISTS (SELECT 1 FROM sandbox_line l WHERE l.public_id = d.outside_id)
"""

MONEY_OUT = """
    SELECT l.order_key, l.happened, l.amount_cents, o.state, o.amount_cents AS kept
    FROM sandbox_line l LEFT JOIN payout o ON l.order_key = 'payout:' || o.public_id || ':' || o.attempt
    WHERE l.direction = 'out' AND NOT (
        l.happened = 'bounced' OR (o.id IS NOT NULL AND o.amount_cents = l.amount_cents AND (
            (l.happened = 'on its way' AND o.state = 'sent') OR (l.happened = 'paid out' AND o.state = 'paid')
        ))
    ) AND NOT EXISTS (
        SELECT 1 FROM inbox_event e
        WHERE e.rail = 'sandbox' AND e.outside_id = l.public_id AND e.state IN ('received', 'failed')
    ) AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.key = l.order_key AND b.done_at IS NULL)
    UNION ALL
    SELECT o.public_id, 'nothing', 0, o.state, o.amount_cents FROM payout o
    WHERE o.rail = 'sandbox' AND o.state IN ('sent', 'paid') AND NOT EXISTS (
        SELECT 1 FROM sandbox_line l WHERE l.order_key = 'payout:' || o.public_id || ':' || o.attempt
    )
"""

# The sum, and what is on its way into the book: lines whose event nobody has worked off, orders nobody has noted.
JOURNAL = """
    SELECT COALESCE((SELECT balance_cents FROM ledger_account WHERE code = 'outside:sandbox'), 0) AS book,
        COALESCE(SUM(CASE WHEN l.direction = 'in' AND l.happened = 'money in' THEN l.amount_cents
                          WHEN l.direction = 'out' AND l.happened IN ('on its way', 'paid out') THEN -l.amount_cents
                          ELSE 0 END), 0) AS journal,
        COALESCE(SUM(CASE
            WHEN l.direction = 'in' AND l.happened = 'money in' AND d.id IS NULL THEN l.amount_cents
            WHEN l.direction = 'in' AND l.happened = 'charged back' AND d.state = 'received' THEN -l.amount_cents
            WHEN l.direction = 'out' AND l.happened = 'on its way' AND COALESCE(o.state, '') <> 'sent'
                THEN -l.amount_cents
            WHEN l.direction = 'out' AND l.happened = 'paid out' AND COALESCE(o.state, '') NOT IN ('sent', 'paid')
                THEN -l.amount_cents
            WHEN l.direction = 'out' AND l.happened = 'bounced' AND o.state = 'sent' THEN l.amount_cents
            ELSE 0 END), 0) AS on_its_way
    FROM sandbox_line l
    LEFT JOIN deposit d ON d.rail = 'sandbox' AND d.outside_id = l.public_id
    LEFT JOIN payout o ON l.order_key = 'payout:' || o.public_id || ':' || o.attempt
"""


def differing_sums(db: Session, at: datetime) -> Iterator[str]:
    """The practice bank's balance against the book's, once what is on its way is counted."""
    for row in ask(db, JOURNAL, at):
        if row.book + row.on_its_way != row.journal:
            yield _(
                "the book says {book}, {on_its_way} is on its way in, the bank's journal says {journal}"
            ).format(**row._mapping)


def uncovered_rails(db: Session, _at: datetime) -> Iterator[str]:
    """Rails that hold less than is owed there."""
    codes = db.exec(
        select(Account.code).where(col(Account.code).startswith("outside:")).order_by(Account.code)
    )
    for code in codes:
        rail = code.partition(":")[2]
        margin = escrow.coverage(db, rail).margin_cents
        if margin < 0:
            yield _("{rail} is {margin} below zero: payouts stopped").format(rail=rail, margin=margin)


CHECKS = (
    Check(
        "No account has two payouts alive",
        faults("account {account_code} has {times}", LIVE_TWICE),
    ),
    Check(
        "Every payout was prepared by one person and approved by another",
        faults("payout {id} ({state})", ONE_HAND),
    ),
    Check(
        "Nobody prepared or approved a payout for an organization they belong to, or one it backs",
        faults("payout {id}: person {person_id} belongs to organization {organization_id}", TIED),
    ),
    Check(
        "Payouts are prepared and approved by the fund's treasurers and officers only",
        faults("payout {id}: person {person_id} was neither", NOT_OF_THE_FUND),
    ),
    Check(
        "Every line of a payout is money of its own account and payee",
        faults(
            "line {id} of payout {payout_id} is not of {account_code} for organization {payee_id}",
            STRANGE_LINES,
        ),
    ),
    Check(
        "Every payout that was sent is booked once, with its amount, and nothing else is",
        faults("payout {id} ({state}) of {amount_cents}, the book says {cents}", SENT),
    ),
    Check(
        "Every receipt is in the bank's journal, and the other way round",
        faults("{public_id}: the bank says {happened} {amount_cents}, we say {state} {kept}", MONEY_IN),
    ),
    Check(
        "Every payout is in the bank's journal, and the other way round",
        faults("{order_key}: the bank says {happened} {amount_cents}, we say {state} {kept}", MONEY_OUT),
    ),
    Check("What the bank holds is what the book says it holds", differing_sums),
    Check("Every rail holds what is owed on it", uncovered_rails, is_warning=True),
)
