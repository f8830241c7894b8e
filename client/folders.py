"""Where the program keeps what is its own: settings, web storage, copies of papers. Closed to other users."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

NAME = "jalon"
PAPERS = "Jalon"
LEAST_ROOM = 32 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Folders:
    """The program's folders; none holds a secret but the engine's own cookies and a local Jalon's key."""

    config: Path
    desktop: Path
    cache: Path
    papers: Path

    def of_profile(self, profile_id: str) -> Path:
        """What one profile keeps apart from every other."""
        return private(self.desktop / profile_id)

    def web(self, profile_id: str) -> Path:
        """Cookies and what pages remember, of one profile."""
        return private(self.of_profile(profile_id) / "web")

    def copies(self, profile_id: str) -> Path:
        """Copies of the papers last opened, readable without the server."""
        return private(self.cache / "papers" / profile_id)


def without_room(folders: Folders) -> Path | None:
    """A folder of ours whose disk is as good as full: the engine does not end there, it is torn down by the system."""
    ours = (folders.config, folders.desktop, folders.cache)
    return next((folder for folder in ours if shutil.disk_usage(folder).free < LEAST_ROOM), None)


def own_folders() -> Folders:
    """The folders of this user, where their system wants them."""
    places = PlatformDirs(NAME, appauthor=False)
    return Folders(
        config=private(places.user_config_path),
        desktop=private(places.user_data_path / "desktop"),
        cache=private(places.user_cache_path),
        papers=places.user_documents_path / PAPERS,
    )


def private(folder: Path) -> Path:
    """The folder, made if needed, readable by this user alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: whoever reads it sees the old one or the new one, never half of it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)
