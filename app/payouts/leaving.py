"""An approved order on its way out: in its legs, refused back to due, or stopped for everybody by a misused key."""

from collections.abc import Mapping
from datetime import datetime

from app.kit.db import Database
from app.kit.words import N_
from app.payouts import legs, outgoing
from app.people import alarms
from app.rails.rail import KeyMisused, Rail, RailRefused, RailSilent

MISUSED = "key misused"


def leave(
    database: Database, rails: Mapping[str, Rail], topic: str, body: dict[str, object], key: str, at: datetime
) -> None:
    """Send what the outbox asks for, and write down what the outside calls it. Raises `RailSilent`.

    A key the outside knows with other facts is a mistake of ours: nothing leaves any more before somebody looked.
    """
    if database.run(lambda db: bool(alarms.ringing(db, MISUSED))):
        raise RailSilent("a key was used with other facts: nothing leaves before somebody looked")
    asked = database.run(lambda db: outgoing.order_for(db, topic, body, key, at=at))
    if asked is None:
        return
    rail, order = asked
    try:
        outside_id = legs.send(database, rails[rail], order, at)
    except RailRefused as refused:
        reason = refused.reason
        database.run(lambda db: outgoing.refuse(db, topic, body, key, reason, at=at))
        return
    except KeyMisused:
        sentence = N_("an order was sent again with other facts")
        database.run(lambda db: alarms.ring(db, MISUSED, sentence, at=at))
        raise
    database.run(lambda db: outgoing.mark_sent(db, topic, body, key, outside_id, at=at))
