"""The words a buyer signs, and how pledges and campaigns are called on screen."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from app.campaigns.means import ways
from app.campaigns.model import Campaign, CampaignState, Pledge, Publicity
from app.campaigns.wording_rules import RuleTerms, rule_sentences, rule_terms
from app.estimates.model import Estimate
from app.kit.money import Money
from app.kit.words import N_, _, money, percent
from app.people.model import Operator, Organization

PUBLICITY_WORDS = {
    Publicity.FULL: N_("Name and amount"),
    Publicity.NAME_ONLY: N_("Name only"),
    Publicity.ANONYMOUS: N_("Neither name nor amount"),
}

STATE_WORDS = {
    CampaignState.DRAFT: N_("Being prepared"),
    CampaignState.OPEN: N_("Open"),
    CampaignState.SECURED: N_("Secured"),
    CampaignState.COMPLETED: N_("Completed"),
    CampaignState.STOPPED: N_("Stopped"),
    CampaignState.FAILED: N_("Minimum missed"),
    CampaignState.CANCELLED: N_("Cancelled"),
}

RAIL_WORDS = {
    "sandbox": N_("Practice bank, no real money"),
    "bank": N_("Bank transfer"),
    "sepa": N_("Bank transfer (SEPA)"),
    "stripe": N_("Through Stripe"),
}

WAY_WORDS = {
    ("stripe", "bank transfer"): N_("Bank transfer to your own account number at Stripe"),
    ("stripe", "direct debit"): N_("Bank debit (SEPA), through Stripe"),
    ("stripe", "card"): N_("Card, through Stripe"),
    ("bank", "direct debit"): N_("Bank debit (SEPA), by a mandate you sign"),
}


def paid_by(pledge: Pledge) -> str:
    """How a pledge is paid, in words."""
    return _(WAY_WORDS.get((pledge.rail, pledge.means)) or RAIL_WORDS.get(pledge.rail, pledge.rail))


def ways_to_pay(rails: tuple[str, ...], *, by_bank_debit: bool = True) -> list[tuple[str, str]]:
    """What a buyer can choose from: each means of a rail that has several, with its limit; else the rail."""
    found: list[tuple[str, str]] = []
    for rail, means in ways(rails):
        if (rail, means.name) == ("bank", "direct debit") and not by_bank_debit:
            continue
        if (rail, means.name) not in WAY_WORDS:
            if rail not in dict(found):
                found.append((rail, _(RAIL_WORDS.get(rail, rail))))
            continue
        words = _(WAY_WORDS[rail, means.name])
        if means.largest_cents:
            words = _("%(way)s, up to %(limit)s a call", way=words, limit=money(means.largest_cents, "EUR"))
        found.append((f"{rail}|{means.name}", words))
    return found


LAPSE_WORDS = {
    "threshold missed": N_("The minimum was not reached in time."),
    "cancelled": N_("The campaign was cancelled."),
    "not signed in time": N_("It was not signed before the campaign closed."),
}


@dataclass(frozen=True)
class Terms:
    """Everything the text to be signed is made of."""

    buyer: str
    buyer_number: str
    seller: str
    operator: str
    title: str
    estimate: str
    amount: Money
    minimum: Money
    deadline: date
    zone: str
    collection_days: int
    fee_basis_points: int
    publicity: str
    po_number: str
    cost_center: str
    after_acceptance: bool
    rules: RuleTerms
    payer: str = ""
    credit: str = ""


def terms_of(db: Session, pledge: Pledge) -> Terms:
    """The facts of a pledge and of its campaign, none of which changes while the campaign is open."""
    campaign = db.get_one(Campaign, pledge.campaign_id)
    estimate = db.get_one(Estimate, campaign.estimate_id)
    buyer = db.get_one(Organization, pledge.organization_id)
    operator = db.exec(select(Operator)).one()
    return Terms(
        buyer=buyer.name,
        buyer_number=buyer.registration_number,
        seller=db.get_one(Organization, estimate.organization_id).name,
        operator=db.get_one(Organization, operator.organization_id).name,
        title=campaign.title,
        estimate=estimate.number,
        amount=Money(pledge.amount_cents, pledge.currency),
        minimum=Money(campaign.minimum_cents, campaign.currency),
        deadline=campaign.deadline_on,
        zone=campaign.zone,
        collection_days=campaign.collection_days,
        fee_basis_points=campaign.fee_basis_points,
        publicity=pledge.publicity,
        po_number=pledge.po_number,
        cost_center=pledge.cost_center,
        after_acceptance=pledge.is_after_acceptance,
        rules=rule_terms(db, campaign),
        payer=name_of(db, pledge.payer_id),
        credit=name_of(db, pledge.credit_id),
    )


def name_of(db: Session, organization_id: int | None) -> str:
    """An organization's name, or nothing where none is meant."""
    return db.get_one(Organization, organization_id).name if organization_id else ""


def promise_text(terms: Terms) -> str:
    """The whole text to be signed, in the reader's language, one paragraph a promise."""
    paragraphs = [
        _who_and_what(terms),
        _("This is a purchase, not a gift: the work is described in the estimate, invoiced by %(seller)s with the "
          "VAT the law asks for, and paid out to it only when a milestone is accepted.", seller=terms.seller),
        _("%(buyer)s declares that it needs this work, wants an invoice, will check what is delivered, and expects "
          "no tax receipt for a gift.", buyer=terms.buyer),
        _("The amount is a ceiling, excluding VAT. When the campaign is secured, each milestone is shared out "
          "between all pledges in proportion to their amounts, to the cent. The VAT on the parts and the fee below "
          "come on top."),
        _("If pledges of %(minimum)s are not signed by the end of %(deadline)s (time of %(zone)s), nobody pays: this "
          "pledge ends by itself. Until the campaign closes it can be withdrawn, with a reason.",
          minimum=terms.minimum, deadline=terms.deadline, zone=terms.zone),
        *_how_it_is_paid(terms),
        _("%(operator)s acts for both sides and sells %(buyer)s one service of its own, the fee: %(fee)s of the price "
          "of each call, plus VAT. It is earned when the call is fully paid and is not given back.",
          operator=terms.operator, buyer=terms.buyer, fee=percent(terms.fee_basis_points)),
        *rule_sentences(terms.rules),
        " ".join([*_payer(terms), _publicity(terms)]),
        *_papers(terms),
    ]  # fmt: skip
    return "\n\n".join(paragraphs)


def _who_and_what(terms: Terms) -> str:
    buyer = f"{terms.buyer} ({terms.buyer_number})" if terms.buyer_number else terms.buyer
    return _(
        "%(buyer)s promises to buy its part of “%(title)s” from %(seller)s, as estimate %(estimate)s describes it, "
        "for at most %(amount)s excluding VAT.",
        buyer=buyer, title=terms.title, seller=terms.seller, estimate=terms.estimate, amount=terms.amount,
    )  # fmt: skip


def _how_it_is_paid(terms: Terms) -> list[str]:
    if terms.after_acceptance:
        return [
            _("%(buyer)s is a public body and pays after acceptance only. Its part of a milestone is called once the "
              "milestone is accepted and %(buyer)s has certified the service, and is to be paid within %(days)s days. "
              "Until then this is a firm commitment: work starts on it.",
              buyer=terms.buyer, days=terms.collection_days),
        ]  # fmt: skip
    return [
        _("Once the campaign is secured, %(operator)s calls the money tranche by tranche, each call to be paid within "
          "%(days)s days. What is paid is held apart for %(buyer)s and released to %(seller)s milestone by "
          "milestone, when it is accepted. What is still held at the end goes back to %(buyer)s.",
          operator=terms.operator, buyer=terms.buyer, seller=terms.seller, days=terms.collection_days),
    ]  # fmt: skip


def _payer(terms: Terms) -> list[str]:
    if not terms.payer:
        return []
    return [
        _(
            "%(payer)s pays the calls for %(buyer)s; %(buyer)s answers for it.",
            payer=terms.payer,
            buyer=terms.buyer,
        )
    ]


def _publicity(terms: Terms) -> str:
    named = terms.credit or terms.buyer
    if terms.publicity == Publicity.FULL:
        return _("Everyone sees the name of %(buyer)s and the amount.", buyer=named)
    if terms.publicity == Publicity.NAME_ONLY:
        return _("Everyone sees the name of %(buyer)s, but not the amount.", buyer=named)
    return _("Others read “An organization”: neither the name of %(buyer)s nor the amount.", buyer=named)


def _papers(terms: Terms) -> list[str]:
    papers = []
    if terms.po_number:
        papers.append(_("Purchase order: %(number)s.", number=terms.po_number))
    if terms.cost_center:
        papers.append(_("Cost center: %(number)s.", number=terms.cost_center))
    return [" ".join(papers)] if papers else []
