"""How words are compared: lower case, without accents or punctuation, so that “Œuvre” finds « oeuvre »."""

import re
import unicodedata

LONGEST_WORD = 40

# Letters that Unicode does not take apart, and that people type in two.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text as they are compared, in order; never an underscore in them, never longer than 40."""
    if text.isascii():
        return [word[:LONGEST_WORD] for word in WORD.findall(text.lower())]
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(LIGATURES)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in WORD.findall(plain)]


def key(text: str) -> str:
    """What two texts share when people would call them the same."""
    return " ".join(words(text))
