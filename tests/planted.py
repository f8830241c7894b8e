"""Faults for the audit to find: for each check, what a thief or a mistake does to the rows, and the row it has to name.

They are planted past every guard of the database, in a transaction that is thrown away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from app.kit.append_only import lifts
from app.kit.db import Database


@dataclass(frozen=True)
class Fault:
    """`check` is the beginning of the sentence that stops being true, `named` what its line has to contain."""

    check: str
    named: str
    statements: tuple[str, ...]
    bare: tuple[str, ...] = ()


def fault(check: str, named: str, *statements: str, bare: tuple[str, ...] = ()) -> Fault:
    """One fault; `bare` tables lose their unique keys first."""
    return Fault(check, named, statements, bare)


def order(number: int, key: str) -> str:
    """A debit at the bank that nobody's mandate allows."""
    return f"""INSERT INTO bank_order (id, public_id, order_key, kind, end_to_end_id, state, amount_cents, currency,
        other_name, other_account, reference, reason, ordered_at)
        SELECT {number}, 'x{number}', '{key}', 'debits', 'E{number}', 'waiting', 100, 'EUR', 'Jo', 'XX', '', '', at
        FROM step WHERE id = 1"""


FIRST_MATCH = "(SELECT MIN(id) FROM pledge WHERE follows_id IS NOT NULL)"
FIRST_PAYOUT = "(SELECT MIN(id) FROM payout WHERE state = 'paid')"

FAULTS = (
    # The book.
    fault("Every kept balance", "account fees",
          "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE code = 'fees'"),
    fault("Every entry has transfers", "entry 1 ", "DELETE FROM ledger_transfer WHERE entry_id = 1"),
    fault("Every transfer stays", "transfer 1 ", "UPDATE ledger_transfer SET currency = 'USD' WHERE id = 1"),
    fault("No account stands below zero", "account fees",
          "UPDATE ledger_account SET balance_cents = -5 WHERE code = 'fees'"),
    fault("No account stands below zero", "held:1:1:",
          """UPDATE ledger_account SET balance_cents = -5, may_go_below = '1'
          WHERE code = 'held:1:1:sandbox'"""),
    fault("No account was below zero", "suspense:sandbox",
          "UPDATE ledger_transfer SET amount_cents = 1 WHERE id = 1"),
    # The chains.
    fault("Chains have no gap", "after link 2 comes 4",
          "DELETE FROM chain_link WHERE chain = 'campaign:1' AND number = 3"),
    fault("Chains have no gap", "link 3 does not follow", """UPDATE chain_link SET digest = 'x'
          WHERE chain = 'campaign:1' AND number = 3"""),
    fault("Chains have no gap", "its kept head",
          "UPDATE chain_head SET number = number + 1 WHERE chain = 'campaign:1'"),
    fault("Chains have no gap", "links are gone", "DELETE FROM chain_link WHERE chain = 'campaign:1'"),
    fault("Every entry and every step", "entry 1 ",
          "DELETE FROM chain_link WHERE kind = 'entry' AND line_id = 1"),
    fault("Every entry and every step", "step 1 ",
          "UPDATE chain_link SET chain = 'campaign:2' WHERE kind = 'step' AND line_id = 1",
          bare=("chain_link",)),
    fault("Every link is of a line", "no step 20", "DELETE FROM step WHERE id = 20"),
    fault("Every entry is what", "entry 2 ", "UPDATE ledger_entry SET memo = 'Another' WHERE id = 2"),
    fault("Every entry is what", "entry 2 ",
          "UPDATE ledger_entry SET at = '2026-12-03 00:00:00' WHERE id = 2"),
    fault("Every entry is what", "entry 1 ",
          "UPDATE ledger_transfer SET amount_cents = amount_cents + 1 WHERE id = 1"),
    fault("Every entry is what", "entry 1 ",
          "UPDATE ledger_account SET code = 'held:1:9:sandbox' WHERE code = 'held:1:1:sandbox'"),
    fault("Every step is what", "step 20 ", "UPDATE step SET facts = '{ }' WHERE id = 20"),
    fault("Every step is what", "step 20 ", "UPDATE step SET pseudonym = 'p-nobody' WHERE id = 20"),
    # What is held.
    fault("What came in for parts", "pledge 1 ", """UPDATE deposit SET price_cents = price_cents - 1,
          excess_cents = excess_cents + 1 WHERE id = 1"""),
    fault("What came in for fees", "pledge 1:", "UPDATE deposit SET fee_cents = fee_cents + 1 WHERE id = 1"),
    fault("What was owed back", "pledge 1:", "UPDATE refund SET price_cents = price_cents + 1 WHERE id = 1"),
    fault("What was released", "account owed:",
          'UPDATE "release" SET price_cents = price_cents + 1 WHERE id = 1'),
    fault("Claims are", "pledge 2:", "UPDATE charge_back SET claim_cents = claim_cents + 1 WHERE id = 1"),
    fault("Fees earned", "fees stand", "UPDATE call SET fee_cents = fee_cents + 1 WHERE id = 1"),
    fault("No call went out without VAT", "(row 1)",
          """UPDATE part SET vat_kind = 'reverse_charge'
          WHERE id = (SELECT MIN(part_id) FROM call_line WHERE call_id = 1)"""),
    fault("What stands in suspense", "suspense:sandbox",
          "UPDATE deposit SET excess_cents = excess_cents + 1 WHERE id = 1"),
    fault("An ended campaign", "campaign 2 ", "UPDATE campaign SET state = 'stopped' WHERE id = 2"),
    # Facts and their entries.
    fault("Every receipt, release", "receive:1:",
          "UPDATE deposit SET amount_cents = amount_cents + 1 WHERE id = 1"),
    fault("Every receipt, release", "release:1:", 'DELETE FROM "release" WHERE id = 1'),
    fault("Every receipt, release", "release:1:", "DELETE FROM ledger_entry WHERE key LIKE 'release:1:%'"),
    fault("No entry touches", "campaign:9",
          "UPDATE ledger_entry SET chain = 'campaign:9' WHERE key = 'receive:1'"),
    fault("No part is released", "part 1 ", 'UPDATE "release" SET price_cents = 100000000 WHERE part_id = 1'),
    fault("Nothing was released", "release 1 ", "UPDATE delivery SET state = 'refused' WHERE id = 1"),
    fault("Nothing was released", "release 1 ", "UPDATE delivery SET share_basis_points = 5000 WHERE id = 1"),
    fault("Everything released", "release 1 ", 'UPDATE "release" SET payee_id = 4 WHERE id = 1'),
    fault("Every decided delivery", "delivery 1 ",
          "DELETE FROM acceptance WHERE delivery_id = 1 AND organization_id = 4"),
    fault("Every decided delivery", "delivery 2 ", """DELETE FROM opinion WHERE id = (
          SELECT MAX(id) FROM opinion)"""),
    fault("Every answer", "delivery 1 ", "UPDATE acceptance SET weight_cents = 1 WHERE id = 1"),
    # Promises.
    fault("The parts of every milestone", "milestone 1 ",
          "UPDATE part SET price_cents = price_cents + 1 WHERE id = 1"),
    fault("No pledge gives more", "pledge 1 ", "UPDATE pledge SET amount_cents = 1 WHERE id = 1"),
    fault("A campaign was cut", "campaign 1 ", "UPDATE campaign SET secured_at = NULL WHERE id = 1"),
    fault("A campaign was cut", "campaign 2 ", "DELETE FROM part WHERE campaign_id = 2"),
    fault("A campaign was cut", "campaign 1 ", "UPDATE campaign SET state = 'failed' WHERE id = 1"),
    fault("What a matching grant", "grant 1 ",
          "UPDATE matching_grant SET reserved_cents = reserved_cents - 1 WHERE id = 1"),
    fault("What a matching grant", "grant 1 ", "UPDATE matching_grant SET state = 'exhausted' WHERE id = 1"),
    fault("Every matching grant was written", "grant 1 ", "UPDATE matching_grant SET signed_by_id = 1"),
    fault("Every matching grant was written", "grant 1 ", "UPDATE matching_grant SET signed_hash = ''"),
    fault("Every matching grant was written", "grant 1 ",
          "UPDATE matching_grant SET signed_at = '2037-01-01 00:00:00.000000'"),
    fault("Every match follows", "match ", f"UPDATE pledge SET amount_cents = 100001 WHERE id = {FIRST_MATCH}"),
    fault("Every match follows", "match ",
          f"UPDATE pledge SET state = 'withdrawn' WHERE id = (SELECT follows_id FROM pledge WHERE id = {FIRST_MATCH})"),
    fault("No organization is matched", "grant 1 ", "UPDATE matching_grant SET most_per_organization_cents = 99999"),
    fault("No grant matches what", "campaign 3: ", "UPDATE public_money SET reference = 'EU-77'"),
    fault("Agreed work sums", "campaign 3 ", "UPDATE campaign SET in_kind_cents = in_kind_cents - 1 WHERE id = 3"),
    fault("Work counts once", "contribution 1 ", "UPDATE in_kind_contribution SET quarter_days = 3"),
    fault("Work counts once", "contribution 1 ", "UPDATE in_kind_contribution SET order_hash = ''"),
    fault("Work handed over", "contribution 1 ", "UPDATE in_kind_contribution SET state = 'handed over'"),
    fault("The rules of a campaign", "campaign 1 ", "UPDATE campaign SET review_days = 3 WHERE id = 1"),
    fault("The rules of a campaign", "campaign 2 ",
          """INSERT INTO round_rules (at, campaign_id, share_key, in_kind_most_basis_points, binding, lead_has_veto,
          quorum_basis_points, retention_basis_points, is_cascade, on_default, default_days)
          SELECT at, 2, share_key, 0, binding, lead_has_veto, 0, 0, is_cascade, on_default, 14
          FROM round_rules WHERE campaign_id = 2"""),
    fault("Signed pledges sum", "campaign 1 ",
          "UPDATE campaign SET signed_cents = signed_cents - 1 WHERE id = 1"),
    fault("Signed pledges sum", "campaign 1 ", "UPDATE pledge SET state = 'withdrawn' WHERE id = 1"),
    fault("Every pledge was signed", "pledge 1 ",
          """UPDATE role_grant SET role = 'member' WHERE role = 'buyer'
          AND organization_id = 4""", bare=("role_grant",)),
    fault("Pledge, call and receipt", "pledge 1:", "UPDATE pledge SET currency = 'USD' WHERE id = 1"),
    fault("Pledge, call and receipt", "pledge 1:", "UPDATE deposit SET currency = 'USD' WHERE id = 1"),
    fault("Every call asks", "call 1 ",
          "UPDATE call_line SET price_cents = price_cents + 1 WHERE call_id = 1"),
    fault("No part is called", "part 1 ", "UPDATE part SET price_cents = 1 WHERE id = 1"),
    fault("What is paid of a call", "call 1 ", "UPDATE call SET paid_cents = paid_cents - 1 WHERE id = 1"),
    fault("What is paid of a call", "call 1 ", "UPDATE call SET state = 'overdue' WHERE id = 1"),
    fault("Every receipt is kept", "2 times", """UPDATE deposit SET outside_id = (
          SELECT outside_id FROM deposit WHERE id = 1) WHERE id = 2""", bare=("deposit",)),
    fault("Every receipt is cut", "deposit 1 ",
          "UPDATE deposit SET amount_cents = amount_cents + 1 WHERE id = 1"),
    # Unhappy ends.
    fault("What is kept back", "are kept back", """UPDATE ledger_account SET balance_cents = 0
          WHERE code LIKE 'held:4:%'"""),
    fault("Nothing kept back", "gives what is kept back", """UPDATE "release" SET price_cents = (
          SELECT price_cents FROM part WHERE part.id = part_id) WHERE campaign_id = 4"""),
    fault("A milestone is accepted with", "is accepted with reserves", "UPDATE reserve SET state = 'lifted'"),
    fault("A milestone is accepted with", "is accepted",
          "UPDATE delivery SET state = 'accepted' WHERE state = 'accepted with reserves'"),
    fault("Every question", "question 1 is done", "UPDATE voice SET is_yes = NOT is_yes"),
    fault("Every question", "question 1 is lost", "UPDATE motion SET state = 'lost'"),
    fault("Every gap", "gap 1 is filled", "UPDATE pledge SET state = 'signed' WHERE state = 'defaulted'"),
    fault("Every gap", "gap 1 is paid", "UPDATE shortfall SET state = 'paid'",
          "UPDATE call SET state = 'issued' WHERE state = 'void'"),
    fault("Every gap", "gap 1 is stopped", "UPDATE shortfall SET state = 'stopped'"),
    fault("Every part that counts no more", "default 1", "UPDATE shortfall SET state = 'paid'"),
    fault("Every part that counts no more", "amendment 1", "UPDATE motion SET state = 'lost'"),
    fault("What an amendment divides", "became", """UPDATE part SET vat_cents = vat_cents + 1 WHERE id = (
          SELECT MIN(part_id) FROM divided_part)"""),
    fault("Every amendment", "1 milestones of 2", "DELETE FROM amendment WHERE number = 2"),
    fault("Every amendment", "question 1:", "UPDATE amendment_piece SET price_cents = price_cents + 1"),
    fault("Nothing of a frozen backer", "freeze 1:", """UPDATE "freeze" SET frozen_at = '2000-01-01 00:00:00'""",
          "UPDATE campaign SET ended_at = NULL WHERE id = 1"),
    # Out of the house.
    fault("No account has two payouts", "has 2",
          "UPDATE payout SET state = 'due', account_code = 'same' WHERE id IN (1, 2)",
          bare=("payout",)),
    fault("Every payout was prepared", "(paid)",
          f"UPDATE payout SET approved_by_id = prepared_by_id WHERE id = {FIRST_PAYOUT}"),
    fault("Nobody prepared", "organization 4", """UPDATE role_grant SET organization_id = 4
          WHERE role = 'treasurer'""", bare=("role_grant",)),
    fault("Payouts are prepared", "was neither",
          "UPDATE role_grant SET role = 'auditor' WHERE role = 'treasurer'"),
    fault("Every line of a payout", "of payout 1 ", "UPDATE payout SET payee_id = 4 WHERE id = 1"),
    fault("Every payout that was sent", "(paid)",
          f"UPDATE payout SET amount_cents = amount_cents + 1 WHERE id = {FIRST_PAYOUT}"),
    fault("Every payout that was sent", "pay:payout:",
          f"UPDATE payout SET state = 'approved' WHERE id = {FIRST_PAYOUT}"),
    fault("Every receipt is in the bank", "we say received",
          "UPDATE sandbox_line SET amount_cents = 1 WHERE id = 1"),
    fault("Every receipt is in the bank", "says nothing", "DELETE FROM sandbox_line WHERE id = 1"),
    fault("Every payout is in the bank", "payout:",
          "UPDATE sandbox_line SET amount_cents = 1 WHERE direction = 'out'"),
    fault("What the bank holds", "the book says", "DELETE FROM sandbox_line WHERE id = 1"),
    # Legs of payouts, and lines of the bank.
    fault("The legs of a payout", "its legs make",
          "UPDATE payout_leg SET amount_cents = amount_cents + 1 WHERE place = 1"),
    fault("The legs of a payout", "its legs make 0", "DELETE FROM payout_leg",
          f"UPDATE payout SET rail = 'stripe' WHERE id = {FIRST_PAYOUT}"),
    fault("No more leaves by", "can send",
          """UPDATE payout_leg SET amount_cents = (SELECT price_cents + vat_cents + 1 FROM deposit d
          WHERE d.id = deposit_id) WHERE place = 1"""),
    fault("No more leaves by", "can send 0", "UPDATE payout_leg SET rail = 'bank' WHERE place = 1"),
    fault("Every leg has a key", "is also payout:9", "UPDATE payout_leg SET key = 'payout:9' WHERE place = 1"),
    fault("Every leg has a key", "is also tr_1", "UPDATE payout_leg SET outside_id = 'tr_1'"),
    fault("Every line of the bank", "booked 0 times",
          "DELETE FROM deposit WHERE rail = 'bank'"),
    fault("Every line of the bank", "booked 1 times",
          "UPDATE deposit SET amount_cents = amount_cents + 1 WHERE rail = 'bank'"),
    fault("Every line of the bank", "booked 2 times",
          "UPDATE bank_line SET line_key = 'the same'", bare=("bank_line",)),
    fault("Opening balance and lines", "do not make",
          "DELETE FROM bank_line WHERE id = (SELECT MAX(id) FROM bank_line)"),
    fault("What is the operator's own", "own:bank stands at",
          """INSERT INTO explanation (at, rail, outside_id, amount_cents, reason, by_id)
          SELECT at, 'bank', 'x', 100, 'x', 1 FROM step WHERE id = 1"""),
    fault("Every refund paid by another means", "(confirmed)",
          """INSERT INTO paid_elsewhere (public_id, payout_id, rail, state, currency, amount_cents, means, reference,
          paid_on, reason, written_by_id, written_at, confirmed_by_id, confirmed_at)
          SELECT 'x', MIN(id), 'sandbox', 'confirmed', 'EUR', 100, 'x', 'x', '2026-12-01', 'x', 1, MIN(due_at), 1,
          MIN(due_at) FROM payout WHERE kind = 'refund'"""),
    fault("Every debit has a mandate", "debit 900001 ", order(900_001, "ask:1:1")),
    fault("No two orders", "order 900001: ask:1:1 is there 2 times", order(900_001, "ask:1:1"),
          order(900_002, "ask:1:1"), bare=("bank_order",)),
    # Acts.
    fault("Every row stands", "Call 1 is issued", "UPDATE call SET state = 'issued' WHERE id = 1"),
    fault("Every row stands", "Campaign 1 is", "DELETE FROM step WHERE thing = 'Campaign' AND thing_id = 1"),
    fault("Every step goes along", "Pledge went from signed to drafted",
          """UPDATE step SET "before" = 'signed', "after" = 'drafted'
          WHERE thing = 'Pledge' AND thing_id = 1"""),
    fault("Every step begins", "Pledge 1 was drafted", """UPDATE step SET "before" = 'refused'
          WHERE thing = 'Pledge' AND thing_id = 1 AND "before" = 'drafted'"""),
    fault("Nothing has waited", "payout:", "UPDATE outbox SET done_at = NULL WHERE topic = 'payout'"),
)  # fmt: skip


@contextmanager
def unguarded(database: Database, bare: tuple[str, ...] = ()) -> Iterator[Session]:
    """A session past every trigger and constraint; nothing of it is kept."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            driver.execute("PRAGMA ignore_check_constraints=ON")  # type: ignore[union-attr]
        try:
            with Session(connection) as db:
                for statement in _lifting(db, database, bare):
                    db.execute(text(statement))
                yield db
                db.rollback()
        finally:
            connection.invalidate()


def _lifting(db: Session, database: Database, bare: tuple[str, ...]) -> list[str]:
    if not database.is_sqlite:
        return ["SET LOCAL session_replication_role = replica", *_unconstrained(db)]
    moved = [
        statement
        for table in bare
        for statement in (
            f'CREATE TABLE bare AS SELECT * FROM "{table}"',
            f'DROP TABLE "{table}"',
            f'ALTER TABLE bare RENAME TO "{table}"',
        )
    ]
    return lifts("sqlite") + moved


def _unconstrained(db: Session) -> list[str]:
    constraints = db.execute(
        text("""
        SELECT conrelid::regclass AS relation, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u')
    """)
    )
    drops = [f'ALTER TABLE {row.relation} DROP CONSTRAINT "{row.conname}" CASCADE' for row in constraints]
    return [*drops, "DROP INDEX uq_payout_live", "DROP INDEX uq_role_grant_live"]
