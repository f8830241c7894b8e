"""What was promised from grants and in work, counted by a second hand."""

from collections import Counter
from collections.abc import Iterator

from tests.book_rows import Rows


class Matching(Rows):
    """What must hold of matches and of work that counts instead of money."""

    def matches(self) -> Iterator[str]:
        """G1: a grant never promises above what is there; a match stands only with its pledge, and within its rule."""
        reserved: Counter[int] = Counter()
        dropped = {row.part_id for row in self.rows["dropped_part"]}
        per_organization: Counter[tuple[int, int]] = Counter()
        for row in self.rows["pledge"]:
            if row.follows_id is None:
                continue
            grant, followed = self.by_id["matching_grant"][row.grant_id], self.by_id["pledge"][row.follows_id]
            if row.amount_cents * 10_000 > followed.amount_cents * grant.factor_basis_points:
                yield f"match {row.id} is above its factor"
            if row.amount_cents > (grant.most_per_pledge_cents or row.amount_cents):
                yield f"match {row.id} is above the most of one pledge"
            if row.state == "defaulted":  # it counts for the parts of it that stand
                reserved[grant.id] += sum(
                    part.price_cents
                    for part in self.rows["part"]
                    if part.pledge_id == row.id and part.id not in dropped
                )
            if row.state != "signed":
                continue
            if followed.state != "signed":
                yield f"match {row.id} stands, its pledge is {followed.state}"
            reserved[grant.id] += row.amount_cents
            per_organization[grant.id, followed.organization_id] += row.amount_cents
        for grant in self.rows["matching_grant"]:
            if grant.reserved_cents != reserved[grant.id] or reserved[grant.id] > grant.total_cents:
                yield f"grant {grant.id} says {grant.reserved_cents}, its matches {reserved[grant.id]}"
        for (grant_id, organization_id), cents in per_organization.items():
            if cents > (self.by_id["matching_grant"][grant_id].most_per_organization_cents or cents):
                yield f"grant {grant_id} promised {cents} to organization {organization_id}"

    def work(self) -> Iterator[str]:
        """G2: agreed work is what its campaign counts, and with the money never above the estimate."""
        counted: Counter[int] = Counter()
        for row in self.rows["in_kind_contribution"]:
            counted[row.campaign_id] += row.value_cents if row.does_count else 0
            if (
                row.value_cents > row.ceiling_cents
                or row.value_cents * 4 > row.quarter_days * row.day_rate_cents
            ):
                yield f"contribution {row.id} counts {row.value_cents}, more than was offered"
        for row in self.rows["campaign"]:
            if counted[row.id] != row.in_kind_cents:
                yield f"campaign {row.id} counts {row.in_kind_cents} in work, its contributions {counted[row.id]}"
            if row.signed_cents + row.in_kind_cents > row.total_cents:
                yield f"campaign {row.id} took more than its estimate"

    def work_at(self, milestone_id: int) -> int:
        """How much of a milestone is paid by work."""
        return sum(
            row.value_cents
            for row in self.rows["in_kind_contribution"]
            if row.milestone_id == milestone_id and row.does_count
        )
