"""What each kind of thing tells, to whom: a function for each, giving a copy for everybody concerned."""

from collections.abc import Callable, Iterable

from sqlmodel import Session

from app.notices import (
    about_backing,
    about_beginnings,
    about_campaigns,
    about_comparing,
    about_means,
    about_money,
    about_votes,
    about_work,
)
from app.notices.readers import Copy
from app.people.step import Step

Tell = Callable[[Session, Step, str], Iterable[Copy]]

ABOUT: dict[str, Tell] = {
    "Organization": about_beginnings.organization,
    "Answer": about_beginnings.answer,
    "RoadmapItem": about_beginnings.roadmap_item,
    "Estimate": about_beginnings.estimate,
    "Question": about_comparing.question,
    "Reply": about_comparing.reply,
    "WorkAward": about_comparing.work_award,
    "Campaign": about_campaigns.campaign,
    "Pledge": about_campaigns.pledge,
    "MatchingGrant": about_backing.matching_grant,
    "InKindContribution": about_backing.contribution,
    "Call": about_money.call,
    "Deposit": about_money.doubt,
    "LeftOver": about_money.doubt,
    "Collection": about_means.collection,
    "BankMandate": about_means.bank_mandate,
    "PaymentMeans": about_means.payment_means,
    "Payout": about_money.payout,
    "PayeeAccount": about_money.payee_account,
    "Delivery": about_work.delivery,
    "Dispute": about_votes.dispute,
    "Motion": about_votes.motion,
    "Reserve": about_votes.reserve,
    "Shortfall": about_votes.shortfall,
    "Freeze": about_votes.freeze,
    "Milestone": about_work.milestone,
}
