"""Jalon: companies co-finance the open source they rely on, and money moves when the work is accepted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

CANNOT_START = 4  # gunicorn stops for good on this status, instead of starting the worker again and again


def create_app() -> "Flask":
    """The application a WSGI server asks for (`gunicorn "app:create_app()"`), set by the environment."""
    import sys

    from app.kit import logs
    from app.kit.collector import spare_the_collector
    from app.kit.settings import SettingRefused, read_settings
    from app.main import create_app as build

    try:
        settings = read_settings()
        if settings.is_sqlite:
            raise SettingRefused("DATABASE_URL names SQLite, which one process writes: use `jalon serve`.")
        logs.speak()
        app = build(settings)
    except SettingRefused as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(CANNOT_START) from None
    spare_the_collector()
    return app
