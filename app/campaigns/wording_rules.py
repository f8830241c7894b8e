"""The rules of a round in plain sentences: the same on its page and in the text that is signed."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from app.campaigns.model import Binding, Campaign, OnDefault, RoundRules, ShareKey
from app.campaigns.round_rules import rules_of
from app.kit.words import N_, _, percent
from app.people.model import Organization
from app.people.operator import fund_of

KEY_WORDS = {
    ShareKey.FREE: N_("Free: each backer chooses its amount"),
    ShareKey.EQUAL: N_("Equal parts"),
    ShareKey.BY_SIZE: N_("By size: number of employees"),
    ShareKey.BY_USERS: N_("By number of users"),
}

BINDING_WORDS = {
    Binding.MONEY: N_("Majority of the money"),
    Binding.HEADS: N_("Majority of the backers"),
    Binding.LEAD: N_("The lead backer"),
}

DEFAULT_WORDS = {
    OnDefault.TOP_UP: N_("The others may top up"),
    OnDefault.CUT_OPTIONAL: N_("Optional milestones are cut"),
    OnDefault.VOTE: N_("The backers vote"),
    OnDefault.REFUND_ALL: N_("Everybody is refunded"),
    OnDefault.FUND: N_("The fund waits on or stops"),
}


@dataclass(frozen=True)
class RuleTerms:
    """The rules of a round with the names that belong in their sentences."""

    rules: RoundRules
    review_days: int
    operator: str
    lead: str


def rule_terms(db: Session, campaign: Campaign) -> RuleTerms:
    """The rules of this campaign, ready to be said."""
    rules = rules_of(db, campaign)
    lead = db.get_one(Organization, rules.lead_id).name if rules.lead_id else ""
    return RuleTerms(rules, campaign.review_days, fund_of(db).name, lead)


def rule_sentences(terms: RuleTerms) -> list[str]:
    """Every rule beyond the deadline, the minimum and the fee, a paragraph each, in the reader's language."""
    return [
        *_sharing(terms),
        _acceptance(terms),
        *_retention_and_cascade(terms),
        _default(terms),
    ]


def _sharing(terms: RuleTerms) -> list[str]:
    rules, said = terms.rules, []
    if rules.share_key == ShareKey.EQUAL:
        said.append(_("The cost-share key proposes the same amount to each backer. A proposal binds nobody."))
    elif rules.share_key == ShareKey.BY_SIZE:
        said.append(_("The cost-share key proposes amounts in proportion to the size of each backer, its number of "
                      "employees. A proposal binds nobody."))  # fmt: skip
    elif rules.share_key == ShareKey.BY_USERS:
        said.append(_("The cost-share key proposes amounts in proportion to the number of users of each backer. "
                      "A proposal binds nobody."))  # fmt: skip
    if rules.in_kind_most_basis_points:
        said.append(_(
            "Work may count instead of money, for at most %(rate)s of the minimum, once the maintainer has valued and "
            "agreed it. It lowers what is called in money for its milestone. Work that is not done in time counts as a "
            "call that is not paid.", rate=percent(rules.in_kind_most_basis_points),
        ))  # fmt: skip
    return said


def _acceptance(terms: RuleTerms) -> str:
    rules = terms.rules
    sentences = [_ANSWERS[rules.binding](terms)]
    if rules.binding != Binding.LEAD and rules.lead_has_veto:
        sentences.append(_("Nothing is accepted against %(lead)s, whoever else accepts it.", lead=terms.lead))
    if rules.quorum_basis_points and rules.binding != Binding.LEAD:
        quorum = percent(rules.quorum_basis_points)
        sentences.append(
            _("Before that day a decision needs answers from backers with %(share)s of its price; a vote needs as "
              "many.", share=quorum)
            if rules.binding == Binding.MONEY
            else _("Before that day a decision needs answers from %(share)s of the backers; a vote needs as many.",
                   share=quorum)
        )  # fmt: skip
    return " ".join(sentences)


def _by_money(terms: RuleTerms) -> str:
    return _(
        "Each delivery is accepted as soon as backers with more than half of its price accept it, and refused as "
        "soon as backers with half of it refuse. Whoever has not answered after %(days)s business days counts as "
        "accepting.", days=terms.review_days,
    )  # fmt: skip


def _by_heads(terms: RuleTerms) -> str:
    return _(
        "Each delivery is accepted as soon as more than half of its backers accept it, one voice each, and refused "
        "as soon as half of them refuse. Whoever has not answered after %(days)s business days counts as accepting.",
        days=terms.review_days,
    )  # fmt: skip


def _by_lead(terms: RuleTerms) -> str:
    return _(
        "%(lead)s accepts or refuses each delivery for all backers, and counts as accepting if it has not answered "
        "after %(days)s business days. If %(lead)s has not signed, the backer with the largest pledge takes its place.",
        lead=terms.lead, days=terms.review_days,
    )  # fmt: skip


_ANSWERS: dict[str, Callable[[RuleTerms], str]] = {
    Binding.MONEY: _by_money,
    Binding.HEADS: _by_heads,
    Binding.LEAD: _by_lead,
}


def _retention_and_cascade(terms: RuleTerms) -> list[str]:
    rules, said = terms.rules, []
    if rules.retention_basis_points:
        kept = _(
            "%(rate)s of each accepted part is kept back until the result is in a release of the software.",
            rate=percent(rules.retention_basis_points),
        )  # fmt: skip
        ends = _("If no release has it a year after acceptance, what is kept back goes back to the backers.")
        said.append(f"{kept} {ends}")
    if rules.is_cascade:
        said.append(_("The next tranche is called only once the milestones of the last one are accepted."))
    return said


def _default(terms: RuleTerms) -> str:
    return _DEFAULTS[terms.rules.on_default](terms)


def _fund_decides(terms: RuleTerms) -> str:
    return _(
        "If a backer does not pay its call in time, %(operator)s either gives it more days or stops the campaign, "
        "with a reason everyone can read. When a campaign is stopped, each backer gets back exactly what is still "
        "held of its own money.", operator=terms.operator,
    )  # fmt: skip


def _top_up(terms: RuleTerms) -> str:
    return _(
        "If a backer does not pay its call in time, what the others pledged above their parts is used first; what "
        "is then missing is offered to them in proportion to their parts, to be taken over within %(days)s days. "
        "Nobody has to. If it is not filled, the campaign is stopped and each backer gets back exactly what is still "
        "held of its own money.", days=terms.rules.default_days,
    )  # fmt: skip


def _cut_optional(terms: RuleTerms) -> str:
    return _(
        "If a backer does not pay its call in time, what the others pledged above their parts is used first; then "
        "optional milestones are cut, the last ones first. If that is not enough %(days)s days later, the campaign is "
        "stopped and each backer gets back exactly what is still held of its own money.",
        days=terms.rules.default_days,
    )  # fmt: skip


def _vote(terms: RuleTerms) -> str:
    return _(
        "If a backer does not pay its call in time, what the others pledged above their parts is used first; then "
        "they vote within %(days)s days between a smaller scope and a full refund. Without a decision the campaign is "
        "stopped and each backer gets back exactly what is still held of its own money.",
        days=terms.rules.default_days,
    )  # fmt: skip


def _refund_all(terms: RuleTerms) -> str:
    return _(
        "If a backer has not paid its call %(days)s days after its due date, the campaign is stopped and each backer "
        "gets back exactly what is still held of its own money.", days=terms.rules.default_days,
    )  # fmt: skip


_DEFAULTS: dict[str, Callable[[RuleTerms], str]] = {
    OnDefault.FUND: _fund_decides, OnDefault.TOP_UP: _top_up, OnDefault.CUT_OPTIONAL: _cut_optional,
    OnDefault.VOTE: _vote, OnDefault.REFUND_ALL: _refund_all,
}  # fmt: skip
