"""Where every cent that came in is now: pledge by pledge, campaign by campaign, account by account."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.book_rows import CAME_IN, LEFT, Rows


class Money(Rows):
    """What must hold of the accounts."""

    def balances(self) -> Iterator[str]:
        """B1, B4, E1: a balance is the sum of its transfers, and never was below zero."""
        accounts = self.by_id["ledger_account"]
        stands: Counter[int] = Counter()
        by_entry: dict[int, Counter[int]] = defaultdict(Counter)
        for row in self.rows["ledger_transfer"]:
            if row.amount_cents <= 0 or row.debit_id == row.credit_id:
                yield f"transfer {row.id} moves nothing"
            for account_id, side in ((row.debit_id, "debit"), (row.credit_id, "credit")):
                cents = row.amount_cents if accounts[account_id].grows_by == side else -row.amount_cents
                by_entry[row.entry_id][account_id] += cents
        for entry_id in sorted(by_entry):
            for account_id, cents in by_entry[entry_id].items():
                stands[account_id] += cents
                account = accounts[account_id]
                if stands[account_id] < 0 and not account.code.startswith("outside:"):
                    yield f"{account.code} stood at {stands[account_id]} after entry {entry_id}"
        for account in accounts.values():
            if account.balance_cents != stands[account.id]:
                yield f"{account.code} keeps {account.balance_cents}, its transfers say {stands[account.id]}"
        yield from (f"entry {row.id} ({row.key}) moves nothing" for row in self.rows["ledger_entry"]
                    if row.id not in by_entry)  # fmt: skip

    def pots(self) -> Iterator[str]:
        """E2, pledge by pledge and campaign by campaign: what came in for parts is somewhere, to the cent."""
        into: Counter[int] = Counter()
        for row in self.rows["deposit"]:
            if row.call_id and row.state in CAME_IN:
                into[self.pledge_of_call[row.call_id]] += row.price_cents + row.vat_cents - row.claimed_cents
        out: Counter[int] = Counter()
        released: Counter[str] = Counter()
        for row in self.rows["release"]:
            cents = row.price_cents + row.vat_cents
            out[self.by_id["part"][row.part_id].pledge_id] += cents
            released[f"owed:{row.payee_id}:{row.campaign_id}:{row.rail}"] += cents
        owed_back: Counter[str] = Counter()
        for row in self.rows["refund"]:
            out[row.pledge_id] += row.price_cents + row.vat_cents
            owed_back[f"back:{row.pledge_id}:{row.rail}"] += (
                row.price_cents + row.vat_cents + row.fee_cents + row.excess_cents
            )
        for row in self.rows["charge_back"]:
            if call_id := self.by_id["deposit"][row.deposit_id].call_id:
                out[self.pledge_of_call[call_id]] += row.held_cents
        for row in self.rows["pledge"]:
            held = self.held(row, "held") + self.held(row, "held-vat")
            if into[row.id] != held + out[row.id]:
                yield f"pledge {row.id}: {into[row.id]} came in, {held} is held, {out[row.id]} left"
        away: Counter[str] = Counter()
        for row in self.rows["payout"]:
            away[row.account_code] += self.left(row)
        for code in {*released, *(code for code in self.balance if code.startswith("owed:"))}:
            if released[code] != self.balance[code] + away[code]:
                yield f"{code}: released {released[code]}, owed {self.balance[code]}, sent {away[code]}"
        for row in self.rows["paid_elsewhere"]:
            code = self.by_id["payout"][row.payout_id].account_code
            away[code] += row.amount_cents if row.state == "confirmed" else 0
        set_off = self.set_off()
        for code in {*owed_back, *(code for code in self.balance if code.startswith("back:"))}:
            if owed_back[code] != self.balance[code] + away[code] + set_off[code]:
                yield f"{code}: owed back {owed_back[code]}, stands {self.balance[code]}, sent {away[code]}"

    def fees_and_suspense(self) -> Iterator[str]:
        """Fees are those of paid calls; what was paid for them otherwise is held; the rest stands in suspense."""
        paid = [row for row in self.rows["call"] if row.state == "paid"]
        for code, cents in (
            ("fees", sum(c.fee_cents for c in paid)),
            ("vat", sum(c.fee_vat_cents for c in paid)),
        ):
            if self.balance[code] != cents:
                yield f"{code} stands at {self.balance[code]}, the paid calls say {cents}"
        fee: Counter[int] = Counter()
        above: Counter[str] = Counter()
        for row in self.rows["deposit"]:
            if row.state in CAME_IN:
                above[f"suspense:{row.rail}"] += row.excess_cents
                if row.call_id:
                    fee[self.pledge_of_call[row.call_id]] += row.fee_cents
        for row in self.rows["charge_back"]:
            deposit = self.by_id["deposit"][row.deposit_id]
            above[f"suspense:{deposit.rail}"] -= row.excess_cents + row.lost_cents
            if deposit.call_id:
                fee[self.pledge_of_call[deposit.call_id]] -= row.fee_cents
        for row in self.rows["refund"]:
            above[f"suspense:{row.rail}"] -= row.excess_cents
            fee[row.pledge_id] -= row.fee_cents
        for row in self.rows["suspense_return"]:
            is_gone = row.state in LEFT and not row.is_lost
            above[f"suspense:{row.rail}"] -= row.amount_cents if is_gone else 0
        for row in paid:
            fee[row.pledge_id] -= row.fee_cents + row.fee_vat_cents
        for row in self.rows["pledge"]:
            if fee[row.id] != self.held(row, "held-fee"):
                yield f"pledge {row.id}: fees say {fee[row.id]}, held are {self.held(row, 'held-fee')}"
        for code in {*above, *(code for code in self.balance if code.startswith("suspense:"))}:
            if above[code] != self.balance[code]:
                yield f"{code} stands at {self.balance[code]}, the receipts say {above[code]}"

    def claims(self) -> Iterator[str]:
        """E5: a claim is what a charge-back could not take from the backer's own held money, and nobody else's."""
        claim: Counter[int] = Counter()
        for row in self.rows["charge_back"]:
            deposit = self.by_id["deposit"][row.deposit_id]
            parts = row.held_cents + row.fee_cents + row.excess_cents + row.claim_cents + row.lost_cents
            if parts != deposit.amount_cents:
                yield f"charge-back {row.id} is not its deposit's {deposit.amount_cents}"
            if deposit.call_id:
                claim[self.pledge_of_call[deposit.call_id]] += row.claim_cents
        for row in self.rows["deposit"]:
            if row.call_id:
                claim[self.pledge_of_call[row.call_id]] -= row.claimed_cents
        set_off = self.set_off()
        for row in self.rows["pledge"]:
            stands = self.balance[f"claim:{row.id}:{row.rail}"]
            if claim[row.id] != stands + set_off[f"back:{row.id}:{row.rail}"]:
                yield f"pledge {row.id}: claims say {claim[row.id]}, the account {stands}"
