"""The variables of the environment, each of its type; what they mean is decided in `app.kit.settings`."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.kit.forge_settings import KNOWN
from app.kit.setting_refused import SettingRefused
from app.kit.vies_settings import OFFICIAL


class Environment(BaseSettings):
    """The variables as they stand, before anything is decided."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    DATABASE_URL: SecretStr | None = None
    SECRET_KEY: SecretStr | None = None
    HOST: str = "127.0.0.1"
    PORT: int = Field(default=8420, ge=1, le=65535)
    JALON_DEMO: bool | None = None
    JALON_BASE_URL: str | None = None
    JALON_RAILS: str = "sandbox"
    JALON_FORGES: str = KNOWN
    JALON_VIES: str = OFFICIAL
    MAIL_URL: SecretStr | None = None
    JALON_MAIL_FROM: str = "jalon@localhost"
    JALON_HEADS_FILE: Path | None = None
    ARGON2_MEMORY_KIB: int = Field(default=65536, ge=8, le=4194304)
    JALON_PROXIES: int = Field(default=0, ge=0, le=5)
    STRIPE_API_KEY: SecretStr | None = None
    STRIPE_API_BASE: str | None = None
    STRIPE_WEBHOOK_SECRET: SecretStr | None = None
    STRIPE_CONNECT_WEBHOOK_SECRET: SecretStr | None = None


def read_environment() -> Environment:
    """The raw variables, each of its type."""
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingRefused(f"{first['loc'][0]} is wrong: {sentence_of(first)}.") from None


def sentence_of(error: Any) -> str:
    """Pydantic's words for one error, to stand inside a sentence."""
    words = str(error["msg"])
    return words[:1].lower() + words[1:].rstrip(".")
