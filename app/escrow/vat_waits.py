"""Calls to another country that go out without VAT: they wait for the register's word on the backer's number.

Without that word the seller would owe the VAT itself. The fund may send such a call out with the seller's own VAT
instead: the parts it asks for are dropped, cut anew with that VAT, and called.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.campaigns import recutting, taxes
from app.campaigns import rules as campaigns
from app.campaigns.model import Part, Pledge
from app.escrow import calls
from app.escrow.model import Call, CallCause, CallState
from app.estimates.model import Estimate
from app.kit.clock import day_of
from app.kit.rules import Conflict
from app.kit.states import move
from app.people import vat_checks
from app.people.access import Actor, require_role
from app.people.interests import stand_aside
from app.people.model import Organization, Role
from app.people.model_vat import VatCheck
from app.people.step import record

# How long a call may wait before those concerned are told and the register is asked anew.
QUIET = timedelta(days=1)


def last_word(db: Session, call: Call) -> VatCheck | None:
    """The register's last word on the number of who a call is for, clear or not."""
    return vat_checks.latest(db, _buyer(db, call))


def to_send(db: Session, at: datetime) -> list[int]:
    """Calls that wait and whose number is confirmed by now."""
    return [call.id for call in _waiting(db) if vat_checks.proof(db, _buyer(db, call), at=at)]


def send(db: Session, call: Call, *, at: datetime) -> None:
    """The number is confirmed: the call goes out, and its days to pay begin."""
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    if call.state != CallState.WAITING or not vat_checks.proof(db, _buyer(db, call), at=at):
        return
    calls.send_out(db, campaign, call, at=at)


def to_ask_again(db: Session, at: datetime) -> list[int]:
    """Calls that have waited for a day since the register last said something."""
    return [call.id for call in _waiting(db) if _is_silent(db, call, at)]


def ask_again(db: Session, call: Call, *, at: datetime) -> None:
    """Have the number of a call that waits looked up once more."""
    if call.state == CallState.WAITING and _is_silent(db, call, at):
        vat_checks.ask(db, _buyer(db, call), at=at)


def to_tell(db: Session, at: datetime) -> list[int]:
    """Calls that wait though the register has answered, or failed to: nobody was told yet."""
    found = [call for call in _waiting(db) if not call.reminded]
    return [call.id for call in found if vat_checks.latest(db, _buyer(db, call)) and not _proof(db, call, at)]


def tell(db: Session, call: Call, *, at: datetime) -> None:
    """Tell the backer and the fund, once, that a call waits and why."""
    campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    last = last_word(db, call)
    if call.state != CallState.WAITING or call.reminded or last is None:
        return
    call.reminded = 1
    record(
        db, "wait for VAT", call, by=None, at=at, before=call.state, campaign_id=call.campaign_id,
        number=call.number, found=last.found,
    )  # fmt: skip


def send_with_vat(db: Session, call: Call, *, by: Actor, at: datetime) -> Call:
    """Send a call that waits with the seller's own VAT: its parts are cut anew with it. Raises `Conflict`."""
    require_role(by, Role.OFFICER)
    campaign = campaigns.lock(db, call.campaign_id)
    db.refresh(call)
    stand_aside(db, by, campaigns.parties(db, campaign), at=at)
    if call.state != CallState.WAITING:
        raise Conflict("Only a call that waits for a VAT number can be sent with VAT instead.")
    pledge = db.get_one(Pledge, call.pledge_id)
    asked = [(db.get_one(Part, line.part_id), line.price_cents) for line in calls.lines_of(db, call)]
    move(call, CallState.VOID)
    record(
        db,
        "void",
        call,
        by=by,
        at=at,
        before=CallState.WAITING,
        campaign_id=campaign.id,
        cause="sent with VAT",
    )
    recutting.drop(db, [part for part, _cents in asked], cause="sent with VAT", at=at)
    estimate = db.get_one(Estimate, campaign.estimate_id)
    seller = db.get_one(Organization, estimate.organization_id)
    sale = taxes.without_number(estimate, seller, _buyer(db, call), on=day_of(at, campaign.zone))
    cut = recutting.cut_with(db, [part for part, _cents in asked], sale, at=at)
    lines = [
        (part, price, part.vat_cents if price == part.price_cents else _in_proportion(part, price))
        for part, (_old, price) in zip(cut, asked, strict=True)
    ]
    return calls.issue(
        db, campaign, pledge, lines, key=f"{call.key}:vat", tranche=call.tranche_number, cause=CallCause(call.cause),
        with_vat=True, at=at,
    )  # fmt: skip


def _in_proportion(part: Part, price: int) -> int:
    """Half a cent upwards, as everywhere where a part is due in part."""
    return (2 * part.vat_cents * price + part.price_cents) // (2 * part.price_cents)


def _waiting(db: Session) -> list[Call]:
    return list(db.exec(select(Call).where(Call.state == CallState.WAITING).order_by(col(Call.id))))


def _buyer(db: Session, call: Call) -> Organization:
    return db.get_one(Organization, db.get_one(Pledge, call.pledge_id).organization_id)


def _proof(db: Session, call: Call, at: datetime) -> bool:
    return vat_checks.proof(db, _buyer(db, call), at=at) is not None


def _is_silent(db: Session, call: Call, at: datetime) -> bool:
    last = vat_checks.latest(db, _buyer(db, call))
    return (last.at if last else call.issued_at) < at - QUIET
