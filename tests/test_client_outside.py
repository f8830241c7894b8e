"""What the program keeps and asks beside its window: the keychain, a server's own certificate, papers all together."""

from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import InitError

from client.addresses import Origin, typed_origin
from client.folders import Folders, private
from client.forgetting import forget
from client.keychain import Keychain
from client.only_one import OnlyOne
from client.outside import Answer, NoAnswer, Outside
from client.profiles import Profiles
from client.saving import Together
from client.words import Words
from tests.certificates import vouched_for_by_itself


class Ring(null.Keyring):
    """A keychain that keeps; another one may be locked."""

    def __init__(self, *, is_locked: bool = False) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self.is_locked = is_locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise InitError("locked")
        return self.kept.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[f"{service}/{username}"] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[f"{service}/{username}"]


class PlaintextKeyring(Ring):
    """Stands for the one that writes secrets into a file for everybody to read."""


def test_a_token_lies_in_the_keychain_and_is_read_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    kept = Keychain("server-1")
    kept.keep("token")
    assert kept.is_lasting
    assert Keychain("server-1").read() == "token"
    assert Keychain("server-2").read() == ""
    kept.forget()
    assert ring.kept == {}
    assert Keychain("server-1").read() == ""


def test_a_server_is_forgotten_with_all_that_was_kept_of_it_unless_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folders = Folders(*(private(tmp_path / name) for name in ("config", "desktop", "cache", "papers")))
    profiles = Profiles(folders.config)
    north, south = (profiles.add(name, f"https://{name}.example") for name in ("north", "south"))
    for profile in (north, south):
        Keychain(profile.id).keep("token")
        (folders.web(profile.id) / "Cookies").touch()
        (folders.copies(profile.id) / "quote.pdf").touch()
    window = OnlyOne(folders.of_profile(north.id))
    assert window.take()
    assert not forget(folders, profiles, north.id)
    assert (folders.web(north.id) / "Cookies").exists()
    window.leave()
    assert not forget(folders, profiles, "demo")
    assert forget(folders, profiles, north.id)
    assert [each.name for each in profiles.all()] == ["", "", "south"]
    assert list(ring.kept) == [f"Jalon/{south.id}"]
    assert [path.parent.parent.name for path in tmp_path.rglob("Cookies")] == [south.id]
    assert [path.parent.name for path in tmp_path.rglob("quote.pdf")] == [south.id]


@pytest.mark.parametrize(
    "ring", [fail.Keyring(), null.Keyring(), Ring(is_locked=True), PlaintextKeyring()],
    ids=["none", "keeps nothing", "locked", "plain text"],
)  # fmt: skip
def test_without_a_keychain_a_token_lasts_for_this_run_only(
    monkeypatch: pytest.MonkeyPatch, ring: keyring.backend.KeyringBackend
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    kept = Keychain("server-1")
    kept.keep("token")
    assert kept.read() == "token"
    assert not kept.is_lasting
    assert Keychain("server-1").read() == ""
    assert getattr(ring, "kept", {}) == {} or (isinstance(ring, Ring) and ring.is_locked)
    kept.forget()
    assert kept.read() == ""


def test_a_certificate_of_its_own_making_is_accepted_by_its_fingerprint_alone(tmp_path: Path) -> None:
    with vouched_for_by_itself(tmp_path) as (address, fingerprint, asked):
        origin = typed_origin(address)
        assert not Outside(origin).is_there(), "nobody vouches for it"
        assert not Outside(origin, "ab" * 32).is_there(), "another one was named"
        assert asked == [], "something was said before the certificate was looked at"
        assert Outside(origin, fingerprint).is_there()


class Shelf(Outside):
    """A server with papers of one campaign, one of which does not come."""

    def __init__(self) -> None:
        super().__init__(Origin("https", "jalon.example", 443))

    def get(self, path: str, *, patience: float = 0, **_headers: str) -> Answer:
        """A paper, or the list of them."""
        from email.message import Message
        from json import dumps

        if path.endswith("/lost.pdf"):
            raise NoAnswer
        papers = [{"kind": "Quotes", "number": str(n), "path": f"/{name}.pdf"} for n, name in enumerate("ab")]
        papers.append({"kind": "Calls", "number": "9", "path": "/lost.pdf"})
        is_list = path.endswith("/papers.json")
        said = (
            dumps({"campaign": "Signatures", "papers": papers}).encode()
            if is_list
            else f"%PDF {path}".encode()
        )
        return Answer(200, Message(), said)


def test_papers_of_a_campaign_are_saved_together_once_and_it_says_how_far_it_is(tmp_path: Path) -> None:
    heard: list[tuple[int, int, str]] = []
    first = Together(Shelf(), tmp_path)
    assert first.run("0193", lambda *how_far: not heard.append(how_far))
    assert heard == [(0, 3, "Quotes 0"), (1, 3, "Quotes 1"), (2, 3, "Calls 9"), (3, 3, "")]
    assert (len(first.saved), first.known, first.missing) == (2, 0, 1)
    assert first.told(Words("en")) == "Saved: 2. There already: 0. Did not come: 1. Save them again later."
    again = Together(Shelf(), tmp_path)
    assert again.run("0193", lambda *_how_far: True)
    assert (again.saved, again.known, again.missing) == ([], 2, 1)
    stopped = Together(Shelf(), tmp_path / "other")
    assert stopped.run("0193", lambda done, _all, _what: done < 1)
    assert len(stopped.saved) == 1
