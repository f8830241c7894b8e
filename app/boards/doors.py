"""The address of the boards."""

from flask import Blueprint

bp = Blueprint("boards", __name__)

# What makes a spreadsheet take a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
