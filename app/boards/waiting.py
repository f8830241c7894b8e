"""What waits for one person: one line a thing, the most pressing first."""

from dataclasses import dataclass
from datetime import date, datetime

from app.boards.saying import by_when, spelled
from app.kit.words import _, local_day, ngettext


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what, what happens if nothing is done, where, and until when (a day, or none)."""

    what: str
    consequence: str
    url: str
    verb: str
    due_on: date | None = None


def shown(things: list[Waiting], at: datetime) -> list[dict[str, str]]:
    """The list as the macro `todo` takes it."""
    today = local_day(at)
    rows = []
    for thing in things:
        when, text = by_when(thing.due_on, today)
        rows.append({
            "when": when, "text": text, "what": thing.what, "consequence": thing.consequence,
            "url": thing.url, "verb": thing.verb,
        })  # fmt: skip
    return rows


def in_a_sentence(things: list[Waiting], at: datetime) -> str:
    """How many things wait, and how many of them are late or due today."""
    if not things:
        return _("Nothing waits for you.")
    count = len(things)
    said = ngettext("One thing waits for you", "%(count)s things wait for you", count, count=spelled(count))
    today = local_day(at)
    late = sum(thing.due_on is not None and thing.due_on < today for thing in things)
    due = sum(thing.due_on == today for thing in things)
    if late:
        return ngettext("%(said)s, one of them late.", "%(said)s, %(num)s of them late.", late, said=said)
    if due:
        return ngettext("%(said)s, one of them today.", "%(said)s, %(num)s of them today.", due, said=said)
    return _("%(said)s.", said=said)
