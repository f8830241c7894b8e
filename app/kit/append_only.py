"""What is written once: the database itself refuses to change or delete it, on SQLite and PostgreSQL."""

# Tables whose rows are facts. The book's accounts keep a balance and are not among them.
APPEND_ONLY = (
    "ledger_entry",
    "ledger_transfer",
    "chain_link",
    "step",
    "endorsement",
    "answer",
    "part",
    "release",
    "refund",
    "charge_back",
    "acceptance",
    "service_certificate",
    "opinion",
)


def guards(dialect: str) -> list[str]:
    """The statements that put the guards in place."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON \"{table}\" "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("update", "delete")
    ]


def _postgresql() -> list[str]:
    refuse = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    rows = [
        f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
    ]
    whole = [
        f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
    ]
    return [refuse, *rows, *whole]


def lifts(dialect: str) -> list[str]:
    """The statements that take the guards away; only a migration that goes back does."""
    if dialect == "postgresql":
        return ["DROP FUNCTION IF EXISTS refuse_change() CASCADE"]
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")
    ]
