"""Which forges are asked about evidence, as the environment says it."""

import re

from app.kit.setting_refused import SettingRefused

KNOWN = "github:github.com,gitlab:gitlab.com,forgejo:codeberg.org"


def forges(said: str) -> tuple[tuple[str, str], ...]:
    """The forges that are asked about evidence, each as its family and its host."""
    entries = [entry.strip().lower() for entry in said.split(",") if entry.strip()]
    if any(
        re.fullmatch(r"(github|gitlab|forgejo):[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{2,5})?", one) is None
        for one in entries
    ):
        raise SettingRefused(
            "JALON_FORGES is wrong: write families with their hosts, like github:github.com."
        )
    return tuple((one.partition(":")[0], one.partition(":")[2]) for one in entries)
