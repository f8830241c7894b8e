"""A calendar as a file (RFC 5545): days that any calendar program takes in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LONGEST_LINE = 75


@dataclass(frozen=True)
class Event:
    """One whole day: a name that stays the same when the file is read again, words, and where to go."""

    uid: str
    on: date
    summary: str
    description: str
    url: str


def written(name: str, events: Iterable[Event], at: datetime) -> str:
    """The file, its lines folded and ended as the standard asks."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Jalon//Calendar//EN", "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_safe(name)}",
    ]  # fmt: skip
    for event in events:
        lines += [
            "BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}", f"SUMMARY:{_safe(event.summary)}",
            *([f"DESCRIPTION:{_safe(event.description)}"] if event.description else []), f"URL:{event.url}",
            "TRANSP:TRANSPARENT", "END:VEVENT",
        ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _safe(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """No line is longer than 75 octets; what is over goes on after a space, never in the middle of a sign."""
    pieces, piece, most = [], "", LONGEST_LINE
    for sign in line:
        if len((piece + sign).encode()) > most:
            pieces.append(piece)
            piece, most = "", LONGEST_LINE - 1
        piece += sign
    return "\r\n ".join([*pieces, piece])
