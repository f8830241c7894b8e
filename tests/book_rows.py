"""Every row of the road, read in one moment, for the check of the whole book."""

from collections import Counter, namedtuple
from functools import cache
from typing import Any

from app.kit.db import Database

TABLES = (
    "campaign", "pledge", "part", "milestone", "call", "call_line", "deposit", "release", "refund", "charge_back",
    "payout", "payout_line", "ledger_account", "ledger_transfer", "ledger_entry", "sandbox_line", "inbox_event",
    "step", "delivery", "dispute", "suspense_return", "bank_line", "bank_order", "motion", "reserve", "payout_leg",
    "rail_line", "shortfall", "dropped_part", "matching_grant", "in_kind_contribution",
    "explanation", "paid_elsewhere",
)  # fmt: skip
CAME_IN = ("received", "charged back", "lost")
LEFT = ("sent", "paid")


def read(cursor: Any, table: str) -> list[Any]:
    """A whole table, as the driver gives it."""
    cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
    shape = shape_of(table, tuple(column[0] for column in cursor.description))
    return [shape(*row) for row in cursor.fetchall()]


@cache
def shape_of(table: str, columns: tuple[str, ...]) -> Any:
    """A row of a table, by the names of its columns."""
    return namedtuple(f"row_of_{table}", columns)


class Rows:
    """Every row of the road, read in one moment."""

    def __init__(self, database: Database) -> None:
        with database.snapshot() as db:
            cursor = db.connection().connection.cursor()  # the driver's own: this is read after every act
            self.rows = {table: read(cursor, table) for table in TABLES}
        self.by_id = {table: {row.id: row for row in rows} for table, rows in self.rows.items()}
        self.balance = Counter({row.code: row.balance_cents for row in self.rows["ledger_account"]})
        self.legs: dict[int, list[Any]] = {row.id: [] for row in self.rows["payout"]}
        for leg in self.rows["payout_leg"]:
            self.legs[leg.payout_id].append(leg)
        self.pledge_of_call = {row.id: row.pledge_id for row in self.rows["call"]}

    def held(self, pledge: Any, kind: str) -> int:
        """What a pledge's account of this kind holds."""
        return self.balance[f"{kind}:{pledge.campaign_id}:{pledge.id}:{pledge.rail}"]

    def set_off(self) -> Counter[str]:
        """What left each account to pay a claim of the same backer."""
        names = {row.id: row.code for row in self.rows["ledger_account"]}
        found: Counter[str] = Counter()
        for row in self.rows["ledger_transfer"]:
            if names[row.credit_id].startswith("claim:") and names[row.debit_id].startswith("back:"):
                found[names[row.debit_id]] += row.amount_cents
        return found

    def left(self, payout: Any) -> int:
        """What left the house for a payout and did not come back, its legs one by one where it has some."""
        legs = self.legs[payout.id]
        if not legs:
            return int(payout.amount_cents) if payout.state in LEFT else 0
        is_out = payout.state in LEFT
        return sum(
            leg.amount_cents for leg in legs if leg.state == "paid" or (leg.state == "sent" and is_out)
        )
