"""Which pledges were treated alike, so that no sum on the public money page tells one of them.

Pledges with the same key have the same share of a figure, to the rounding of a cent. Three organizations behind each
key hide each other (see campaigns/disclosure.py); where a key has fewer, that figure is not shown by itself.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from app.campaigns.disclosure import hides_in_groups
from app.campaigns.model import Campaign, Part, Pledge
from app.escrow.model import Call, CallLine, CallState, ChargeBack, Deposit, Refund, Release

# How much may be told: nothing; what was called; what was received of it; what became of it.
NOTHING, CALLED, RECEIVED, EVERYTHING = 0, 1, 2, 3


@dataclass
class Treated:
    """What was done with one pledge, as far as it decides its share of each figure."""

    called: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    became: list[str] = field(default_factory=list)

    def key(self, level: int) -> str:
        """Two pledges with the same key have the same share of every figure up to this level."""
        facts = [sorted(self.called), sorted(self.received), sorted(self.became)]
        return json.dumps(facts[:level])


def level_told(db: Session, campaign: Campaign, pledges: Collection[Pledge], alone: Collection[int]) -> int:
    """Up to which level everyone may read the sums of this campaign. `alone`: pledges whose amount is public."""
    covered = [pledge for pledge in pledges if pledge.id not in alone]
    if not covered:
        return EVERYTHING
    treated = treatments(db, campaign)
    level = NOTHING
    for wanted in (CALLED, RECEIVED, EVERYTHING):
        groups = [
            ((pledge.is_after_acceptance, treated[pledge.id].key(wanted)), pledge.discloses_id)
            for pledge in covered
        ]
        if not hides_in_groups(groups):
            break
        level = wanted
    return level


def treatments(db: Session, campaign: Campaign) -> dict[int, Treated]:
    """How each pledge of a campaign was treated so far."""
    found: dict[int, Treated] = defaultdict(Treated)
    parts = {part.id: part for part in db.exec(select(Part).where(Part.campaign_id == campaign.id))}
    calls = list(db.exec(select(Call).where(Call.campaign_id == campaign.id)))
    for call, line in db.exec(
        select(Call, CallLine)
        .join(CallLine, col(CallLine.call_id) == col(Call.id))
        .where(Call.campaign_id == campaign.id, Call.state != CallState.VOID)
    ):
        part = parts[line.part_id]
        rates = f"{part.vat_kind} {part.vat_rate_basis_points} {call.fee_vat_cents > 0}"
        found[call.pledge_id].called.append(f"{part.milestone_id} {rates}")
    for call in calls:
        found[call.pledge_id].received.append(f"{call.tranche_number} {_how_far(call)}")
    for release in db.exec(select(Release).where(Release.campaign_id == campaign.id)):
        _note(found, parts, release)
    for refund in db.exec(select(Refund).where(Refund.campaign_id == campaign.id)):
        _note(found, parts, refund)
    _note_odd_ones(db, campaign, found)
    return found


def _how_far(call: Call) -> str:
    """Paid and unpaid calls are alike; one paid in part is like no other."""
    if call.paid_cents in (0, call.total_cents):
        return "paid" if call.paid_cents else "unpaid"
    return f"in part, call {call.id}"


def _note(found: dict[int, Treated], parts: dict[int, Part], fact: Release | Refund) -> None:
    cause = fact.cause.split(":")[0]
    if isinstance(fact, Release):
        part = parts[fact.part_id]
        found[part.pledge_id].became.append(f"released {part.milestone_id} {cause}")
    elif fact.excess_cents:
        found[fact.pledge_id].became.append(f"excess of pledge {fact.pledge_id}")
    else:
        of = parts[fact.part_id].milestone_id if fact.part_id else "all"
        found[fact.pledge_id].became.append(f"refunded {of} {cause}")


def _note_odd_ones(db: Session, campaign: Campaign, found: dict[int, Treated]) -> None:
    """Money taken back by a bank makes a pledge like no other."""
    query = (
        select(Call.pledge_id)
        .join(Deposit, col(Deposit.call_id) == col(Call.id))
        .join(ChargeBack, col(ChargeBack.deposit_id) == col(Deposit.id))
        .where(Call.campaign_id == campaign.id)
    )
    for pledge_id in db.exec(query):
        found[pledge_id].received.append(f"charged back, pledge {pledge_id}")
