"""What may happen to software: registered once for each repository, claimed by its maintainer, found by name."""

from datetime import datetime

from sqlmodel import Session, col, select, tuple_

from app.catalogue.addresses import repository_address
from app.catalogue.forms import SoftwareForm
from app.catalogue.model import Software
from app.catalogue.spelling import key, words
from app.kit.rules import Conflict, Refused, require
from app.people.access import Actor, require_role
from app.people.model import Kind, Organization, Role
from app.people.step import record

PAGE = 50
SUGGESTED = 200


def register(db: Session, form: SoftwareForm, *, by: Actor, at: datetime) -> Software:
    """Enter a software in the catalogue; raises `Conflict` when its repository is there already."""
    require_role(by, Role.MEMBER, Role.OFFICER)
    require(key(form.name), "Please give the name in letters or digits.", field="name")
    if known := by_repository(db, form.repository_url):
        raise Conflict(
            "This repository is already registered, as “%(name)s”.", field="repository_url", name=known.name
        )
    software = Software(
        name=form.name,
        name_key=key(form.name),
        repository_url=form.repository_url,
        license=form.license,
        about=form.about,
        registered_at=at,
    )
    db.add(software)
    record(db, "register", software, by=by, at=at, name=software.name, repository=software.repository_url)
    return software


def claim(db: Session, software: Software, *, by: Actor, at: datetime) -> Software:
    """Say that one's organization maintains this software: it may then answer its needs and quote."""
    require_role(by, Role.MEMBER)
    require(
        by.organization.kind == Kind.MAINTAINER, "Only a maintainer can say that it maintains a software."
    )
    software = _locked(db, software)
    if software.maintainer_id is not None:
        raise Conflict("A maintainer has already been named for this software.")
    software.maintainer_id = by.organization.id
    record(db, "claim", software, by=by, at=at)
    return software


def end_claim(db: Session, software: Software, *, reason: str, by: Actor, at: datetime) -> Software:
    """The fund takes back who maintains a software, with a reason; another maintainer may claim it then."""
    require_role(by, Role.OFFICER)
    software = _locked(db, software)
    if software.maintainer_id is None:
        raise Conflict("No maintainer is named for this software any more.")
    maintainer_id, software.maintainer_id = software.maintainer_id, None
    record(db, "end_claim", software, by=by, at=at, maintainer=maintainer_id, reason=reason)
    return software


def _locked(db: Session, software: Software) -> Software:
    query = select(Software).where(Software.id == software.id).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).one()


def by_repository(db: Session, address: str) -> Software | None:
    """The software of this repository."""
    return db.exec(select(Software).where(Software.repository_url == address)).first()


def by_name(db: Session, name: str) -> list[Software]:
    """The software of this name, whatever its accents and capitals; two at most, for more than one is too many."""
    wanted = key(name)
    if not wanted:
        return []
    return list(db.exec(select(Software).where(Software.name_key == wanted).limit(2)))


def named(db: Session, text: str) -> Software:
    """The software meant by a name, a repository's address or a public name; raises `Refused` (field `software`)."""
    found = db.exec(select(Software).where(Software.public_id == text)).first() or _by_address(db, text)
    if found:
        return found
    same_name = by_name(db, text)
    require(
        same_name,
        "No software called “%(name)s” is registered yet. Please register it first.",
        field="software",
        name=text[:80],
    )
    require(
        len(same_name) == 1,
        "Several software are called “%(name)s”: please write the address of the repository instead.",
        field="software",
        name=text[:80],
    )
    return same_name[0]


def _by_address(db: Session, text: str) -> Software | None:
    try:
        return by_repository(db, repository_address(text))
    except Refused:
        return None


def suggestions(db: Session) -> list[str]:
    """The first names of the catalogue, to choose from while typing."""
    query = select(Software.name).order_by(col(Software.name_key), col(Software.id)).limit(SUGGESTED)
    return list(dict.fromkeys(db.exec(query)))


def find_software(db: Session, text: str = "", *, after: str = "") -> list[Software]:
    """One page of the catalogue by name, and one row more if there is more.

    Each word of `text` begins a word of the name; `after` is the public name of the last row seen.
    """
    query = select(Software).order_by(col(Software.name_key), col(Software.id)).limit(PAGE + 1)
    for word in words(text)[:12]:
        name = col(Software.name_key)
        query = query.where(name.startswith(word) | name.contains(f" {word}"))
    last = db.exec(select(Software).where(Software.public_id == after)).first() if after else None
    if last:
        place = tuple_(col(Software.name_key), col(Software.id))
        query = query.where(place > tuple_(last.name_key, last.id))
    return list(db.exec(query))


def maintainers_of(db: Session, shown: list[Software]) -> dict[int, str]:
    """The names of those who maintain these software, by the number of the organization; one query."""
    wanted = {software.maintainer_id for software in shown if software.maintainer_id}
    query = select(Organization.id, Organization.name).where(col(Organization.id).in_(wanted))
    return dict(db.exec(query).all()) if wanted else {}


def words_for(db: Session, software: Software) -> str:
    """What to type to mean this software: its name, or its repository where others are called the same."""
    return software.name if len(by_name(db, software.name)) == 1 else software.repository_url
