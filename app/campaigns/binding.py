"""Whose word binds: what each backer's yes or no weighs, by the rule the campaign was opened with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.campaigns.model import Binding, Campaign, Part, Pledge
from app.campaigns.reading import is_live
from app.campaigns.round_rules import lead_of, rules_of
from app.kit.money import WHOLE, BasisPoints, Cents


@dataclass(frozen=True)
class Scale:
    """What each organization's word weighs, how much must be heard, and whose no stops everything."""

    weights: Mapping[int, int]
    quorum: BasisPoints = 0
    veto_of: int | None = None

    def verdict(self, yes: Collection[int], no: Collection[int], *, is_over: bool = False) -> bool | None:
        """Yes with more than half of the weight, no with half of it; None while that is open.

        Before the end a decision needs the quorum, and a yes needs the word of whoever may say no alone.
        """
        if self.veto_of in no:
            return False
        whole = sum(self.weights.values())
        for_it = sum(self.weights.get(name, 0) for name in yes)
        against = sum(self.weights.get(name, 0) for name in no)
        if not is_over and (for_it + against) * WHOLE < self.quorum * whole:
            return None
        if 2 * for_it > whole:
            heard = is_over or self.veto_of is None or self.veto_of in yes
            return True if heard else None
        return False if 2 * against >= whole else None

    def is_heard(self, answered: Collection[int]) -> bool:
        """Whether the quorum is reached."""
        heard = sum(self.weights.get(name, 0) for name in answered)
        return heard * WHOLE >= self.quorum * sum(self.weights.values())


def scale_of(db: Session, campaign: Campaign, cents: Mapping[int, Cents]) -> Scale:
    """The campaign's rule applied to these backers: `cents` is what each has at stake, by organization.

    Where the lead has nothing at stake, the money decides.
    """
    rules = rules_of(db, campaign)
    lead = lead_of(db, campaign)
    if rules.binding == Binding.LEAD and lead in cents:
        assert lead is not None
        return Scale({lead: 1})
    veto = lead if rules.lead_has_veto and lead in cents else None
    if rules.binding == Binding.HEADS:
        return Scale(dict.fromkeys(cents, 1), rules.quorum_basis_points, veto)
    return Scale(dict(cents), rules.quorum_basis_points, veto)


def stakes_of(
    db: Session, campaign: Campaign, milestone_id: int | None = None, *, without: Collection[int] = ()
) -> dict[int, Cents]:
    """What each organization pays of a milestone, or of all of the campaign, in cents; without these pledges."""
    query = (
        select(Pledge.organization_id, func.sum(Part.price_cents))
        .join(Pledge, col(Pledge.id) == col(Part.pledge_id))
        .where(col(Pledge.follows_id).is_(None))  # a match has no vote
        .where(
            Part.campaign_id == campaign.id, Part.price_cents > 0, is_live(), col(Pledge.id).not_in(list(without)),
        )
        .group_by(col(Pledge.organization_id))
    )  # fmt: skip
    if milestone_id is not None:
        query = query.where(Part.milestone_id == milestone_id)
    return {organization_id: int(cents) for organization_id, cents in db.exec(query)}
