"""The desktop program without its window: addresses, papers, quiet hours, one start at a time, its sentences."""

import ast
import threading
from datetime import datetime, time
from pathlib import Path

import pytest

from app.house import sentences
from client import papers, preferences, readiness
from client.addresses import AddressRefused, Link, Origin, link_in, origin_of, typed_origin
from client.main import command, main
from client.notices import Known, Notices, own_path
from client.only_one import OnlyOne
from client.outside import NoAnswer, Outside
from client.papers import Copies, Filing
from client.preferences import Choices, Place, Preferences, WindowPlace
from client.profiles import Kind, Profiles
from client.words import Words, catalog

CLIENT = Path(readiness.__file__).parent
LONGEST_FILE = 265


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://jalon.example", Origin("https", "jalon.example", 443)),
        ("HTTPS://Jalon.Example:443/a?b#c", Origin("https", "jalon.example", 443)),
        ("http://[::1]:8420/", Origin("http", "::1", 8420)),
        ("http://jalon.example:80@evil.example/", None),
        ("https://jalon.example\\@evil.example", None),
        ("http://jalon.example:port/", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("jalon.example", None),
    ],
)
def test_an_origin_is_scheme_host_and_port_to_the_letter(address: str, origin: Origin | None) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "typed", ["http://jalon.example", "https://jalon.example/somewhere", "https://", "ftp://x", "a b"]
)
def test_an_address_that_is_not_safe_or_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressRefused):
        typed_origin(typed)


def test_https_is_added_and_this_computer_needs_none() -> None:
    assert str(typed_origin(" jalon.example/ ")) == "https://jalon.example"
    assert str(typed_origin("http://localhost:8420")) == "http://localhost:8420"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("jalon://jalon.example/campaigns/0193", Link("jalon.example", "/campaigns/0193")),
        ("jalon://jalon.example/needs?next=//evil#x", Link("jalon.example", "/needs")),
        ("jalon://jalon.example", Link("jalon.example", "/")),
        ("jalon://jalon.example/../etc", None),
        ("jalon://jalon.example//evil.example", None),
        ("jalon://user@jalon.example/", None),
        ("jalon://jalon.example/%2e%2e", None),
        ("https://jalon.example/", None),
        ("--profile", None),
    ],
)
def test_a_link_from_outside_names_a_server_and_a_page_and_nothing_more(text: str, link: Link | None) -> None:
    assert link_in(text) == link


def test_profiles_are_kept_without_a_secret_and_found_by_a_link(tmp_path: Path) -> None:
    profiles = Profiles(tmp_path)
    assert [profile.kind for profile in profiles.all()] == [Kind.DEMO, Kind.LOCAL]
    added = profiles.add("Chapter", "jalon.example", "AB:" * 31 + "ab")
    assert added.fingerprint == "ab" * 32
    with pytest.raises(AddressRefused):
        profiles.add("Again", "https://jalon.example")
    with pytest.raises(AddressRefused):
        profiles.add("Short", "https://other.example", "ab")
    profiles.keep_port("demo", 40123)
    again = Profiles(tmp_path)
    assert again.for_link(Link("jalon.example", "/")) == added
    assert again.for_link(Link("127.0.0.1:40123", "/")) == again.get("demo")
    assert again.for_link(Link("evil.example", "/")) is None
    assert (tmp_path / "profiles.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "profiles.json").write_text('[{"id": "../..", "kind": "remote"}, 7]')
    assert len(again.all()) == 2


def test_choices_survive_and_nonsense_in_their_file_does_not(tmp_path: Path) -> None:
    Choices(tmp_path).change(language="fr", asks_where=True)
    assert Choices(tmp_path).read() == Preferences(language="fr", asks_where=True)
    (tmp_path / "preferences.json").write_text(
        '{"notices": "never", "papers": 7, "language": "en", "more": 1}'
    )
    assert Choices(tmp_path).read() == Preferences(language="en")
    place = WindowPlace(tmp_path)
    place.keep(Place(x=-5, y=10, width=900, zoom=1.25))
    assert place.read() == Place(x=-5, y=10, width=900, zoom=1.25)


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [
        ("19:00", "08:00", {0, 7, 19, 23}),
        ("12:00", "14:00", {12, 13}),
        ("08:00", "08:00", set()),
        ("x", "y", set()),
    ],
)
def test_quiet_hours_may_pass_midnight(begin: str, end: str, quiet: set[int]) -> None:
    chosen = Preferences(quiet_from=begin, quiet_until=end)
    assert {hour for hour in range(24) if chosen.is_quiet(time(hour))} & {0, 7, 12, 13, 19, 23} == quiet


def test_the_program_speaks_as_the_computer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert Preferences().spoken() == "fr"
    assert Preferences(language="en").spoken() == "en"
    assert Words("fr")("Quit") == "Quitter"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("devis-D-2026-0007.pdf", "devis-D-2026-0007.pdf"),
        ("../../.bashrc", "bashrc"),
        ("a/b\\c:d*.pdf", "a b c d .pdf"),
        ("CON", "_CON"),
        ("nul.pdf", "_nul.pdf"),
        ("  ...  ", "paper"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("x" * 300 + ".pdf", "x" * 86 + ".pdf"),
    ],
)
def test_a_name_from_a_server_is_fit_for_a_file(given: str, kept: str) -> None:
    assert papers.clean(given).replace("d .pdf", "d .pdf") == kept


def test_papers_are_filed_by_campaign_and_kind_and_never_overwritten(tmp_path: Path) -> None:
    filing = Filing("Writer: signatures", "Quotes", "D-2026-0007", "devis.pdf")
    first = papers.save(tmp_path, filing, b"one")
    second = papers.save(tmp_path, filing, b"two")
    assert first == tmp_path / "Writer signatures" / "Quotes" / "D-2026-0007 devis.pdf"
    assert second.name == "D-2026-0007 devis (2).pdf"
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert papers.is_saved(first.parent, first.name, b"two")
    assert not papers.is_saved(first.parent, first.name, b"three")


def test_copies_of_papers_are_few_and_their_own(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    at = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001  (as the computer's clock shows it)
    for number in range(papers.MOST_COPIES + 3):
        copies.keep(Filing("C", "Quotes", str(number), "devis.pdf"), b"%PDF", at=at)
    copies.keep(Filing("C", "Quotes", "7", "devis.pdf"), b"%PDF new", at=at)
    kept = Copies(tmp_path).all()
    assert len(kept) == papers.MOST_COPIES
    assert kept[0].path.read_bytes() == b"%PDF new"
    assert len(list(tmp_path.glob("*.pdf"))) == papers.MOST_COPIES


class Told(Outside):
    """A server that answers what a test says."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def get(self, path: str, **_headers: object) -> object:  # type: ignore[override]
        """What waits."""
        rows = [{"key": key, "what": key, "consequence": "", "url": "//evil.example"} for key in self.keys]
        if not rows:
            raise NoAnswer
        return type("Answer", (), {"status": 200, "read": lambda _self: {"waiting": rows}})()


def test_each_new_thing_rings_once_and_nothing_rings_at_quiet_hours(tmp_path: Path) -> None:
    rung: list[list[str]] = []
    chosen = Preferences(quiet_from="19:00", quiet_until="08:00")
    known = Known(tmp_path / "told.json")
    notices = Notices(known, lambda: chosen, lambda things: rung.append([thing.what for thing in things]), 60)
    day, night = datetime(2026, 11, 22, 12).astimezone(), datetime(2026, 11, 22, 22).astimezone()
    notices.look(Told("a"), day)
    notices.look(Told("a", "b"), night)
    assert rung == [], "what was there at first is on the page; at night nothing rings"
    notices.look(Told(), day)
    notices.look(Told("a", "b"), day)
    notices.look(Told("a", "b"), day)
    assert rung == [["b"]]
    assert own_path("//evil.example") == "/"


def test_a_second_start_is_heard_by_the_first_and_a_killed_one_is_no_obstacle(tmp_path: Path) -> None:
    heard: list[str] = []
    arrived = threading.Event()
    first, second = OnlyOne(tmp_path), OnlyOne(tmp_path)
    assert first.take()
    first.listen(lambda said: (heard.append(said), arrived.set()))  # type: ignore[func-returns-value]
    assert not second.take()
    assert second.tell("/needs")
    assert arrived.wait(5)
    first._lock.close()  # type: ignore[union-attr]  # as when it is killed: its door stays behind
    assert second.take()
    second.listen(heard.append)
    assert heard == ["/needs"]
    second.leave()
    first.leave()


def test_nothing_secret_and_no_address_stands_on_the_command_line() -> None:
    assert command("server-1")[-2:] == ["--profile", "server-1"]


def test_a_profile_nobody_knows_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("client.main.what_is_missing", lambda: None)
    monkeypatch.setattr("client.main.prepare_engine", lambda: None)
    with pytest.raises(SystemExit) as left:
        main(["--profile", "nobody"])
    assert left.value.code == 2
    assert capsys.readouterr().err == "No Jalon is called nobody here. There are: demo, local.\n"


def test_a_missing_library_or_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "is_installed", lambda _name: True)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(readiness, "LIBRARIES", {"libnowhere.so.1": "libnowhere1"})
    monkeypatch.setattr(readiness, "WITH_X", {})
    missing = readiness.what_is_missing()
    assert missing is not None
    assert Words("en").say(missing) == (
        "Libraries of the system are missing (libnowhere.so.1). Debian and Ubuntu: apt install libnowhere1"
    )
    monkeypatch.setattr(readiness, "is_installed", lambda _name: False)
    assert "./run desktop" in str(readiness.what_is_missing())


def said_by_the_program() -> set[str]:
    """Every sentence the program shows."""
    said = set(sentences.used(CLIENT / "own" / "pages")) - set(sentences.MENDS)
    for path in CLIENT.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            names = {getattr(call.func, "id", ""), getattr(getattr(call.func, "func", None), "attr", "")}
            first = call.args[0] if call.args else None
            if names & {"words", "Entry", "AddressRefused", "Sentence"} and isinstance(first, ast.Constant):
                said.add(str(first.value))
    return said


def test_every_sentence_of_the_program_stands_in_both_languages() -> None:
    known = sentences.catalogs(CLIENT)
    menus = {"Jalon", "Go", "Papers", "View"}
    assert sorted(said_by_the_program() - set(known)) == []
    assert sorted(set(known) - said_by_the_program() - menus) == []
    slips = [
        f"{entry.english[0]}: {slip}"
        for row in known.values()
        for entry in row
        for slip in sentences.slips_of(entry)
    ]
    assert slips == []
    assert set(catalog()) == set(known)


def test_the_program_keeps_the_rules_of_the_house() -> None:
    for path in CLIENT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_FILE, path
        assert ast.get_docstring(ast.parse(text)), path
    for page in CLIENT.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert " style=" not in text, page
        assert "<script" not in text, page
    assert preferences.LANGUAGES == {"fr": "Français", "en": "English"}


def test_what_hangs_or_breaks_in_the_window_s_library_is_not_asked_for() -> None:
    """Defects of pywebview 6.2.1 on Qt 6 without a remedy: what would meet them stands nowhere in the program."""
    program = "\n".join(path.read_text(encoding="utf-8") for path in sorted(CLIENT.rglob("*.py")))
    assert program.count("create_window(") == 1, "defect 2: two windows on one storage, and neither loads"
    for name in (
        "evaluate_js",
        "run_js",
        "create_confirmation_dialog",
        "create_file_dialog",
        "events.closing",
    ):
        assert name not in program, f"defect 4: {name} from a closing window never returns"
    assert "request_sent" not in program, "defect 5: one header changed, and each holds its own name"
    assert 'settings["ALLOW_DOWNLOADS"] = False' in program, "defect 1: nothing is saved"
    assert "js_api" not in program, "a bridge into every page of every origin"
