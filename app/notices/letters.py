"""Mails as text files: `mails/<language>/<what happened>.txt`, subject first. Who adds a file has it sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.kit.words import LANGUAGES, day, local_day, money, percent, placed_moment, use_language
from app.people.step import Step

MAILS = Path(__file__).parent / "mails"
FOOT = "_foot"
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    """A mail as its reader gets it."""

    subject: str
    text: str


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates for plain text: nothing is escaped, and a fact that is missing is an error, not a gap."""
    made = Environment(  # noqa: S701  (plain text: there is no markup to escape)
        loader=FileSystemLoader(MAILS), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=False,
    )  # fmt: skip
    made.filters.update(
        money=money,
        day=lambda text: day(date.fromisoformat(text[:10])),
        moment=lambda text: placed_moment(datetime.fromisoformat(text)),
        # What ends at the first instant of a day can be done until the day before.
        last_day=lambda text: day(local_day(datetime.fromisoformat(text) - timedelta(microseconds=1))),
        percent=percent,
    )
    return made


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The names of the mails there are."""
    return frozenset(path.stem for path in (MAILS / "en").glob("[!_]*.txt"))


def letter_for(step: Step) -> str | None:
    """The mail about this act: named after the state it led to, or after the act; None where nobody is told."""
    names = [f"{step.thing}_{step.act}"]
    if step.before and step.after != step.before:
        names.insert(0, f"{step.thing}_{step.after}")
    return next((name for text in names if (name := text.replace(" ", "_")) in known()), None)


def program_url(url: object) -> dict[str, str]:
    """The same page as the desktop program opens it, as the fact the foot of a mail shows; none without a page."""
    parts = urlsplit(str(url or ""))
    return {"program_url": f"jalon://{parts.netloc}{parts.path}"} if parts.netloc else {}


def render(template: str, language: str, facts: Mapping[str, Any], zone: str | None = None) -> Letter:
    """The mail in the reader's language; raises when a fact is missing."""
    spoken = language if language in LANGUAGES else "en"
    with use_language(spoken, zone):
        said = environment().get_template(f"{spoken}/{template}.txt").render(facts)
        foot = environment().get_template(f"{spoken}/{FOOT}.txt").render(facts)
    subject, _, text = said.partition("\n")
    return Letter(" ".join(subject.split())[:LONGEST_SUBJECT], f"{text.strip()}\n\n{foot.strip()}\n")
