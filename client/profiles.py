"""The Jalons this program knows: two on this computer, and the servers of chapters. No secret stands among them."""

import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

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
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            kept = [Profile(**{**row, "kind": Kind(row["kind"])}) for row in rows]
        except (OSError, ValueError, TypeError, KeyError):
            kept = []
        known = {profile.id: profile for profile in kept if re.fullmatch(r"[a-z0-9-]{1,40}", profile.id)}
        here = [known.pop(own.id, own) for own in (DEMO, LOCAL)]
        there = [each for each in known.values() if each.kind == Kind.REMOTE and each.origin is not None]
        return here + sorted(there, key=lambda profile: profile.name.casefold())

    def get(self, profile_id: str) -> Profile | None:
        """The profile of this name."""
        return next((profile for profile in self.all() if profile.id == profile_id), None)

    def add(self, name: str, address: str, fingerprint: str = "") -> Profile:
        """A server, from what somebody typed. Raises `AddressRefused` with what to mend."""
        origin = typed_origin(address)
        known = next((each for each in self.all() if each.address == str(origin)), None)
        if known is not None:
            raise AddressRefused("This server is in your list already.")
        profile = Profile(
            id=f"server-{secrets.token_hex(4)}", kind=Kind.REMOTE, name=" ".join(name.split())[:80] or origin.host,
            address=str(origin), fingerprint=typed_fingerprint(fingerprint),
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
        write_whole(self._path, json.dumps([asdict(each) for each in profiles], indent=1).encode())


def bare(origin: Origin) -> str:
    """Host and port as they stand in a link."""
    return str(origin).partition("://")[2]


def typed_fingerprint(text: str) -> str:
    """SHA-256 of a certificate as people copy it, with or without colons. Raises `AddressRefused`."""
    plain = re.sub(r"[\s:]", "", text).lower()
    if plain and not re.fullmatch(rf"[0-9a-f]{{{FINGERPRINT}}}", plain):
        raise AddressRefused("A fingerprint is 64 letters and digits (SHA-256), with or without colons.")
    return plain
