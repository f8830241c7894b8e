"""In which language a text was written, where nobody kept it beside: words a person signed stay as they were."""

import re
from functools import lru_cache

# Words that stand in nearly every sentence of one language and in none of the other.
OFTEN = {
    "fr": frozenset(("le", "la", "les", "des", "du", "et", "est", "une", "un", "pour", "que", "ce", "par", "au")),
    "en": frozenset(("the", "of", "and", "is", "are", "to", "that", "this", "it", "for", "by", "with", "when", "be")),
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=256)
def language_of(text: str) -> str | None:
    """The code of the language a text is written in; none where its words do not tell."""
    words = WORD.findall(text.lower())
    counts = {code: sum(word in often for word in words) for code, often in OFTEN.items()}
    likely, other = sorted(counts, key=lambda code: -counts[code])
    return likely if counts[likely] > 2 * counts[other] else None
