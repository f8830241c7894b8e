"""Check a campaign's chain, and a backer's own lines in it, without trusting who wrote them.

    python3 verify_chain.py chain.csv [my-lines.csv]

It needs Python 3.9 or later and nothing else: no network, no account. It exits with 1 if anything does not fit.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

GENESIS = "0" * 64
OWN = ("held", "held-vat", "held-fee", "back", "claim")


def check_chain(rows: list[dict[str, str]]) -> tuple[str, dict[str, tuple[str, str]], list[str]]:
    """The heads recomputed from the first line to the last; kind and digest by number; what is wrong."""
    head = GENESIS
    digests: dict[str, tuple[str, str]] = {}
    for count, row in enumerate(rows, 1):
        if row["number"] != str(count):
            return head, digests, [f"line {count} of the chain is numbered {row['number']}"]
        head = hashlib.sha256(f"{head}\n{row['number']}\n{row['digest']}".encode()).hexdigest()
        if head != row["head"]:
            return head, digests, [f"the head after line {count} is not what its lines make"]
        digests[row["number"]] = (row["kind"], row["digest"])
    return head, digests, []


def check_lines(
    rows: list[dict[str, str]], digests: dict[str, tuple[str, str]]
) -> tuple[int, dict[str, int], list[str]]:
    """Each own line against its digest in the chain; the sums of the entries against the balances."""
    wrong: list[str] = []
    sums: dict[str, int] = {}
    balances = {row["what"]: cents_of(row["amount"]) for row in rows if row["kind"] == "balance"}
    lines = [row for row in rows if row["kind"] != "balance"]
    for row in lines:
        made = hashlib.sha256(f"{row['salt']}\n{row['content']}".encode()).hexdigest()
        if digests.get(row["number"]) != (row["kind"], made):
            wrong.append(f"line {row['number']} is not the one in the chain")
        elif row["kind"] == "entry":
            add_up(sums, json.loads(row["content"])["transfers"])
    for account in sorted(set(sums) | set(balances)):
        made_cents, said_cents = sums.get(account, 0), balances.get(account, 0)
        if made_cents != said_cents:
            wrong.append(
                f"{account}: the entries make {amount(made_cents)}, the balance says {amount(said_cents)}"
            )
    return len(lines), balances, wrong


def add_up(sums: dict[str, int], transfers: list[tuple[str, str, int, str]]) -> None:
    """Put the transfers of one entry on the sums of one's own accounts."""
    for debit, credit, cents, _currency in transfers:
        for account, sign in ((debit, -1), (credit, 1)):
            name = account.split(":")[0]
            if name in OWN:
                # A claim grows by debit, the other accounts by credit.
                sums[account] = sums.get(account, 0) + (-sign if name == "claim" else sign) * cents


def cents_of(text: str) -> int:
    """Whole cents from “12.34”."""
    plain = text.lstrip("'")
    whole, _, part = plain.lstrip("-").partition(".")
    return (-1 if plain.startswith("-") else 1) * (int(whole) * 100 + int(part or 0))


def amount(cents: int) -> str:
    """Cents as “12.34”."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def read(path: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    csv.field_size_limit(10**7)
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def main(paths: list[str]) -> int:
    """Say what fits and what does not."""
    if not 1 <= len(paths) <= 2:
        print(__doc__)
        return 2
    head, digests, wrong = check_chain(read(paths[0]))
    if not wrong:
        print(f"The chain holds: {len(digests)} lines, head {head}")
    if len(paths) == 2:
        count, balances, wrong_lines = check_lines(read(paths[1]), digests)
        wrong += wrong_lines
        if not wrong_lines:
            print(f"Your lines are in the chain: {count} of them. Your accounts:")
            for account in sorted(balances):
                print(f"  {account:40} {amount(balances[account]):>15}")
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
