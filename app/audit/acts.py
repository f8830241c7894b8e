"""The record of acts, the outbox, and whether the database still refuses what it must refuse."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, SQLModel, text

import app.campaigns.ballot
import app.delivery.model
import app.escrow.model_left
import app.escrow.model_outside
import app.estimates.model
import app.needs.model
import app.payouts.model
import app.payouts.model_elsewhere
import app.payouts.model_legs
import app.roadmap.model  # noqa: F401  (they declare the graphs that are looked at)
from app.audit.check import Check, ask, faults
from app.kit.append_only import names
from app.kit.states import GRAPHS
from app.kit.words import _

# What the outside says is kept as it comes, and an order waits for its file: what we make of them has its steps.
WITHOUT_STEPS = ("InboxEvent", "BankOrder")

LATE = """
    SELECT topic, key, trouble FROM outbox WHERE done_at IS NULL AND due_at < :an_hour_ago
"""


def unrecorded_states(db: Session, at: datetime) -> Iterator[str]:
    """Rows whose state is not where their last step left them."""
    tables = {mapper.class_.__name__: str(mapper.local_table) for mapper in SQLModel._sa_registry.mappers}
    for name, graph in GRAPHS.items():
        if name in WITHOUT_STEPS:
            continue
        question = f"""
            SELECT r.id, r.state, s.after FROM "{tables[name]}" r
            LEFT JOIN (
                SELECT thing_id, MAX(id) AS id FROM step WHERE thing = '{name}' GROUP BY thing_id
            ) l ON l.thing_id = r.id
            LEFT JOIN step s ON s.id = l.id
            WHERE (s.id IS NULL AND r.state <> '{graph.first.value}') OR s.after <> r.state
        """  # noqa: S608  (names of our own tables and states)
        for row in ask(db, question, at):
            yield _("{thing} {id} is {state}, its last step says {after}").format(
                thing=name, id=row.id, state=row.state, after=row.after or "–"
            )


def undrawn_moves(db: Session, at: datetime) -> Iterator[str]:
    """Steps along an arrow that is not in the graph of their row."""
    question = """
        SELECT thing, "before", "after", MIN(id) AS first, COUNT(*) AS times FROM step
        WHERE "before" <> '' AND "before" <> "after" GROUP BY thing, "before", "after"
    """
    for row in ask(db, question, at):
        graph = GRAPHS.get(row.thing)
        known = graph and {row.before, row.after} <= set(graph.states)
        if not (graph and known and graph.allows(row.before, row.after)):
            yield _("{thing} went from {before} to {after} {times} times, first in step {first}").format(
                **row._mapping
            )


def broken_runs(db: Session, at: datetime) -> Iterator[str]:
    """Steps that begin elsewhere than the step before them ended."""
    question = """
        SELECT id, thing, thing_id, "before", stood FROM (
            SELECT id, thing, thing_id, "before", LAG("after") OVER (PARTITION BY thing, thing_id ORDER BY id) AS stood
            FROM step
        ) run WHERE stood IS NOT NULL AND "before" <> '' AND "before" <> stood
    """
    for row in ask(db, question, at):
        yield _("step {id}: {thing} {thing_id} was {stood}, the step begins at {before}").format(
            **row._mapping
        )


def lifted_guards(db: Session, _at: datetime) -> Iterator[str]:
    """Tables that could be changed though they are written once."""
    dialect = db.get_bind().dialect.name
    if dialect == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    there = {row[0] for row in db.execute(text(query))}
    for name in names(dialect):
        if name not in there:
            yield _("the guard {name} is not in place").format(name=name)


CHECKS = (
    Check("Every row stands where its last step left it", unrecorded_states),
    Check("Every step goes along an arrow of its graph", undrawn_moves),
    Check("Every step begins where the one before it ended", broken_runs),
    Check("The database refuses to change what is written once", lifted_guards),
    Check(
        "Nothing has waited in the outbox for more than an hour",
        faults("{topic} {key} waits: {trouble}", LATE),
        is_warning=True,
    ),
)
