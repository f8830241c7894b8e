"""Where VAT numbers are looked up, as the environment says it."""

from urllib.parse import urlsplit

from app.kit.setting_refused import SettingRefused

OFFICIAL = "https://ec.europa.eu/taxation_customs/vies/rest-api"
OFF = "off"
# In place of an address: a register of our own that knows all numbers but those ending in 00.
PRACTICE = "practice"


def vies(said: str) -> str:
    """The register's address, or “off” where nobody is asked."""
    if said == OFF:
        return OFF
    parts = urlsplit(said)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingRefused(f"JALON_VIES is wrong: write off, or an address like {OFFICIAL}.")
    return said.rstrip("/")
