"""Staying signed in: the program asks to be allowed, fetches its token, and signs its window in again with it."""

import hashlib
import platform
import secrets
from urllib.parse import urlencode

from client.keychain import Keychain
from client.outside import NoAnswer, Outside
from client.words import Sentence

CONNECT = "/devices/connect"
CONNECTED = "/devices/connected"
SIGN_IN = "/sign-in"


class Staying:
    """What one profile's program knows of being signed in."""

    def __init__(self, keychain: Keychain) -> None:
        self.keychain = keychain
        self._verifier = ""
        self._has_tried = False

    def how_long(self) -> Sentence:
        """How long this computer stays signed in."""
        if not self.keychain.read():
            return Sentence("The program does not stay signed in here. The menu “Jalon” has a line for it.")
        if self.keychain.is_lasting:
            return Sentence("The program stays signed in: its key lies in this system’s keychain.")
        return Sentence("This system has no keychain: you stay signed in until the program ends.")

    def page_to_ask(self) -> str:
        """The server's page on which its person allows this program; the secret itself stays here."""
        self._verifier = secrets.token_urlsafe(32)
        challenge = hashlib.sha256(self._verifier.encode()).hexdigest()
        return f"{CONNECT}?{urlencode({'challenge': challenge, 'name': platform.node() or 'Jalon'})}"

    def fetch(self, outside: Outside) -> bool:
        """Fetch the token, once the window shows that it was allowed; whether there is one now."""
        verifier, self._verifier = self._verifier, ""
        if not verifier:
            return False
        try:
            answer = outside.post("/devices/token", {"verifier": verifier})
            if answer.status != 200:
                return False
            self.keychain.keep(str(answer.read()["token"]))
        except (NoAnswer, KeyError, TypeError):
            return False
        return True

    def sign_in(self, outside: Outside) -> list[str]:
        """The cookies of a new session, at most once a run; none where there is no token, or it was ended."""
        if self._has_tried:
            return []
        self._has_tried = True
        token = self.keychain.read()
        if not token:
            return []
        try:
            answer = outside.post("/devices/session", {"token": token})
        except NoAnswer:
            self._has_tried = False
            return []
        if answer.status == 400:
            self.keychain.forget()  # disconnected from elsewhere
        return answer.headers.get_all("Set-Cookie", []) if answer.status == 200 else []
