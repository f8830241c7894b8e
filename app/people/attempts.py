"""Who tries to come in, and how often: counted per account and per network, in rows that outlive a restart."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from app.people.model import Person, SignIn, SignInAttempt
from app.people.tokens import hash_of

WINDOW = timedelta(minutes=15)
MOST_HERE = 10  # wrong passwords for one address from one network
MOST_OF_NETWORK = 50
MOST_OF_ACCOUNT = 100  # from all networks together; those the person came from before are not held up by it
MOST_MAILS = 3  # links asked for one address


@dataclass(frozen=True)
class Visit:
    """From where somebody comes: their network (never the whole address) and the device, in a few words."""

    network: str
    device: str = ""


def network_of(address: str | None) -> str:
    """The network an address is in: the whole address of a person is never kept."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


BROWSERS = (
    ("Jalon", "Jalon"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
           ("Linux", "Linux"))  # fmt: skip


def device_of(user_agent: str) -> str:
    """A browser and its system in two words, from what it says of itself."""
    words = [next((name for mark, name in known if mark in user_agent), "") for known in (BROWSERS, SYSTEMS)]
    named = ", ".join(word for word in words if word)
    return named or re.sub(r"[^\w ./;()-]", "", user_agent)[:60]


def tried_key(email: str, purpose: str = "password") -> str:
    """Under what attempts for an address are counted; the address itself is not kept with them."""
    return hash_of(f"{purpose}:{email.strip().lower()}")


def has_to_wait(db: Session, email: str, visit: Visit, *, at: datetime) -> bool:
    """Whether too many wrong passwords came for this address, or from this network, in the last quarter hour."""
    key, since = tried_key(email), at - WINDOW
    recent = select(func.count()).select_from(SignInAttempt).where(col(SignInAttempt.at) > since)
    if db.exec(recent.where(SignInAttempt.network == visit.network)).one() >= MOST_OF_NETWORK:
        return True
    of_account = recent.where(SignInAttempt.email_hash == key)
    if db.exec(of_account.where(SignInAttempt.network == visit.network)).one() >= MOST_HERE:
        return True
    return db.exec(of_account).one() >= MOST_OF_ACCOUNT and not _came_from(db, email, visit)


def _came_from(db: Session, email: str, visit: Visit) -> bool:
    query = (
        select(SignIn.id)
        .join(Person, col(Person.id) == col(SignIn.person_id))
        .where(Person.email == email.strip().lower(), SignIn.network == visit.network)
    )
    return db.exec(query.limit(1)).first() is not None


def one_at_a_time(db: Session, email: str) -> None:
    """Count the attempts on one account one after the other, so that many at once cannot pass the limit together."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(int(tried_key(email)[:15], 16))))


def count_mail(db: Session, email: str, visit: Visit, *, at: datetime) -> bool:
    """Whether one more mail may be sent to this address now; counts it. Nobody's mailbox is flooded from here."""
    key, since = tried_key(email, "mail"), at - WINDOW
    recent = select(func.count()).select_from(SignInAttempt).where(col(SignInAttempt.at) > since)
    if db.exec(recent.where(SignInAttempt.email_hash == key)).one() >= MOST_MAILS:
        return False
    if db.exec(recent.where(SignInAttempt.network == visit.network)).one() >= MOST_OF_NETWORK:
        return False
    db.add(SignInAttempt(at=at, email_hash=key, network=visit.network))
    return True


def count_wrong(db: Session, email: str, visit: Visit, *, at: datetime) -> None:
    """Write down one wrong password."""
    db.add(SignInAttempt(at=at, email_hash=tried_key(email), network=visit.network))
    db.flush()
