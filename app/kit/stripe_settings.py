"""Stripe's settings: a key that says by itself whether money is real, and what notifications are signed with."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.kit.setting_refused import SettingRefused

KEY = re.compile(r"(?:sk|rk)_(test|live)_\w+")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class StripeSettings:
    """How this Jalon speaks to Stripe. `api_base` is empty for Stripe itself; no secret is printed with it."""

    api_key: SecretStr
    webhook_secret: SecretStr
    connect_webhook_secret: SecretStr
    api_base: str = ""
    timeout_seconds: float = 20
    retries: int = 2

    @property
    def is_live(self) -> bool:
        """Whether this key moves real money: test and live are never mixed."""
        return _mode(self.api_key.get_secret_value()) == "live"

    def secret_of(self, door: str) -> str:
        """What the notifications of a door are signed with: our own account's, or the payees'."""
        secret = {"account": self.webhook_secret, "connect": self.connect_webhook_secret}[door]
        return secret.get_secret_value()


def stripe_settings(
    *, key: SecretStr | None, base: str | None, secret: SecretStr | None, connect_secret: SecretStr | None
) -> StripeSettings:
    """The settings of a Jalon on which this rail is switched on; raises `SettingRefused`."""
    if key is None or not _mode(key.get_secret_value()):
        raise SettingRefused(
            "STRIPE_API_KEY is missing or wrong: write a key that begins with sk_test_ or sk_live_."
        )
    if secret is None or connect_secret is None:
        missing = "STRIPE_WEBHOOK_SECRET" if secret is None else "STRIPE_CONNECT_WEBHOOK_SECRET"
        raise SettingRefused(
            f"{missing} is missing: without it nobody can tell Stripe's notifications from forged ones."
        )
    if secret.get_secret_value() == connect_secret.get_secret_value():
        raise SettingRefused(
            "STRIPE_CONNECT_WEBHOOK_SECRET equals STRIPE_WEBHOOK_SECRET: each door has its own."
        )
    return StripeSettings(
        api_key=key, api_base=_base(base, is_live=_mode(key.get_secret_value()) == "live"), webhook_secret=secret,
        connect_webhook_secret=connect_secret,
    )  # fmt: skip


def _base(base: str | None, *, is_live: bool) -> str:
    if not base:
        return ""
    parts = urlsplit(base)
    is_local = parts.hostname in LOCAL_HOSTS
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingRefused("STRIPE_API_BASE is wrong: write only the address, like http://127.0.0.1:12111.")
    if (parts.scheme == "http" and not is_local) or (is_live and is_local):
        raise SettingRefused("STRIPE_API_BASE is not safe: a live key is sent to Stripe only, and encrypted.")
    return base.rstrip("/")


def _mode(key: str) -> str:
    found = KEY.fullmatch(key)
    return found.group(1) if found else ""
