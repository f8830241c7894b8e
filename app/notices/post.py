"""Mails out of the house: written from the log of acts, delivered to a folder or a mail server, each once."""

import hashlib
import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from sqlmodel import Session

from app.kit.clock import now
from app.kit.settings import Settings
from app.notices.desk import write_news
from app.notices.letters import render

TIMEOUT_SECONDS = 20
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class NotSafe(Exception):
    """The mail server would get our password in the clear: nothing is sent."""


def write_mails(db: Session, settings: Settings, at: datetime) -> int:
    """Put a mail into the outbox for everybody concerned by what happened since the last time; how many."""
    return write_news(db, settings.base_url, at)


def deliver(settings: Settings, body: dict[str, Any], *, key: str) -> None:
    """Send one mail of the outbox. Doing it twice with the same key leaves one file, or two mails with one Message-ID.

    Raises what the mail server or the disk raises; the outbox tries again later.
    """
    message = written(settings, body, key=key)
    url = urlsplit(settings.mail_url.get_secret_value())
    if url.scheme == "file":
        _keep(message, Path(url2pathname(url.path)), key)
    else:
        _send(message, settings.mail_url.get_secret_value())


def written(settings: Settings, body: dict[str, Any], *, key: str) -> EmailMessage:
    """The message, in its reader's language. No fact can add a header: line breaks are taken out or refused."""
    facts = {**body["facts"], "base_url": settings.base_url}
    letter = render(body["template"], body["language"], facts, body.get("zone"))
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = letter.subject
    message["From"] = Address("Jalon", addr_spec=settings.mail_from)
    message["To"] = Address(_one_line(str(facts.get("name", ""))), addr_spec=body["to"])
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{_digest(key)}@{urlsplit(settings.base_url).hostname or 'jalon'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message["Content-Language"] = body["language"]
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _keep(message: EmailMessage, folder: Path, key: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:80]
    path = folder / f"{readable}-{_digest(key)[:8]}.eml"
    if path.exists():
        return
    # Mails carry links to choose a password: nobody else on this machine reads them, and no half of one is left.
    half = path.with_suffix(".part")
    half.touch(mode=0o600)
    half.write_bytes(message.as_bytes())
    half.replace(path)


def _send(message: EmailMessage, address: str) -> None:
    url = urlsplit(address)
    host = url.hostname or "localhost"
    user, password = unquote(url.username or ""), unquote(url.password or "")
    context = ssl.create_default_context()
    with _connection(url.scheme, host, url.port or 0, bool(user), context) as server:
        is_private = url.scheme == "smtps"
        if not is_private and _offers_encryption(server):
            server.starttls(context=context)
            is_private = True
        if user:
            if not is_private and host not in LOCAL_HOSTS:
                raise NotSafe("the mail server offers no encryption: our password is not sent to it")
            server.login(user, password)
        server.send_message(message)


def _connection(scheme: str, host: str, port: int, signs_in: bool, context: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, port or (587 if signs_in else 25), timeout=TIMEOUT_SECONDS)


def _offers_encryption(server: smtplib.SMTP) -> bool:
    server.ehlo_or_helo_if_needed()
    return server.has_extn("starttls")
