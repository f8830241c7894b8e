"""The people of the catalogue's and the needs' tests, and short ways to have them write."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.catalogue import rules as catalogue
from app.catalogue.forms import SoftwareForm
from app.catalogue.model import Software
from app.needs import rules as needs
from app.needs.forms import EndorsementForm, NeedForm
from app.needs.model import Endorsement, Need
from app.people.access import Actor
from app.people.model import Kind, Operator, Role
from tests.quoting_cast import NOW, ZONE, join, organization, person


@dataclass
class Cast:
    """Everybody, as they act."""

    officer: Actor
    maker: Actor
    bank: Actor
    insurer: Actor
    ministry: Actor
    region: Actor

    def __iter__(self) -> Any:
        return iter((self.bank, self.insurer, self.ministry, self.region))


def gather(db: Session) -> Cast:
    """The cast, each of an organization of its own, and an operator."""
    fund = organization(db, "Fonds commun", Kind.FUND)
    db.add(Operator(id=1, organization_id=fund.id, zone=ZONE))
    users = [
        join(db, person(db, who), organization(db, name, Kind.CORPORATE), Role.MEMBER)
        for who, name in (
            ("Bea", "Banque Lumen"), ("Ines", "Assurances du Port"), ("Max", "Ministère"), ("Rose", "Région Ouest"),
        )
    ]  # fmt: skip
    officer = join(db, person(db, "Omar"), fund, Role.OFFICER)
    maker = join(db, person(db, "Ada"), organization(db, "Atelier Wiki", Kind.MAINTAINER), Role.MEMBER)
    return Cast(officer, maker, *users)


def wiki(name: str = "XWiki", repository_url: str = "https://example.org/xwiki") -> SoftwareForm:
    """A software to register."""
    return SoftwareForm(name=name, repository_url=repository_url)


def registered(db: Session, by: Actor, name: str = "XWiki") -> Software:
    """A software in the catalogue."""
    address = f"https://example.org/{name.lower().replace(' ', '-')}"
    return catalogue.register(db, wiki(name, address), by=by, at=NOW)


def need_form(**changes: Any) -> NeedForm:
    """A need that may be published, with these changes."""
    usual: dict[str, Any] = {"software": "XWiki", "title": "Offline mode", "summary": "We lack it on trains."}
    return NeedForm(**(usual | changes))


def written(db: Session, by: Actor, **changes: Any) -> Need:
    """A draft of this organization."""
    return needs.write(db, need_form(**changes), by=by, at=NOW)


def published(db: Session, by: Actor, at: Any = NOW, **changes: Any) -> Need:
    """A need of this organization that everybody sees."""
    return needs.publish(db, needs.write(db, need_form(**changes), by=by, at=at), by=by, at=at)


def shared(db: Session, need: Need, by: Actor, users: int = 100, **changes: Any) -> Endorsement:
    """Another organization misses it, too."""
    return needs.endorse(db, need, EndorsementForm(users=users, **changes), by=by, at=NOW)
