"""The look: the gallery of every macro stands, says things in both languages, and obeys the strict page policy."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from app.kit import words
from app.kit.mistakes import Wrong
from tests.gallery_words import gallery

LAYOUT = Path(__file__).parent.parent / "app" / "layout"
VOID = {"input", "meta", "link", "br", "hr", "img", "use", "rect", "path", "circle"}


class Page(HTMLParser):
    """A page as a flat list of tags, with what was left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at line {self.getpos()[0]}")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def rendered(language: str, template: str = "layout/gallery.html", **more: Any) -> str:
    """A template of the layout with invented content, in one language."""
    shown = gallery(language)
    mistakes, typed = shown.pop("mistakes"), shown.pop("typed")
    sent: list[str] = []
    drawn: dict[str, Wrong] = {}

    def begin_form(action: str) -> str:
        sent[:] = [action] if action == "#need" else []
        return ""

    def note_mistake(name: str, id: str, label: str) -> str:
        if sent and name in mistakes:
            drawn[name] = Wrong(mistakes[name], label, id)
        return ""

    pages = Environment(
        loader=FileSystemLoader(LAYOUT.parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    pages.globals.update(
        {
            "_": words._,
            "ngettext": words.ngettext,
            "money": words.money,
            "number": words.number,
            "language": words.language,
        },
        url_for=lambda endpoint, filename: f"/{endpoint}/{filename}",
        csrf_token=lambda: "token",
        typed=lambda name, default="": typed.get(name, default) if sent else default,
        mistake_of=lambda name: mistakes.get(name) if sent else None,
        note_mistake=note_mistake,
        mistakes_drawn=drawn.values,
        anchor_of_refused_form=lambda id: id,
        sentence_of_form=lambda: mistakes.get("") if sent else None,
        begin_form=begin_form,
        refused_here=lambda: bool(sent),
        refusal_sentence=lambda: mistakes.get(""),
    )
    with words.use_language(language):
        return pages.get_template(template).render(shown | more)


@pytest.fixture(scope="module", params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def text(language: str) -> str:
    return rendered(language)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_tag_of_the_gallery_is_closed(page: Page) -> None:
    assert page.wrong == []
    assert page.open == []


def test_the_page_says_its_language_and_has_one_main_heading(page: Page, language: str) -> None:
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1


def test_a_forced_theme_stands_on_the_page(language: str) -> None:
    assert Page(rendered(language, theme="dark")).all("html")[0]["data-theme"] == "dark"


def test_no_style_no_script_and_no_event_is_written_in_the_page(page: Page) -> None:
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))], tag
        assert tag != "style"
        assert tag != "script" or attributes.get("src"), tag


def test_no_id_stands_twice(page: Page) -> None:
    ids = [attributes["id"] or "" for _, attributes in page.tags if "id" in attributes]
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_every_field_has_a_label_that_points_at_it(page: Page) -> None:
    labels = {attributes.get("for") for attributes in page.all("label")}
    typed = [a for tag in ("input", "select", "textarea") for a in page.all(tag)]
    for attributes in typed:
        if attributes.get("type") in ("hidden", "radio", "checkbox"):
            continue
        assert attributes["id"] in labels, attributes


def test_what_describes_a_field_stands_on_the_page(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    named = [a["aria-describedby"] or "" for _, a in page.tags if "aria-describedby" in a]
    assert named
    assert all(name in ids for names in named for name in names.split())


def test_a_mistake_keeps_what_was_typed_and_says_what_is_wrong(page: Page, text: str) -> None:
    (budget,) = [a for a in page.all("input") if a.get("name") == "budget"]
    assert budget["value"] == "1.234"
    assert budget["aria-invalid"] == "true"
    assert budget["aria-describedby"] == "f-budget-mistake"
    assert "1234" in text.split('id="f-budget-mistake"')[1].split("</p>")[0]


def test_every_form_that_changes_something_carries_the_token(text: str) -> None:
    forms = re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL)
    posting = [form for form in forms if 'method="post"' in form]
    assert len(posting) >= 5
    assert all('name="csrf_token" value="token"' in form for form in posting)
    assert not any("csrf_token" in form for form in forms if 'method="get"' in form)


def test_the_funding_bar_fills_as_far_as_its_kinds_and_says_so_in_words() -> None:
    text = rendered("en").split('<figure class="funding')[1].split("</figure>")[0]
    track = text.split('class="funding-track"')[1].split("</svg>")[0]
    wide = [float(width) for width in re.findall(r'<rect x="[\d.]+%" width="([\d.]+)%"', track)]
    assert wide == pytest.approx(
        [100 * cents / 31_000_000 for cents in (13_500_000, 4_800_000, 1_920_000, 1_230_000)], abs=0.001
    )
    said = text.split("visually-hidden")[1].split("</p>")[0]
    for words_of_the_bar in (
        "Pledged €135,000",
        "Matching grant €12,300",
        "Still missing €25,500",
        "Minimum €240,000",
    ):
        assert words_of_the_bar in said


def test_steps_that_stand_close_write_their_names_in_different_rows() -> None:
    crowded = rendered("en").split('<figure class="funding')[2].split("</figure>")[0]
    names = re.findall(r'<text class="step-name" x="[\d.]+%" y="(\d+)"[^>]*>([^<]+)', crowded)
    rows = {name: y for y, name in names}
    assert len({rows["Minimum"], rows["+ Import of old pages"], rows["+ Keyboard map"]}) == 3
    assert rows["Minimum"] == rows["+ Offline mode"]


@pytest.mark.parametrize("steps", [[], [{"label": "Minimum", "cents": 0}]])
def test_a_bar_without_money_still_stands(steps: list[dict[str, Any]]) -> None:
    text = rendered("en", segments=[], thresholds=steps)
    assert Page(text).wrong == []


def test_the_road_marks_one_place_as_here(page: Page) -> None:
    assert (
        len([a for a in page.all("li") if a.get("aria-current") == "step"]) == 2
    )  # two roads in the gallery
    assert (
        len([a for a in page.all("li") if (a.get("class") or "").startswith(("past", "here", "ahead"))]) == 14
    )


def test_signed_out_people_get_a_way_in_and_no_rail() -> None:
    text = rendered("en", rail=None)
    assert "Sign in" in text
    assert 'class="rail"' not in text
    assert "Sign out" not in text


def test_what_people_wrote_is_never_read_as_markup() -> None:
    hostile = "<b onclick=x>"
    shown = gallery("en")
    text = rendered(
        "en",
        backers=[{"label": hostile, "value": hostile}],
        operator=hostile,
        words=shown["words"] | {"title": hostile},
    )
    assert hostile not in text
    assert "&lt;b onclick=x&gt;" in text


def test_the_error_page_says_what_happened_and_where_to_go() -> None:
    text = rendered(
        "fr", template="layout/error.html", title="Page introuvable", text="Elle a changé d’adresse."
    )
    assert "Elle a changé d’adresse." in text
    assert "Aller à ce qui m’attend" in text


def test_every_sentence_of_the_layout_is_said_in_french() -> None:
    asked = set()
    for path in LAYOUT.rglob("*.html"):
        asked |= {
            double or single
            for double, single in re.findall(r'\b_\((?:"([^"]+)"|\'([^\']+)\')', path.read_text())
        }
    told = set(re.findall(r'^msgid "(.+)"$', (LAYOUT / "fr.po").read_text(), flags=re.MULTILINE))
    assert asked - told == set()
    assert told - asked == set()


def test_every_static_file_a_page_asks_for_is_there(text: str) -> None:
    asked = {path.split("#")[0] for path in re.findall(r'"/static/([^"]+)"', text)}
    sheet = (LAYOUT / "static" / "jalon.css").read_text()
    asked |= set(re.findall(r'url\("([^"]+)"\)', sheet))
    assert {"htmx.min.js", "site.js", "jalon.css", "icons.svg"} <= asked
    assert [path for path in asked if not (LAYOUT / "static" / path).is_file()] == []


def test_every_icon_asked_for_is_in_the_sprite(text: str) -> None:
    sprite = set(re.findall(r'<symbol id="(\w+)"', (LAYOUT / "static" / "icons.svg").read_text()))
    assert set(re.findall(r'icons\.svg#(\w+)"', text)) <= sprite


def _brightness(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
def test_every_text_color_is_readable_on_every_ground(theme: int) -> None:
    sheet = (LAYOUT / "static" / "jalon.css").read_text()
    tokens = {
        name: both[theme]
        for name, *both in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", sheet)
    }
    pairs = [
        (ink, ground) for ink in ("ink", "ink-2", "ink-3", "act") for ground in ("paper", "panel", "sunken")
    ]
    pairs += [
        ("act", "act-soft"),
        ("ok", "ok-soft"),
        ("wait", "wait-soft"),
        ("bad", "bad-soft"),
        ("on-act", "act"),
        ("bad", "panel"),
    ]
    for ink, ground in pairs:
        light, dark = sorted((_brightness(tokens[ink]), _brightness(tokens[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_a_refused_page_begins_with_what_is_wrong_and_leads_to_each_field(page: Page, text: str) -> None:
    (summary,) = [one for one in page.all("div") if one.get("class") == "mistakes"]
    assert (summary["role"], summary["tabindex"]) == ("alert", "-1")
    assert text.index('class="mistakes"') < text.index("<h1")
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    lines = text.split('class="mistakes"')[1].split("</ul>")[0]
    targets = re.findall(r'href="#([^"]+)"', lines)
    assert targets == ["f-title", "f-budget"]
    assert set(targets) <= ids
    assert text.split("<title>")[1].startswith(("Error:", "Erreur"))
