"""A server is forgotten with all this computer kept of it: being signed in, cookies, copies of papers."""

import shutil

from client.folders import Folders
from client.keychain import Keychain
from client.only_one import OnlyOne
from client.profiles import Kind, Profiles


def forget(folders: Folders, profiles: Profiles, profile_id: str) -> bool:
    """Forget it; not while a window of its own is open, which would go on writing what is taken away."""
    profile = profiles.get(profile_id)
    if profile is None or profile.kind != Kind.REMOTE:
        return False
    alone = OnlyOne(folders.of_profile(profile_id))
    if not alone.take():
        return False
    profiles.remove(profile_id)
    Keychain(profile_id).forget()
    alone.leave()
    for folder in (folders.of_profile(profile_id), folders.copies(profile_id)):
        shutil.rmtree(folder, ignore_errors=True)
    return True
