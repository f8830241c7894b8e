"""What a need is found by, and what somebody looks for: marks for the filters, then words and their stems.

Published needs have them as they are. What is not published has another letter before each of its own, so that a
search among the published never walks over drafts, nor the other way round.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from app.catalogue.spelling import words
from app.needs.model import Need, NeedKind, NeedState

if TYPE_CHECKING:
    from snowballstemmer import stemmer

MOST_WORDS = 12
LONGEST_TEXT = 12_000

# A mark begins with an underscore, which no word does; `_k`, `_s`, `_o` and `_public` are the filters.
BEFORE = {NeedState.PUBLISHED: "", NeedState.DRAFT: "_d", NeedState.WITHDRAWN: "_w"}

# Marks or words of which one must be there; a star after a word means "begins with".
Group = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. `organization_id` is the reader's: it sees its own drafts and no one else's."""

    text: str = ""
    software_id: int | None = None
    kind: NeedKind | None = None
    state: NeedState = NeedState.PUBLISHED
    is_mine: bool = False
    organization_id: int | None = None


def search_text(need: Need, software_name: str) -> str:
    """What a need is found by, at most 12,000 characters."""
    marks = [f"_k{need.kind}", f"_s{need.software_id}", f"_o{need.organization_id}"]
    if need.state == NeedState.WITHDRAWN and need.published_at is not None:
        marks.append("_public")
    said = " ".join((need.title, software_name, need.summary, need.workaround, need.criteria))
    found = dict.fromkeys(marks)
    for word in words(said):
        found.update(dict.fromkeys((word, *stems(word))))
    letter = BEFORE[NeedState(need.state)]
    text = " ".join(f"{letter}{word}" for word in found)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT + 1].rpartition(" ")[0]


@lru_cache(maxsize=1)
def _stemmers() -> "tuple[stemmer, ...]":
    import snowballstemmer  # thirty languages, of which a search or a new need asks for two

    return tuple(snowballstemmer.stemmer(name) for name in ("french", "english"))


@lru_cache(maxsize=50_000)
def stems(word: str) -> Group:
    """What is left of a word without its endings, in French and in English: backlogs mix both."""
    return tuple(dict.fromkeys(stemmer.stemWord(word) for stemmer in _stemmers()))


def asked_words(text: str) -> list[str]:
    """The words looked for: single letters only where there is nothing else, twelve at most."""
    typed = list(dict.fromkeys(words(text)))
    return ([word for word in typed if len(word) > 1] or typed)[:MOST_WORDS]


def groups(wanted: Wanted) -> list[Group]:
    """What has to be in a need's search text: one of each group. Empty for all that is published."""
    asked: list[Group] = []
    own = f"_o{wanted.organization_id}"
    if wanted.state == NeedState.DRAFT or wanted.is_mine:
        asked.append((own,))
    elif wanted.state == NeedState.WITHDRAWN:
        asked.append(("_public", own))
    if wanted.kind:
        asked.append((f"_k{wanted.kind}",))
    if wanted.software_id:
        asked.append((f"_s{wanted.software_id}",))
    asked += [_alternatives(word) for word in asked_words(wanted.text)]
    letter = BEFORE[wanted.state]
    return [tuple(f"{letter}{word}" for word in group) for group in asked]


def _alternatives(word: str) -> Group:
    if len(word) == 1:
        return (word,)
    return (f"{word}*", *(stem for stem in stems(word) if len(stem) > 1 and not stem.startswith(word)))


def matches(found_by: str, wanted: Wanted) -> bool:
    """Whether a search text has what is wanted: the index's answer, by looking at one text."""
    there = found_by.split(" ")

    def has(alternative: str) -> bool:
        if alternative.endswith("*"):
            return any(word.startswith(alternative[:-1]) for word in there)
        return alternative in there

    return all(any(map(has, group)) for group in groups(wanted))
