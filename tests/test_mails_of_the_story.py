"""Everything the demonstration's story does, told by mail: nothing fails, and every letter can be read."""

import json
import logging
import shutil
from itertools import product
from pathlib import Path

import pytest
from sqlmodel import delete, select

from app.kit.clock import now
from app.kit.db import Database
from app.kit.outbox import MAIL, Outgoing
from app.notices import desk, post
from app.notices.model import MailCursor
from tests.played import settings_on


def test_every_act_of_the_story_can_be_told_in_both_languages(
    story: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "jalon.db"
    shutil.copyfile(story, path)
    settings = settings_on(path, tmp_path)
    database = Database(settings.database_url)
    database.run(lambda db: db.exec(delete(MailCursor)))
    with caplog.at_level(logging.ERROR):
        while database.run(lambda db: desk.write_news(db, settings.base_url, now())):
            pass
    assert caplog.messages == []
    with database.reading() as db:
        # One that left is emptied: a link lets whoever holds it in.
        waiting = select(Outgoing.key, Outgoing.body).where(Outgoing.topic == MAIL, Outgoing.body != "{}")
        letters = db.exec(waiting).all()
    database.close()
    kinds = {}
    for key, kept in letters:
        body = json.loads(kept)
        kinds.setdefault(body["template"], (key, body))
    assert len(letters) > 500, "a long story with many readers"
    for (template, (key, body)), language in product(kinds.items(), ("fr", "en")):
        message = post.written(settings, {**body, "language": language}, key=key)
        assert message["Subject"].strip()
        assert "None" not in message.get_content(), template
