"""What must hold between the bank's lines and orders and our rows, by a second hand."""

from collections.abc import Iterator

from tests.book_rows import LEFT, Rows

ORDER_STANDS = {"waiting": "sent", "in file": "sent", "done": "paid"}


class BankFiles(Rows):
    """Lines of the bank against receipts, orders against payouts and returns, the sum against the book."""

    def bank_files(self) -> Iterator[str]:
        """X4: the bank's lines and our rows are the same set, line by line, and their sum is the book's."""
        lines = self.rows["bank_line"]
        taken = {row.about for row in lines if row.happened == "charged back"}
        deposits = {row.outside_id: row for row in self.rows["deposit"] if row.rail == "bank"}
        balance = 0
        for row in lines:
            if row.happened != "money in" or row.about != row.public_id:
                continue
            known = deposits.pop(row.public_id, None)
            wanted = "charged back" if row.public_id in taken else "received"
            if known is None or (known.state, known.amount_cents) != (wanted, row.amount_cents):
                yield f"the bank's line {row.id} ({row.amount_cents}) is not ours"
            balance += row.amount_cents if wanted == "received" else 0
        left = {
            row.outside_id: row for table in ("payout", "suspense_return") for row in self.rows[table]
            if row.rail == "bank" and row.outside_id and row.state in LEFT
        }  # fmt: skip
        for row in self.rows["bank_order"]:
            if row.kind == "debits":
                known = deposits.pop(row.public_id, None)
                balance += row.amount_cents if known is not None and known.state == "received" else 0
                continue
            known = left.pop(row.public_id, None)
            if (known.state if known else None) != ORDER_STANDS.get(row.state):
                yield f"order {row.id} is {row.state}, what it pays says {known.state if known else None}"
            balance -= row.amount_cents if row.state in ORDER_STANDS else 0
        yield from (f"deposit {row.id} is on no statement" for row in deposits.values())
        yield from (f"payout {row.id} was never ordered" for row in left.values())
        balance += sum(row.amount_cents for row in self.rows["explanation"] if row.rail == "bank")
        if balance != self.balance["outside:bank"]:
            yield f"the bank's lines and orders say {balance}, the book {self.balance['outside:bank']}"
