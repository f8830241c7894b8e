"""House-wide facts that stop new promises: the book does not agree with the outside, a payout is long overdue."""

import json
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Field, Session, col, select

from app.kit.rows import Row
from app.kit.rules import Refused
from app.kit.words import _

# Raised while the book does not pass its audit: new pledges and payouts stop.
BOOK = "book"


class Alarm(Row, table=True):
    """Raised by whoever finds it, cleared by whoever finds it gone. While one rings no new pledge is taken."""

    kind: str = Field(max_length=40, index=True)
    reason: str = Field(max_length=500)  # a sentence of the catalogs, in English
    facts: str = Field(default="{}", max_length=2000)
    raised_at: datetime
    cleared_at: datetime | None = None

    def why(self) -> str:
        """The reason in the language of whoever reads it now, beginning with a small letter."""
        return _(self.reason, **json.loads(self.facts))


# Asked before every promise, so they are built once.
_RINGING = select(Alarm).where(col(Alarm.cleared_at).is_(None))
_RINGING_OF = _RINGING.where(Alarm.kind == bindparam("kind"))


def ringing(db: Session, kind: str | None = None) -> list[Alarm]:
    """The alarms that ring now."""
    return list(db.exec(_RINGING_OF, params={"kind": kind}) if kind else db.exec(_RINGING))


def ring(db: Session, kind: str, reason: str, *, at: datetime, **facts: str | int) -> None:
    """Raise an alarm once; ringing already, it goes on. The reason is a sentence of the catalogs, with its facts."""
    if not ringing(db, kind):
        db.add(Alarm(kind=kind, reason=reason, facts=json.dumps(facts, ensure_ascii=False), raised_at=at))
        db.flush()


def clear(db: Session, kind: str, *, at: datetime) -> None:
    """Stop an alarm whose cause is gone."""
    for alarm in ringing(db, kind):
        alarm.cleared_at = at


def require_silence(db: Session) -> None:
    """Raise `Refused` while an alarm rings: no new promise is taken on while the old ones are in doubt."""
    alarms = ringing(db)
    if alarms:
        raise Refused(
            "New pledges are stopped for now: %(reason)s. Promises already signed stay as they are.",
            reason=alarms[0].why(),
            status=409,
        )


def require_no(db: Session, kind: str) -> None:
    """Raise `Refused` while this alarm rings: money does not leave the house while its book is in doubt."""
    alarms = ringing(db, kind)
    if alarms:
        raise Refused("Payouts are stopped for now: %(reason)s.", reason=alarms[0].why(), status=409)
