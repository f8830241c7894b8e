"""Collecting calls on rails that have to be asked: who is asked, with which means, and what is tried when it fails."""

import json
from collections.abc import Collection as Several
from datetime import datetime

from sqlmodel import Session, col, select

from app.campaigns.model import Campaign, Pledge
from app.escrow import pulling
from app.escrow.calls import TAKES_MONEY
from app.escrow.model import Call
from app.escrow.model_outside import ALIVE, Collection, CollectionState, MeansStanding, PaymentMeans
from app.kit import outbox
from app.kit.states import move
from app.people.model import Organization
from app.people.step import record
from app.rails.rail import Asked, Demand, Happened, Movement, Payer, RailRefused

ASK, DROP = "ask", "drop"
FOLLOWS = {
    Happened.ON_ITS_WAY_IN: CollectionState.PROCESSING,
    Happened.ACTION_NEEDED: CollectionState.ACTION_NEEDED,
    Happened.MONEY_IN: CollectionState.PAID,
    Happened.MONEY_IN_FAILED: CollectionState.FAILED,
    Happened.CHARGED_BACK: CollectionState.TAKEN_BACK,
    Happened.LOST: CollectionState.TAKEN_BACK,
}


def to_begin(db: Session, rails: Several[str], at: datetime) -> list[int]:
    """The calls on these rails that are to be paid and that nobody is being asked for."""
    asked = select(col(Collection.call_id)).where(col(Collection.state).in_(ALIVE))
    query = (
        select(Call)
        .join(Pledge, col(Pledge.id) == col(Call.pledge_id))
        .where(
            col(Call.state).in_(TAKES_MONEY), col(Call.rail).in_(rails), col(Call.id).not_in(asked),
            pulling.may_be_asked(rails),
        )
    )  # fmt: skip
    found = db.exec(query.order_by(col(Call.id)))
    return [call.id for call in found if not pulling.waits(db, call, at) and pulling.way(db, call).is_asked]


def begin(db: Session, call: Call, *, at: datetime) -> Collection | None:
    """Ask for a call, or ask again: with the pledge's means while that may work, by transfer after that."""
    db.refresh(call, with_for_update=True)
    last = pulling.last_of(db, call)
    if call.state not in TAKES_MONEY or (last is not None and last.state in ALIVE):
        return None
    way = pulling.way(db, call)
    if not way.is_asked:
        return None
    wanted = Collection(
        call_id=call.id, rail=call.rail, means=way.means, attempt=last.attempt + 1 if last else 1,
        amount_cents=call.total_cents - call.paid_cents, payment_means_id=way.saved.id if way.saved else None,
        wanted_at=at, pull_on=pulling.day_of_pull(db, call, way, at),
    )  # fmt: skip
    db.add(wanted)
    db.flush()
    record(
        db, "ask for", wanted, by=None, at=at, campaign_id=call.campaign_id, means=way.means,
        amount=wanted.amount_cents, attempt=wanted.attempt,
    )  # fmt: skip
    if wanted.pull_on:
        record(
            db, "announce", wanted, by=None, at=at, before=wanted.state, campaign_id=call.campaign_id,
            amount=wanted.amount_cents, day=wanted.pull_on.isoformat(),
        )  # fmt: skip
    outbox.put(db, ASK, key_of(wanted), at, collection=wanted.id)
    return wanted


def key_of(wanted: Collection) -> str:
    """The key this attempt travels with."""
    return f"ask:{wanted.public_id}:{wanted.attempt}"


def demand_for(db: Session, collection_id: int, base_url: str) -> tuple[str, Demand] | None:
    """The rail and what it is told; None where nobody has to be asked any more."""
    wanted = db.get_one(Collection, collection_id)
    call = db.get_one(Call, wanted.call_id)
    if wanted.state != CollectionState.WANTED or call.state not in TAKES_MONEY:
        return None
    pledge = db.get_one(Pledge, call.pledge_id)
    saved = db.get(PaymentMeans, wanted.payment_means_id) if wanted.payment_means_id else None
    if saved is not None and saved.state != MeansStanding.ACTIVE:
        saved = None  # revoked since: its payer pays by itself
    payer = db.get_one(Organization, pledge.payer_id or pledge.organization_id)
    return wanted.rail, Demand(
        key=key_of(wanted), amount_cents=wanted.amount_cents, currency=call.currency, payer=payer_of(payer),
        means=wanted.means, reference=call.reference, due_on=wanted.pull_on or call.due_on, po_number=pledge.po_number,
        group=f"campaign-{db.get_one(Campaign, call.campaign_id).public_id}", token=saved.token if saved else "",
        back_url=f"{base_url}/calls/{call.public_id}",
    )  # fmt: skip


def payer_of(organization: Organization) -> Payer:
    """An organization as a rail is told of it."""
    return Payer(
        name_here=organization.public_id, name=organization.name, email=organization.email,
        country=organization.country, language="fr" if organization.country == "FR" else "en",
        vat_number=organization.vat_number, street=organization.street, postcode=organization.postcode,
        city=organization.city,
    )  # fmt: skip


def mark_asked(db: Session, collection_id: int, asked: Asked, *, at: datetime) -> None:
    """The rail took the demand: what the payer has to know or do."""
    wanted = _locked(db, collection_id)
    if wanted.state != CollectionState.WANTED:
        return
    wanted.outside_id, wanted.action_url = asked.outside_id, asked.action_url
    wanted.instructions = json.dumps(dict(asked.instructions), ensure_ascii=False)
    _go(db, wanted, CollectionState.ACTION_NEEDED if asked.action_url else CollectionState.ASKED, at=at)


def mark_refused(db: Session, collection_id: int, refused: RailRefused, *, at: datetime) -> None:
    """The rail said no. Where the payer can help, the next attempt is a page for it, at once."""
    wanted = _locked(db, collection_id)
    if wanted.state == CollectionState.WANTED:
        wanted.action_url = "page" if refused.action_needed else ""
        _fail(db, wanted, refused.reason, at=at)


def hear(db: Session, rail: str, movement: Movement, *, at: datetime) -> bool:
    """What the rail says of money asked for. Late news never goes back: what is paid stays paid."""
    wanted = about(db, rail, movement)
    if wanted is None:
        return False
    if movement.happened == Happened.PART_IN:
        wanted.part_cents = max(wanted.part_cents, movement.amount_cents)
        return True
    target = FOLLOWS.get(movement.happened)
    if movement.happened == Happened.WON_BACK and wanted.state == CollectionState.TAKEN_BACK:
        wanted.reason = ""
        _go(db, wanted, CollectionState.PAID, at=at)
    if target == CollectionState.TAKEN_BACK:
        if wanted.state in ALIVE:
            _go(db, wanted, CollectionState.PAID, at=at)  # both were told at once: it was paid before
        if wanted.state == CollectionState.PAID:
            wanted.reason = movement.reason[:300]
            _go(db, wanted, target, at=at)
        return True
    if target is None or wanted.state not in ALIVE or wanted.state == target:
        return target is not None
    if wanted.state == CollectionState.PROCESSING and target == CollectionState.ACTION_NEEDED:
        return True
    if target == CollectionState.FAILED:
        _fail(db, wanted, movement.reason, at=at)
    else:
        _go(db, wanted, target, at=at)
    return True


def about(db: Session, rail: str, movement: Movement) -> Collection | None:
    """The attempt the news is about: by our key, which tells an earlier attempt from the present one, or its name."""
    kind, _, rest = movement.key.partition(":")
    names = [name for name in (movement.asked_id, movement.outside_id) if name]
    is_named = (
        Collection.public_id == rest.partition(":")[0]
        if kind == ASK
        else col(Collection.outside_id).in_(names)
    )
    found = db.exec(select(Collection.id).where(Collection.rail == rail, is_named)).first()
    return _locked(db, found) if found else None


def _locked(db: Session, collection_id: int) -> Collection:
    query = select(Collection).where(Collection.id == collection_id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def _fail(db: Session, wanted: Collection, reason: str, *, at: datetime) -> None:
    wanted.reason = reason[:300]
    _go(db, wanted, CollectionState.FAILED, at=at)
    _let_go(db, wanted, at)


def _go(db: Session, wanted: Collection, state: CollectionState, *, at: datetime) -> None:
    before = wanted.state
    move(wanted, state)
    if state not in ALIVE:
        wanted.ended_at = at
    call = db.get_one(Call, wanted.call_id)
    record(
        db,
        state.value,
        wanted,
        by=None,
        at=at,
        before=before,
        campaign_id=call.campaign_id,
        reason=wanted.reason,
    )


def to_drop(db: Session) -> list[int]:
    """Attempts alive for calls that take no money any more."""
    query = (
        select(Collection.id)
        .join(Call, col(Call.id) == col(Collection.call_id))
        .where(
            col(Collection.state).in_([s for s in ALIVE if s != CollectionState.PROCESSING]),
            col(Call.state).not_in(TAKES_MONEY),
        )
    )
    return list(db.exec(query.order_by(col(Collection.id))))


def drop_all_with(db: Session, left: PaymentMeans, *, at: datetime) -> None:
    """A means is used no more: what is asked with it, and not on its way yet, is asked another way."""
    query = select(Collection.id).where(
        Collection.payment_means_id == left.id, col(Collection.state).in_(ALIVE)
    )
    for number in list(db.exec(query.order_by(col(Collection.id)))):
        drop(db, number, at=at)


def drop(db: Session, collection_id: int, *, at: datetime) -> None:
    """Ask no more: the call is void, or was paid another way."""
    wanted = _locked(db, collection_id)
    if wanted.state in ALIVE and wanted.state != CollectionState.PROCESSING:
        _go(db, wanted, CollectionState.DROPPED, at=at)
        _let_go(db, wanted, at)


def _let_go(db: Session, wanted: Collection, at: datetime) -> None:
    # On the bank's rail it may be ordered while its answer is on its way: there our own key names it.
    if wanted.outside_id or wanted.pull_on:
        outbox.put(db, DROP, f"drop:{wanted.public_id}", at, collection=wanted.id)
