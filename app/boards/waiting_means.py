"""What waits because calls are pulled: means to leave, mandates to sign and to confirm, debit files to make."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import url_for
from sqlmodel import Session, col, select

from app.boards.waiting import Waiting
from app.campaigns.means import pulls
from app.campaigns.model import Campaign, CampaignState, Pledge, PledgeState
from app.campaigns.wording import paid_by
from app.escrow import mandates, pulling, saved
from app.escrow.model_outside import MeansStanding
from app.kit.money import Money
from app.kit.words import _, day, local_day
from app.payouts import batches
from app.people.access import Actor
from app.people.model import Role

MOST = 10
# A file is made some days before its debits, so that the bank has it in time.
AHEAD = timedelta(days=5)


def to_leave(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """What my organization chose to be paid with and has not left, or leaves no longer."""
    if not actor.has(Role.BUYER, Role.FINANCE):
        return
    left = saved.left_by(db, actor.organization.id)
    today = local_day(at)
    url = url_for("escrow.means")
    for one in left:
        if mandates.is_mandate(one) and one.state == MeansStanding.ASKED:
            yield Waiting(
                _("Sign the debit mandate %(reference)s", reference=one.token),
                _("Account %(shown)s · nothing is debited before the fund has it, signed", shown=one.shown),
                url, _("Print it"),
            )  # fmt: skip
        elif one.state == MeansStanding.ACTIVE and saved.ends_soon(one, today):
            newer = pulling.saved_means(db, actor.organization.id, one.rail, one.means)
            if newer is not None and newer.id == one.id and one.expires_on:
                yield Waiting(
                    _("Leave another card"),
                    _("%(shown)s ends on %(day)s; open calls are paid by transfer after that",
                      shown=one.shown, day=day(one.expires_on, "short")),
                    url, _("Leave one"), one.expires_on,
                )  # fmt: skip
    asked = {(one.rail, one.means) for one in left if one.state == MeansStanding.ASKED}
    for pledge, campaign in _pulled(db, actor):
        way = (pledge.rail, pledge.means)
        payer_and_way = (actor.organization.id, *way)
        if way in asked or pulling.saved_means(db, *payer_and_way) or pulling.is_blocked(db, *payer_and_way):
            continue
        asked.add(way)
        yield Waiting(
            _("Leave what your calls are paid from"),
            _("%(title)s · “%(way)s” was chosen and nothing is left to take it from",
              title=campaign.title, way=paid_by(pledge)),
            url, _("Leave it"),
        )  # fmt: skip


def _pulled(db: Session, actor: Actor) -> list[tuple[Pledge, Campaign]]:
    query = (
        select(Pledge, Campaign)
        .join(Campaign, col(Campaign.id) == col(Pledge.campaign_id))
        .where(
            Pledge.means != "", Pledge.state == PledgeState.SIGNED,
            col(Campaign.state).in_([CampaignState.OPEN, CampaignState.SECURED]),
            (col(Pledge.payer_id) == actor.organization.id)
            | (col(Pledge.payer_id).is_(None) & (col(Pledge.organization_id) == actor.organization.id)),
        )
        .order_by(col(Pledge.id))
    )  # fmt: skip
    return [(pledge, campaign) for pledge, campaign in db.exec(query) if pulls(pledge)]


def mandates_to_confirm(db: Session, actor: Actor, _at: datetime) -> Iterator[Waiting]:
    """Mandates whose signed paper is awaited."""
    if not actor.has(*mandates.STAFF):
        return
    for mandate, payer in mandates.waiting(db)[:MOST]:
        yield Waiting(
            _("Confirm the mandate of %(name)s", name=payer.name),
            _(
                "%(reference)s · written down on %(day)s; once its signed paper is here",
                reference=mandate.reference, day=local_day(mandate.asked_at),
            ),
            url_for("escrow.mandate", name=mandate.public_id),
            _("Compare"),
        )  # fmt: skip


def debit_files(db: Session, actor: Actor, at: datetime) -> Iterator[Waiting]:
    """Debits that are announced for the next days and stand in no file."""
    if not actor.has(Role.TREASURER):
        return
    for scheme, due in batches.debits_due(db, local_day(at) + AHEAD):
        total = Money(sum(order.amount_cents for order in due), due[0].currency)
        yield Waiting(
            _("Make the debit file (%(scheme)s)", scheme=scheme),
            _("%(amount)s was announced to payers and waits for a file", amount=total),
            url_for("payouts.files"), _("Make it"), min(order.due_on for order in due if order.due_on),
        )  # fmt: skip


OF_BACKERS = (to_leave,)
OF_THE_FUND = (mandates_to_confirm, debit_files)
