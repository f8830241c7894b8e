"""Secrets that travel in links and cookies: 256 random bits outside, only their hash inside."""

import hashlib
import secrets


def new_token() -> str:
    """A secret nobody can guess, fit for an address."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of it: enough to recognize it, not to make it."""
    return hashlib.sha256(secret.encode()).hexdigest()
