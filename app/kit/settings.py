"""What the environment says about this Jalon: read once, checked, and handed on as one frozen object."""

import os
import re
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.kit.forge_settings import forges
from app.kit.mail_settings import mail_from, mail_url
from app.kit.setting_refused import SettingRefused
from app.kit.stripe_settings import StripeSettings, stripe_settings
from app.kit.vies_settings import OFF, PRACTICE, vies

if TYPE_CHECKING:
    from app.kit.environment import Environment

__all__ = ["SettingRefused", "Settings", "read_settings"]

SECRET_LENGTH = 32
KNOWN_SECRETS = ("change", "secret", "default", "example", "password", "insecure")
PRETEND_RAILS = frozenset({"sandbox"})
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this Jalon runs. No secret is printed with it; `argon2_memory_kib` is what one password costs."""

    database_url: str = field(repr=False)
    secret_key: SecretStr
    folder: Path
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8420
    base_url: str = "http://127.0.0.1:8420"
    rails: tuple[str, ...] = ("sandbox",)
    mail_url: SecretStr
    mail_from: str = "jalon@localhost"
    heads_file: Path
    argon2_memory_kib: int = 65536
    # How many servers of ours stand in front: only their word is believed on where a request comes from.
    proxies: int = 0
    stripe: StripeSettings | None = None
    # Forges that are asked about evidence, each with its family: ("github", "github.com"). None in a demo.
    forges: tuple[tuple[str, str], ...] = ()
    # Where VAT numbers are looked up: an address, or “off”. A demo has a register of its own.
    vies: str = ""
    # Whether forges and registers may stand inside our own network. Tests only: the environment cannot say so.
    asks_inside: bool = False

    @property
    def vat_register(self) -> str:
        """Where VAT numbers are looked up; empty where nobody is asked."""
        return "" if self.vies == OFF else self.vies or (PRACTICE if self.demo else "")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file, with one process that writes."""
        return self.database_url.startswith("sqlite")


def read_settings() -> Settings:
    """The settings of this process; raises `SettingRefused` with the one thing to put right first."""
    from app.kit.environment import read_environment  # a Jalon of one's own asks no environment

    given = read_environment()
    folder = own_folder()
    demo = given.JALON_DEMO
    if demo is None:
        demo = given.DATABASE_URL is None and given.SECRET_KEY is None
    names = rails(given, demo=demo)
    return Settings(
        database_url=database_url(given, folder),
        secret_key=secret_key(given, demo=demo, folder=folder),
        folder=folder,
        demo=demo,
        host=given.HOST,
        port=given.PORT,
        base_url=base_url(given, demo=demo),
        rails=names,
        stripe=stripe(given) if "stripe" in names else None,
        forges=() if demo else forges(given.JALON_FORGES),
        vies="" if demo else vies(given.JALON_VIES),
        mail_url=mail_url(given.MAIL_URL, folder),
        mail_from=mail_from(given.JALON_MAIL_FROM),
        heads_file=given.JALON_HEADS_FILE or folder / "heads.txt",
        argon2_memory_kib=given.ARGON2_MEMORY_KIB,
        proxies=given.JALON_PROXIES,
    )


def own_folder() -> Path:
    """Where this user's programs keep what is theirs, on Linux, macOS and Windows."""
    try:
        if given := os.environ.get("XDG_DATA_HOME"):
            return Path(given).absolute() / "jalon"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "Jalon"
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Jalon"
        return Path.home() / ".local" / "share" / "jalon"
    except RuntimeError:
        raise SettingRefused("XDG_DATA_HOME is missing, and this user has no home folder.") from None


def database_url(given: "Environment", folder: Path) -> str:
    """The database's address with the driver Jalon uses; a file of its own where none is named."""
    if given.DATABASE_URL is None:
        make_folder(folder)
        return f"sqlite:///{folder / 'jalon.db'}"
    url = given.DATABASE_URL.get_secret_value()
    scheme, mark, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and mark:
        return f"postgresql+psycopg://{rest}"
    if scheme in ("sqlite", "sqlite+pysqlite") and rest.strip("/") and ":memory:" not in rest:
        return f"sqlite://{rest}"
    raise SettingRefused(
        "DATABASE_URL is wrong: write sqlite:///folder/jalon.db or postgresql://user@host/name."
    )


def secret_key(given: "Environment", *, demo: bool, folder: Path) -> SecretStr:
    """What sessions and links are signed with: kept in a file for a demo, asked for outside of one."""
    if given.SECRET_KEY is None:
        if demo:
            return kept_secret(folder / "secret")
        raise SettingRefused(
            f"SECRET_KEY is missing: set it to {SECRET_LENGTH} random characters or more,"
            " for example what `openssl rand -hex 32` prints."
        )
    text = given.SECRET_KEY.get_secret_value()
    if len(text) < SECRET_LENGTH:
        raise SettingRefused(f"SECRET_KEY is too short: it needs {SECRET_LENGTH} random characters or more.")
    if len(set(text)) < 8 or any(word in text.lower() for word in KNOWN_SECRETS):
        raise SettingRefused("SECRET_KEY is easy to guess: use what `openssl rand -hex 32` prints.")
    return given.SECRET_KEY


def kept_secret(path: Path) -> SecretStr:
    """The demo's secret, made at first start in a file only this user reads."""
    make_folder(path.parent)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):  # of two first starts at once, the first one's secret stays
                path.hardlink_to(fresh)
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingRefused(f"SECRET_KEY is missing, and {path} cannot be kept: {error.strerror}.") from None
    finally:
        fresh.unlink(missing_ok=True)
    if len(text) < SECRET_LENGTH:
        raise SettingRefused(f"SECRET_KEY is missing, and {path} is too short: delete that file.")
    return SecretStr(text)


def base_url(given: "Environment", *, demo: bool) -> str:
    """The address people type, which mails and papers carry; encrypted unless it is this machine."""
    if given.JALON_BASE_URL is None:
        host = f"[{given.HOST}]" if ":" in given.HOST else given.HOST
        return f"http://{host}:{given.PORT}"
    url = given.JALON_BASE_URL.rstrip("/")
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise SettingRefused(
            "JALON_BASE_URL is wrong: write only the address, like https://jalon.example.org."
        )
    if parts.scheme == "http" and not demo and parts.hostname not in LOCAL_HOSTS:
        raise SettingRefused("JALON_BASE_URL is not safe: outside demo mode it must begin with https://.")
    return url


def rails(given: "Environment", *, demo: bool) -> tuple[str, ...]:
    """The ways money travels here, in the order they are offered."""
    names = tuple(name.strip() for name in given.JALON_RAILS.split(",") if name.strip())
    if not names or any(re.fullmatch(r"[a-z][a-z_]*", name) is None for name in names):
        raise SettingRefused("JALON_RAILS is wrong: write names with commas between them, like sandbox.")
    if demo and not PRETEND_RAILS.issuperset(names):
        raise SettingRefused("JALON_RAILS names a rail that moves real money: switch JALON_DEMO off first.")
    return names


def stripe(given: "Environment") -> StripeSettings:
    """How to speak to Stripe, where it is one of the rails."""
    return stripe_settings(
        key=given.STRIPE_API_KEY, base=given.STRIPE_API_BASE, secret=given.STRIPE_WEBHOOK_SECRET,
        connect_secret=given.STRIPE_CONNECT_WEBHOOK_SECRET,
    )  # fmt: skip


def make_folder(folder: Path) -> None:
    """Make Jalon's own folder, closed to the machine's other users."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingRefused(
            f"XDG_DATA_HOME is not usable: {folder} cannot be made ({error.strerror})."
        ) from None
