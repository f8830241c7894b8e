"""Numbered, salted digests in a row: who holds a line can prove it stood there, who does not learns nothing.

A line's digest is SHA-256 over a random salt and the line's canonical text; a link's head is SHA-256 over the head
before it, its number and the digest. Anyone may check the heads; checking a line takes its text and its salt.
"""

import hashlib
import json
import secrets
from typing import Any

GENESIS = "0" * 64


def canonical(content: dict[str, Any]) -> str:
    """The one way to write a line down: sorted keys, no spaces, no floats."""
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str
    )


def new_salt() -> str:
    """128 random bits, so that small amounts cannot be found by trying."""
    return secrets.token_hex(16)


def digest(salt: str, text: str) -> str:
    """What stands in the chain for a line."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def next_head(before: str, number: int, line_digest: str) -> str:
    """The head after one more link."""
    return hashlib.sha256(f"{before}\n{number}\n{line_digest}".encode()).hexdigest()
