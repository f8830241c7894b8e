"""What was promised, called, released and sent, against each other and against the log of acts."""

from collections import Counter
from collections.abc import Iterator

from app.kit.states import GRAPHS
from app.rails import inbox
from tests.book_matching import Matching
from tests.book_rows import CAME_IN, LEFT, Rows

LOGGED = {
    "Campaign": "campaign", "Pledge": "pledge", "Call": "call", "Deposit": "deposit", "Delivery": "delivery",
    "Dispute": "dispute", "Payout": "payout", "Motion": "motion", "Reserve": "reserve",
    "Shortfall": "shortfall", "MatchingGrant": "matching_grant", "InKindContribution": "in_kind_contribution",
}  # fmt: skip
ENDED = ("completed", "stopped", "failed", "cancelled")


class Promises(Matching):
    """What must hold of pledges, calls, parts and payouts."""

    def calls(self) -> Iterator[str]:
        """P1: a call is collected at most once and never above its amount; a pledge's calls never sum above it."""
        live: Counter[int] = Counter()
        for row in self.rows["deposit"]:
            if row.call_id and row.state == "received":
                live[row.call_id] += row.price_cents + row.vat_cents + row.fee_cents
            if (
                row.state in CAME_IN
                and min(row.price_cents, row.vat_cents, row.fee_cents, row.excess_cents) < 0
            ):
                yield f"deposit {row.id} is split below zero"
            if row.state in CAME_IN and row.amount_cents != (
                row.price_cents + row.vat_cents + row.fee_cents + row.excess_cents
            ):
                yield f"deposit {row.id} is not the sum of what it was split into"
        called: Counter[int] = Counter()
        for row in self.rows["call"]:
            called[row.pledge_id] += row.price_cents
            if row.paid_cents != live[row.id]:
                yield f"call {row.id} says {row.paid_cents} is paid, its deposits {live[row.id]}"
            if row.paid_cents > row.total_cents:
                yield f"call {row.id} took {row.paid_cents} of {row.total_cents}"
            if (row.state == "paid") != (row.paid_cents == row.total_cents):
                yield f"call {row.id} is {row.state} with {row.paid_cents} of {row.total_cents}"
        # What was called for a milestone that was cut goes back, and may be called again for another one.
        dropped = {row.part_id for row in self.rows["dropped_part"]}
        for row in self.rows["call_line"]:
            if row.part_id in dropped:
                called[self.by_id["part"][row.part_id].pledge_id] -= row.price_cents
        for row in self.rows["pledge"]:
            if called[row.id] > row.amount_cents:
                yield f"pledge {row.id} of {row.amount_cents} is called for {called[row.id]}"

    def parts(self) -> Iterator[str]:
        """M1, M2: a milestone's parts sum to its price, none is released twice, nor above what was called for it."""
        by_milestone: Counter[int] = Counter()
        by_pledge: Counter[int] = Counter()
        dropped = {row.part_id for row in self.rows["dropped_part"]}
        for row in self.rows["part"]:
            if row.id in dropped:
                continue
            by_milestone[row.milestone_id] += row.price_cents
            by_pledge[row.pledge_id] += row.price_cents
        for milestone_id, cents in by_milestone.items():
            if cents + self.work_at(milestone_id) != self.by_id["milestone"][milestone_id].price_cents:
                yield f"the parts of milestone {milestone_id} sum to {cents}"
        for row in self.rows["pledge"]:
            if by_pledge[row.id] > row.amount_cents:
                yield f"pledge {row.id} of {row.amount_cents} was cut into {by_pledge[row.id]}"
        lines = {row.part_id: row for row in self.rows["call_line"]}
        left: dict[int, list[int]] = {}
        for row in [*self.rows["release"], *self.rows["refund"]]:
            if row.part_id:
                line = lines.get(row.part_id)
                start = [line.price_cents, line.vat_cents] if line else [0, 0]
                of_part = left.setdefault(row.part_id, start)
                of_part[0] -= row.price_cents
                of_part[1] -= row.vat_cents
        yield from (
            f"part {name} gave more than was called for it" for name, of in left.items() if min(of) < 0
        )
        causes = Counter((row.part_id, row.cause) for row in self.rows["release"])
        yield from (f"part {name} was released {n} times" for (name, _), n in causes.items() if n > 1)

    def promises(self) -> Iterator[str]:
        """P2: what is signed is never above the estimate, and a campaign is secured with its threshold reached."""
        signed: Counter[int] = Counter()
        dropped = {row.part_id for row in self.rows["dropped_part"]}
        parts: Counter[int] = Counter()
        for row in self.rows["part"]:
            parts[row.pledge_id] += 0 if row.id in dropped else row.price_cents
        in_default = {row.campaign_id for row in self.rows["shortfall"] if row.contribution_id}
        for row in self.rows["pledge"]:
            if row.state == "signed":
                signed[row.campaign_id] += row.amount_cents
            if row.state == "defaulted":  # it counts for its parts alone
                in_default.add(row.campaign_id)
                signed[row.campaign_id] += parts[row.id]
        for row in self.rows["campaign"]:
            if signed[row.id] > row.total_cents:
                yield f"campaign {row.id}: {signed[row.id]} signed of {row.total_cents}"
            if (
                row.state in ("open", "secured", "stopped", "completed")
                and signed[row.id] != row.signed_cents
            ):
                yield f"campaign {row.id} counts {row.signed_cents}, its pledges say {signed[row.id]}"
            reached = row.signed_cents + row.in_kind_required_cents >= row.minimum_cents
            if row.secured_at and not reached and row.id not in in_default:
                yield f"campaign {row.id} was secured below its threshold"

    def sent(self) -> Iterator[str]:
        """M1, M3: a payout is approved by another person; each release and refund is paid by one payout."""
        for column in ("release_id", "refund_id"):
            named = Counter(getattr(row, column) for row in self.rows["payout_line"] if getattr(row, column))
            yield from (f"{column} {name} is in {n} payouts" for name, n in named.items() if n > 1)
        lines = {row.order_key: row for row in self.rows["sandbox_line"] if row.order_key}
        lines |= {row.order_key: row for row in self.rows["bank_order"]}
        for row in self.rows["payout"]:
            if row.state in ("approved", *LEFT) and row.prepared_by_id == row.approved_by_id:
                yield f"payout {row.id} was approved by who prepared it"
            if row.state not in LEFT:
                continue
            now = [leg for leg in self.legs[row.id] if leg.attempt == row.attempt and leg.state != "dropped"]
            if now:
                if sum(leg.amount_cents for leg in now) != row.amount_cents or not all(
                    leg.outside_id for leg in now
                ):
                    yield f"the legs of payout {row.id} are not its {row.amount_cents}, or did not all leave"
                continue
            line = lines.get(f"payout:{row.public_id}:{row.attempt}")
            if line is None or line.amount_cents != row.amount_cents or line.other_account != row.to_account:
                yield f"payout {row.id} of {row.amount_cents} is not what the bank was asked"


class Outside(Rows):
    """What must hold of the bank, of the log and of what has ended."""

    def outside(self) -> Iterator[str]:
        """The account of the outside is what was received and not taken back, less what was sent."""
        stands: Counter[str] = Counter()
        for row in self.rows["deposit"]:
            if row.state == "received":
                stands[f"outside:{row.rail}"] += row.amount_cents
        for row in self.rows["payout"]:
            stands[f"outside:{row.rail}"] -= self.left(row)
        for row in self.rows["rail_line"]:
            stands[f"outside:{row.rail}"] -= row.cost_cents
        for row in self.rows["suspense_return"]:
            stands[f"outside:{row.rail}"] -= row.amount_cents if row.state in LEFT else 0
        for row in self.rows["explanation"]:
            stands[f"outside:{row.rail}"] += row.amount_cents
        for code in {*stands, *(code for code in self.balance if code.startswith("outside:"))}:
            if stands[code] != self.balance[code]:
                yield f"{code} stands at {self.balance[code]}, receipts and payouts say {stands[code]}"

    def steps(self) -> Iterator[str]:
        """A1, M7: every change of state is a step, along an arrow of its graph, from where the last one ended."""
        last: dict[tuple[str, int], str] = {}
        for row in self.rows["step"]:
            if row.thing not in LOGGED:
                continue
            name = (row.thing, row.thing_id)
            graph = GRAPHS[row.thing]
            if row.before and row.before != row.after and not graph.allows(row.before, row.after):
                yield f"step {row.id}: {row.thing} went from {row.before} to {row.after}"
            if row.before and last.get(name, row.before) != row.before:
                yield f"step {row.id}: {row.thing} {row.thing_id} was {last[name]}, not {row.before}"
            last[name] = row.after
        for thing, table in LOGGED.items():
            for row in self.rows[table]:
                if last.get((thing, row.id), GRAPHS[thing].first) != row.state:
                    yield f"{thing} {row.id} is {row.state}, its last step says {last.get((thing, row.id))}"

    def bank(self) -> Iterator[str]:
        """X4: the journal of the practice bank and our rows are the same set, line by line."""
        waiting = [row for row in self.rows["inbox_event"] if row.state in ("received", "failed")]
        yield from (
            f"event {row.id} was given up: {row.trouble}" for row in waiting if row.tries >= inbox.MOST_TRIES
        )
        yield from (f"event {row.id} waits" for row in waiting if row.tries < inbox.MOST_TRIES)
        deposits = {row.outside_id: row for row in self.rows["deposit"] if row.rail == "sandbox"}
        payouts = {
            row.outside_id: row for row in self.rows["payout"]
            if row.rail == "sandbox" and row.outside_id and row.state in LEFT
        }  # fmt: skip
        stands = {"money in": "received", "money in failed": "failed", "charged back": "charged back"}
        balance = 0
        for row in self.rows["sandbox_line"]:
            if row.direction == "in":
                known = deposits.pop(row.public_id, None)
                if known is None or (known.state, known.amount_cents) != (
                    stands[row.happened],
                    row.amount_cents,
                ):
                    yield f"the bank's line {row.id} ({row.happened} {row.amount_cents}) is not ours"
                balance += row.amount_cents if row.happened == "money in" else 0
            elif row.happened == "bounced":
                if row.public_id in payouts:
                    yield f"the bank's line {row.id} bounced, its payout does not know"
            else:
                known = payouts.pop(row.public_id, None)
                if known is None or (known.state == "paid") != (row.happened == "paid out"):
                    yield f"the bank sent line {row.id} ({row.amount_cents}, {row.happened}), no payout says so"
                balance -= row.amount_cents
        yield from (f"deposit {row.id} is not in the bank's journal" for row in deposits.values())
        yield from (f"payout {row.id} is not in the bank's journal" for row in payouts.values())
        if balance != self.balance["outside:sandbox"]:
            yield f"the bank holds {balance}, the book says {self.balance['outside:sandbox']}"

    def ended(self) -> Iterator[str]:
        """F3: a campaign that ended holds nothing, a public body's accepted part and an open claim's fee apart."""
        open_calls = {
            row.pledge_id for row in self.rows["call"]
            if (row.cause == "acceptance" and row.state not in ("paid", "void"))
            or row.state == "charged back"
        }  # fmt: skip
        for row in self.rows["pledge"]:
            campaign = self.by_id["campaign"][row.campaign_id]
            held = sum(self.held(row, kind) for kind in ("held", "held-vat", "held-fee"))
            if campaign.state in ENDED and held and row.id not in open_calls:
                yield f"campaign {campaign.id} is {campaign.state}, pledge {row.id} still holds {held}"
