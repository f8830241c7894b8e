"""Every state of a campaign, its promises, its money and its work is reached by the rules, and the book stays right."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sqlmodel import select

from app.kit.db import Database
from app.people.step import Step
from tests.playing import on_stage
from tests.walks import TABLES, WALKS, missed


@pytest.mark.slow
@pytest.mark.long_story
def test_short_stories_lead_through_every_state_that_is_drawn(database: Database, tmp_path: Path) -> None:
    reached: dict[str, Counter[str]] = defaultdict(Counter)
    with on_stage(database, tmp_path) as play:
        for walk in WALKS:
            walk(play)
            play.pay_out_all()
        play.quietly()
        with play.database.reading() as db:
            for thing, before, after in db.exec(select(Step.thing, Step.before, Step.after)):
                reached[thing].update({state for state in (before, after) if state})
    for table in TABLES:
        print(f"{table}:", ", ".join(f"{state} {count}" for state, count in sorted(reached[table].items())))
    assert not missed(reached)
