"""Where mails go and who they come from, as the environment says it."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.kit.setting_refused import SettingRefused


def mail_url(given: SecretStr | None, folder: Path) -> SecretStr:
    """Where mails go: a folder of files, or an SMTP server."""
    if given is None:
        return SecretStr((folder / "mails").as_uri())
    parts = urlsplit(given.get_secret_value())
    try:
        wrong_port = parts.port == 0
    except ValueError:
        wrong_port = True
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.strip("/")
    is_server = parts.scheme in ("smtp", "smtps") and parts.hostname
    if wrong_port or not (is_folder or is_server):
        raise SettingRefused("MAIL_URL is wrong: write file:///folder or smtp://user:password@host:port.")
    return given


def mail_from(given: str) -> str:
    """The address mails come from."""
    if re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", given) is None:
        raise SettingRefused("JALON_MAIL_FROM is wrong: write one mail address, like jalon@example.org.")
    return given
