"""The Jalons this program knows: two on this computer, and the servers of chapters. No secret stands among them."""

import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from client.addresses import HERE, AddressRefused, Link, Origin, origin_of, typed_origin
from client.folders import write_whole

FINGERPRINT = 64


class Kind(StrEnum):
    """Where a profile's Jalon runs."""

    DEMO = "demo"
    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True)
class Profile:
    """One Jalon: on this computer (its port of last time) or on a server (its address, and perhaps its certificate)."""

    id: str
    kind: Kind
    name: str = ""
    address: str = ""
    fingerprint: str = ""
    port: int = 0

    @property
    def origin(self) -> Origin | None:
        """The origin of a server; a local Jalon has one only once it runs."""
        return origin_of(self.address) if self.kind == Kind.REMOTE else None


DEMO = Profile("demo", Kind.DEMO)
LOCAL = Profile("local", Kind.LOCAL)


class Profiles:
    """The profiles in their file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "profiles.json"

    def all(self) -> list[Profile]:
        """The local ones first, then the servers by name. What cannot be read of the file is left out."""
        known = {profile.id: profile for profile in self._read()[0]}
        here = [known.pop(own.id, own) for own in (DEMO, LOCAL)]
        there = [each for each in known.values() if each.kind == Kind.REMOTE and each.origin is not None]
        return here + sorted(there, key=lambda profile: profile.name.casefold())

    def unreadable(self) -> list[Path]:
        """Files of which something could not be read: this list, or what was kept of it."""
        kept = sorted(self._path.parent.glob(f"{self._path.stem}-unreadable-*.json"))
        return [*([] if self._read()[1] else [self._path]), *kept]

    def _read(self) -> tuple[list[Profile], bool]:
        """What stands in the file, and whether all of it could be read."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return [], True
        except (OSError, ValueError, RecursionError):
            return [], False
        if not isinstance(rows, list):
            return [], False
        read = [profile for profile in map(profile_in, rows) if profile is not None]
        return read, len(read) == len(rows)

    def get(self, profile_id: str) -> Profile | None:
        """The profile of this name."""
        return next((profile for profile in self.all() if profile.id == profile_id), None)

    def add(self, name: str, address: str, fingerprint: str = "") -> Profile:
        """A server, from what somebody typed; one in the list already takes the fingerprint that was typed for it.

        Raises `AddressRefused` with what to mend.
        """
        origin, pinned = typed_origin(address), typed_fingerprint(fingerprint)
        known = next((each for each in self.all() if each.address == str(origin)), None)
        if known is not None:
            if pinned in ("", known.fingerprint):
                raise AddressRefused("This server is in your list already.")
            renewed = replace(known, fingerprint=pinned)
            self._write([renewed if each.id == known.id else each for each in self.all()])
            return renewed
        profile = Profile(
            id=f"server-{secrets.token_hex(4)}", kind=Kind.REMOTE, name=" ".join(name.split())[:80] or origin.host,
            address=str(origin), fingerprint=pinned,
        )  # fmt: skip
        self._write([*self.all(), profile])
        return profile

    def remove(self, profile_id: str) -> None:
        """Take a server out of the list; what it kept on this computer is taken away by whoever asks for this."""
        self._write([profile for profile in self.all() if profile.id != profile_id])

    def keep_port(self, profile_id: str, port: int) -> None:
        """Remember where a local Jalon listened, so that it listens there again."""
        self._write([replace(each, port=port) if each.id == profile_id else each for each in self.all()])

    def for_link(self, link: Link) -> Profile | None:
        """The profile a `jalon://` link means: the server of this name, or a local Jalon by its port."""
        for profile in self.all():
            if profile.origin is not None and link.host in (profile.origin.host, bare(profile.origin)):
                return profile
            if profile.port and link.host in {f"{host}:{profile.port}" for host in HERE}:
                return profile
        return None

    def _write(self, profiles: list[Profile]) -> None:
        if not self._read()[1]:  # whoever knows what it said can still read it there
            aside = self._path.with_name(f"{self._path.stem}-unreadable-{secrets.token_hex(4)}.json")
            write_whole(aside, self._path.read_bytes())
        write_whole(self._path, json.dumps([asdict(each) for each in profiles], indent=1).encode())


def profile_in(row: Any) -> Profile | None:
    """The profile a row of the file describes; None for a row that describes none."""
    try:
        profile = Profile(**{**row, "kind": Kind(row["kind"])})
    except (TypeError, ValueError, KeyError):
        return None
    texts = (profile.id, profile.name, profile.address, profile.fingerprint)
    is_port = type(profile.port) is int and 0 <= profile.port < 65_536
    if not is_port or not all(isinstance(text, str) for text in texts):
        return None
    return profile if re.fullmatch(r"[a-z0-9-]{1,40}", profile.id) else None


def bare(origin: Origin) -> str:
    """Host and port as they stand in a link."""
    return str(origin).partition("://")[2]


def typed_fingerprint(text: str) -> str:
    """SHA-256 of a certificate as people copy it, with or without colons. Raises `AddressRefused`."""
    plain = re.sub(r"[\s:]", "", text).lower()
    if plain and not re.fullmatch(rf"[0-9a-f]{{{FINGERPRINT}}}", plain):
        raise AddressRefused("A fingerprint is 64 letters and digits (SHA-256), with or without colons.")
    return plain
