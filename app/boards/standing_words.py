"""What one must know before anything else: not verified yet, pledges stopped, an account changed."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.kit.words import _, local_day
from app.payouts.model import PayeeAccount
from app.people.access import Actor
from app.people.alarms import ringing
from app.people.model import Kind, Organization, OrganizationState, Role

NEW_FOR = timedelta(days=3)
Notice = tuple[str, str]


def what_to_know(db: Session, actor: Actor, at: datetime) -> list[Notice]:
    """Sentences with their level, for a card of their own."""
    return _about_us(actor) + _about_pledges(db, actor) + _about_accounts(db, actor, at)


def _about_us(actor: Actor) -> list[Notice]:
    organization = actor.organization
    if organization.state == OrganizationState.APPLIED:
        return [("wait", _(
            "The fund is verifying %(name)s. Until then you can read everything and invite colleagues,"
            " but not write, pledge or quote.", name=organization.name,
        ))]  # fmt: skip
    if organization.state == OrganizationState.SUSPENDED:
        return [("bad", _(
            "The fund has suspended %(name)s: %(reason)s Nothing new can be taken on; what was promised stands.",
            name=organization.name, reason=_as_sentence(organization.decision_reason),
        ))]  # fmt: skip
    if organization.state == OrganizationState.REJECTED:
        return [("bad", _(
            "The fund has turned %(name)s down: %(reason)s",
            name=organization.name, reason=_as_sentence(organization.decision_reason),
        ))]  # fmt: skip
    return []


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _about_pledges(db: Session, actor: Actor) -> list[Notice]:
    if actor.organization.kind != Kind.CORPORATE or not actor.has(Role.BUYER, Role.APPROVER):
        return []
    return [
        (
            "wait",
            _("No new pledge is taken for now: the fund looks into an alarm. Pledges already signed stand."),
        )
        for _alarm in ringing(db)[:1]
    ]


def _about_accounts(db: Session, actor: Actor, at: datetime) -> list[Notice]:
    """Accounts changed in the last three days: who sends or receives money should have heard of it."""
    is_theirs = actor.organization.kind == Kind.MAINTAINER
    if not is_theirs and not actor.has(Role.TREASURER, Role.AUDITOR):
        return []
    query = (
        select(PayeeAccount, Organization)
        .join(Organization, col(Organization.id) == col(PayeeAccount.organization_id))
        .where(PayeeAccount.named_at > at - NEW_FOR)
        .order_by(col(PayeeAccount.id).desc())
        .limit(3)
    )
    if is_theirs:
        query = query.where(PayeeAccount.organization_id == actor.organization.id)
    return [
        ("wait", _(
            "The account %(name)s is paid on changed on %(day)s; it ends with %(ends)s.",
            name=payee.name, day=local_day(account.named_at), ends=account.account[-4:],
        ))
        for account, payee in db.exec(query)
    ]  # fmt: skip
