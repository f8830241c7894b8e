"""The one secret the program keeps: a token for each server, in the system's keychain. Never in a file of its own."""

import contextlib
import threading
from typing import Any

SERVICE = "Jalon"


class Keychain:
    """The token of one profile. Without a keychain it lasts for this run, and `is_lasting` says so."""

    def __init__(self, profile_id: str) -> None:
        self._name = profile_id
        self._kept = ""
        self._turn = threading.Lock()
        self.is_lasting = True

    def read(self) -> str:
        """The token, or nothing."""
        with self._turn:
            if not self._kept:
                with self._keyring() as ring:
                    self._kept = (ring.get_password(SERVICE, self._name) or "") if ring else ""
            return self._kept

    def keep(self, token: str) -> None:
        """Keep it: for good where the system can, until the program ends elsewhere."""
        with self._turn:
            self._kept = token
            with self._keyring() as ring:
                if ring:
                    ring.set_password(SERVICE, self._name, token)
                    # Some keychains accept everything and keep nothing.
                    self.is_lasting = ring.get_password(SERVICE, self._name) == token

    def forget(self) -> None:
        """Keep it no more."""
        with self._turn:
            self._kept = ""
            with self._keyring() as ring:
                if ring and ring.get_password(SERVICE, self._name):
                    ring.delete_password(SERVICE, self._name)

    @contextlib.contextmanager
    def _keyring(self) -> Any:
        """The system's keychain, or None; what it refuses (locked, not there) is no error here."""
        import keyring
        from keyring.backends import fail
        from keyring.errors import KeyringError

        try:
            ring = keyring.get_keyring()
            if isinstance(ring, fail.Keyring) or "Plaintext" in type(ring).__name__:
                self.is_lasting = False
                yield None
            else:
                yield ring
        except KeyringError:
            self.is_lasting = False
