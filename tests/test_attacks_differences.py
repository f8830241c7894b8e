"""A flood of small differences hides no large one."""

import pytest

from app.kit.db import Database
from app.payouts import comparison
from app.payouts.comparison import LINES_MISSING, MOST_SHOWN, Difference
from tests import cast as c


@pytest.mark.long_story
def test_explaining_every_difference_that_is_shown_does_not_open_the_rail_for_one_that_is_not(
    database: Database,
) -> None:
    flood = [Difference(f"cent-{number:03}", 1, 0, "") for number in range(MOST_SHOWN)]
    with database.writing() as db:
        cast = c.settle(db)
        comparison.keep(db, "sandbox", 0, [*flood, Difference("theft", -9_000_000, 0, "")], at=c.DECIDED)
        for one in flood:
            comparison.explain(
                db, "sandbox", one.outside_id, reason="Our own", by=cast.treasurer, at=c.DECIDED
            )
        assert not comparison.agrees(db, "sandbox")
        last = comparison.latest(db, "sandbox")
        assert last is not None
        assert [(one.outside_id, one.outside_cents) for one in comparison.differences(last)] == [
            (LINES_MISSING, -9_000_000)
        ]
