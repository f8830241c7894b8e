"""Evidence checked where it can be: a change, tag, release or commit on a known forge is asked for by the worker."""

import hashlib
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from app.delivery.model import Delivery, EvidenceCheck
from app.forges.forge import Found, Kind, Question, Verdict, hosts_of, question, verdict
from app.kit import outbox
from app.kit.db import Database
from app.kit.fetching import Fetched, NotAllowed, Reach, Unreachable, fetch
from app.kit.outbox import Outgoing
from app.kit.settings import Settings
from app.kit.words import N_, _
from app.people.step import record

TOPIC = "evidence"
MOST_CHECKED = 8
MOST_TRIES = 4
UNREACHABLE = "unreachable"
# What forges say with a commit or a name.
NAMED = (Found.MERGED, Found.PUBLISHED, Found.DRAFT)

FOUND_WORDS = {
    Found.MERGED: (N_("Merged"), "done"),
    Found.OPEN: (N_("Not merged yet"), "waits"),
    Found.CLOSED: (N_("Closed without being merged"), "bad"),
    Found.PUBLISHED: (N_("It is there"), "done"),
    Found.DRAFT: (N_("Only a draft"), "waits"),
    Found.ABSENT: (N_("Not there"), "bad"),
    Found.UNREADABLE: (N_("The forge gave no clear answer"), "hollow"),
    UNREACHABLE: (N_("The forge did not answer"), "hollow"),
}


def ask(db: Session, delivery: Delivery, *, at: datetime) -> None:
    """Have the worker look at the first eight addresses of a delivery; those on no known forge are left alone."""
    for number, address in enumerate(delivery.evidence.splitlines()[:MOST_CHECKED], start=1):
        outbox.put(
            db, TOPIC, f"evidence:{delivery.public_id}:{number}", at, delivery=delivery.id, address=address
        )


def check(database: Database, settings: Settings, key: str, body: dict[str, Any], at: datetime) -> None:
    """Ask the forge about one address and keep its answer. Raises `Unreachable` to be asked again, a few times."""
    address, delivery_id = str(body["address"]), int(body["delivery"])
    forges = {host: Kind(kind) for kind, host in settings.forges}
    asked = question(address, forges)
    if asked is None:
        return
    answer = Fetched(0, b"")
    try:
        answer = fetch(asked.address, Reach(hosts_of(forges), inside=settings.asks_inside))
        said = verdict(asked, answer)
    except NotAllowed as refused:
        said = Verdict(Found.UNREADABLE, str(refused))
    except Unreachable:
        with database.reading() as db:
            tries = db.exec(select(Outgoing.attempts).where(Outgoing.key == key)).first() or MOST_TRIES
        if tries < MOST_TRIES:
            raise
        said = None
    database.run(lambda db: _keep(db, delivery_id, address, asked, said, answer, at))


def checks_of(db: Session, delivery: Delivery) -> dict[str, EvidenceCheck]:
    """What forges said about a delivery's addresses, by address."""
    query = select(EvidenceCheck).where(EvidenceCheck.delivery_id == delivery.id)
    return {kept.address: kept for kept in db.exec(query)}


def found_word(found: str) -> tuple[str, str]:
    """What a forge said in words, and the shape of its mark."""
    word, shape = FOUND_WORDS[found]
    return _(word), shape


def words_of(checks: dict[str, EvidenceCheck], address: str) -> str:
    """What was checked about an address, for the paper; nothing where nothing was."""
    kept = checks.get(address)
    if kept is None:
        return ""
    detail = f" ({kept.detail[:12]})" if kept.detail and kept.found in NAMED else ""
    return f"{found_word(kept.found)[0]}{detail}"


def _keep(
    db: Session, delivery_id: int, address: str, asked: Question, said: Verdict | None, answer: Fetched,
    at: datetime,
) -> None:  # fmt: skip
    delivery = db.get_one(Delivery, delivery_id)
    if address in checks_of(db, delivery):
        return
    found = said.found.value if said else UNREACHABLE
    kept = EvidenceCheck(
        delivery_id=delivery_id, address=address, about=asked.about, found=found,
        detail=said.detail if said else "", status=answer.status,
        body_hash=hashlib.sha256(answer.body).hexdigest() if answer.body else "", at=at,
    )  # fmt: skip
    db.add(kept)
    record(
        db, "check evidence", delivery, by=None, at=at, before=delivery.state, campaign_id=delivery.campaign_id,
        address=address, found=found, detail=kept.detail, hash=kept.body_hash,
    )  # fmt: skip
