"""What is written once: the database itself refuses to change or delete it, on SQLite and PostgreSQL."""

from collections.abc import Sequence

# Tables whose rows are facts. The book's accounts keep a balance and are not among them.
APPEND_ONLY = (
    "ledger_entry",
    "ledger_transfer",
    "chain_link",
    "step",
    "endorsement",
    "answer",
    "round_rules",
    "public_money",
    "time_sheet_line",
    "part",
    "release",
    "refund",
    "charge_back",
    "rail_line",
    "acceptance",
    "service_certificate",
    "bank_file",
    "bank_statement",
    "bank_line",
    "comparison",
    "explanation",
    "opinion",
    "question",
    "reply",
    "score",
    "work_award",
    "evidence_check",
    "statement",
    "reading",
    "voice",
    "dropped_part",
    "take_over",
    "shortcoming",
    "extension",
    "yearly_commitment",
    "vat_check",
    "amendment",
    "amendment_piece",
    "divided_part",
)


def guards(dialect: str, tables: Sequence[str] = APPEND_ONLY) -> list[str]:
    """The statements that put the guards in place. A migration names its own tables: this list will grow."""
    return _postgresql(tables) if dialect == "postgresql" else _sqlite(tables)


def _sqlite(tables: Sequence[str]) -> list[str]:
    return [
        f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in tables
        for verb in ("update", "delete")
    ]


def _postgresql(tables: Sequence[str]) -> list[str]:
    refuse = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    rows = [
        f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in tables
    ]
    whole = [
        f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in tables
    ]
    return [refuse, *rows, *whole]


def lifts(dialect: str, tables: Sequence[str] = APPEND_ONLY) -> list[str]:
    """The statements that take the guards away; only a migration that goes back does."""
    verbs = ("change", "truncate") if dialect == "postgresql" else ("update", "delete")
    where = ' ON "{table}"' if dialect == "postgresql" else ""
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}{where.format(table=table)}"
        for table in tables
        for verb in verbs
    ]


def names(dialect: str, tables: Sequence[str] = APPEND_ONLY) -> list[str]:
    """The guards by name, to see whether they are all there."""
    verbs = ("change", "truncate") if dialect == "postgresql" else ("update", "delete")
    return [f"{table}_no_{verb}" for table in tables for verb in verbs]
