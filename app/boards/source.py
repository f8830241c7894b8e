"""The source of the running program, as its license asks: whoever uses it over a network may have it."""

import io
import tarfile
from functools import lru_cache
from pathlib import Path

HOUSE = Path(__file__).parent.parent
BESIDE = (
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "requirements.lock",
    "run",
    "Procfile",
    "migrations",
    "client",
)
LEFT_OUT = ("__pycache__",)


@lru_cache(maxsize=1)
def source_archive() -> bytes:
    """A tar.gz of the program, packed once a process."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(HOUSE, "jalon/app", filter=_only_source)
        for name in BESIDE:
            path = HOUSE.parent / name
            # Installed as a package, the folder above holds other people's files: only a checkout has its own.
            if (HOUSE.parent / "pyproject.toml").exists() and path.exists():
                archive.add(path, f"jalon/{name}", filter=_only_source)
    return packed.getvalue()


def _only_source(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(member.name).name
    if name in LEFT_OUT or name.startswith(".") or name.endswith((".pyc", ".db")):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
