"""The desktop program: a window of its own on one Jalon, here on this computer or on a chapter's server."""

__version__ = "0.1.0"
