"""What unhappy ends promise: reserves and what is kept back, questions to the backers, gaps, amendments, freezes."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from app.audit.check import Check, ask, faults
from app.kit.words import N_, _

# What is kept back of a part waits in its backer's own account until the last reserve is answered.
KEPT_BACK = """
    SELECT g.id, SUM(p.price_cents - r.price_cents) AS kept, COALESCE(h.balance_cents, 0) AS held
    FROM delivery d JOIN "release" r ON r.campaign_id = d.campaign_id AND r.cause = 'milestone ' || d.milestone_id
    JOIN part p ON p.id = r.part_id JOIN pledge g ON g.id = p.pledge_id
    JOIN call_line l ON l.part_id = p.id JOIN call k ON k.id = l.call_id JOIN campaign c ON c.id = d.campaign_id
    LEFT JOIN ledger_account h ON h.code = 'held:' || g.campaign_id || ':' || g.id || ':' || g.rail
    WHERE d.retention_basis_points > 0 AND d.retention_released_at IS NULL AND d.retention_returned_at IS NULL
      AND d.share_basis_points = 10000 AND d.state IN ('accepted', 'accepted with reserves')
      AND k.state = 'paid' AND c.state = 'secured'
    GROUP BY g.id, h.balance_cents HAVING SUM(p.price_cents - r.price_cents) > COALESCE(h.balance_cents, 0)
"""

RELEASED_TOO_MUCH = """
    SELECT r.id, r.part_id FROM "release" r JOIN part p ON p.id = r.part_id
    JOIN delivery d ON r.campaign_id = d.campaign_id AND r.cause = 'milestone ' || d.milestone_id
    WHERE d.retention_basis_points > 0 AND d.share_basis_points = 10000
      AND (d.retention_released_at IS NULL OR d.retention_released_at > r.at)
      AND d.state IN ('accepted', 'accepted with reserves')
      AND r.price_cents > p.price_cents - (p.price_cents * d.retention_basis_points) / 10000
    UNION ALL
    SELECT r.id, r.part_id FROM "release" r JOIN part p ON p.id = r.part_id
    JOIN delivery d ON r.campaign_id = d.campaign_id AND r.cause = 'retention ' || d.milestone_id
         AND d.retention_released_at IS NOT NULL
    JOIN reserve v ON v.delivery_id = d.id WHERE v.state IN ('filed', 'mended')
"""

OPEN_RESERVES = """
    SELECT d.id, d.state FROM delivery d
    WHERE (d.state = 'accepted with reserves') <> EXISTS (
        SELECT 1 FROM reserve v WHERE v.delivery_id = d.id AND v.state IN ('filed', 'mended')
    ) AND d.state IN ('accepted', 'accepted with reserves', 'part accepted', 'rejected')
      AND d.decided_at <= :an_hour_ago AND d.campaign_id IN (SELECT id FROM campaign WHERE state = 'secured')
"""

QUESTIONS = """
    SELECT m.id, m.state, s.act, s.facts FROM motion m
    LEFT JOIN step s ON s.thing = 'Motion' AND s.thing_id = m.id
         AND s.act IN ('carry', 'lose', 'withdraw', 'carry out', 'overtake')
    ORDER BY m.id, s.id
"""

VOICES = "SELECT motion_id, organization_id, is_yes FROM voice"

# How a question may have ended: what was recorded of it, by the state it stands in.
WAYS = {
    "open": ([],), "carried": (["carry"],), "lost": (["lose"],), "withdrawn": (["withdraw"],),
    "done": (["carry", "carry out"],), "overtaken": (["overtake"], ["carry", "overtake"]),
}  # fmt: skip
MISCOUNTED = N_("question {id} is {state}, but its answers say otherwise")

# One gap for a pledge at a time; one that ended stands beside a call, a pledge and a campaign that say the same.
GAPS = """
    SELECT s.id, s.state FROM shortfall s JOIN campaign c ON c.id = s.campaign_id
    LEFT JOIN call k ON k.id = s.call_id LEFT JOIN pledge g ON g.id = s.pledge_id
    WHERE (s.state = 'open') <> (s.ended_at IS NULL)
       OR (s.state = 'stopped' AND c.state NOT IN ('stopped', 'completed'))
       OR (s.state IN ('filled', 'cut') AND g.id IS NOT NULL AND (g.state <> 'defaulted' OR k.state = 'defaulted'))
       OR (s.state IN ('filled', 'cut') AND EXISTS (
           SELECT 1 FROM part p JOIN call_line l ON l.part_id = p.id JOIN call q ON q.id = l.call_id
           WHERE p.pledge_id = s.pledge_id AND p.price_cents > 0 AND q.cause = 'tranche'
             AND q.state NOT IN ('paid', 'charged back', 'void')
             AND p.id NOT IN (SELECT part_id FROM dropped_part)
       ))
       OR (s.state = 'paid' AND k.state IN ('issued', 'part paid', 'waiting'))
       OR (s.state = 'open' AND s.pledge_id IS NOT NULL AND EXISTS (
           SELECT 1 FROM shortfall o WHERE o.pledge_id = s.pledge_id AND o.state = 'open' AND o.id <> s.id
       ))
"""

# A part that counts no more says why, and that is so.
DROPPED = """
    SELECT d.part_id, d.cause FROM dropped_part d JOIN part p ON p.id = d.part_id
    WHERE (d.cause LIKE 'default %' AND NOT EXISTS (
               SELECT 1 FROM shortfall s WHERE d.cause = 'default ' || s.id AND s.campaign_id = p.campaign_id
               AND s.state IN ('filled', 'cut')
          ))
       OR (d.cause LIKE 'amendment %' AND NOT EXISTS (
               SELECT 1 FROM motion m WHERE d.cause = 'amendment ' || m.id AND m.campaign_id = p.campaign_id
               AND m.kind = 'amendment' AND m.state = 'done'
          ))
       OR (d.cause = 'cut' AND NOT EXISTS (
               SELECT 1 FROM shortfall s WHERE s.campaign_id = p.campaign_id AND s.state = 'cut'
          ))
"""

DIVIDED = """
    SELECT o.id, o.price_cents, o.vat_cents, COALESCE(SUM(n.price_cents), 0) AS price,
           COALESCE(SUM(n.vat_cents), 0) AS vat
    FROM part o JOIN dropped_part x ON x.part_id = o.id LEFT JOIN divided_part d ON d.from_part_id = o.id
    LEFT JOIN part n ON n.id = d.part_id
    WHERE x.cause LIKE 'amendment %'
    GROUP BY o.id, o.price_cents, o.vat_cents, o.pledge_id
    HAVING COALESCE(SUM(n.price_cents), 0) <> o.price_cents OR COALESCE(SUM(n.vat_cents), 0) <> o.vat_cents
        OR MIN(n.pledge_id) <> o.pledge_id OR MAX(n.pledge_id) <> o.pledge_id
"""

AMENDED = """
    SELECT m.id, COALESCE(a.made, 0) AS made, COALESCE(p.asked, 0) AS asked FROM motion m
    LEFT JOIN (
        SELECT cause, COUNT(*) AS made, MIN(price_cents) AS least, MAX(price_cents) AS most
        FROM amendment GROUP BY cause
    ) a ON a.cause = 'amendment ' || m.id
    LEFT JOIN (
        SELECT motion_id, COUNT(*) AS asked, SUM(price_cents) AS cents FROM amendment_piece GROUP BY motion_id
    ) p ON p.motion_id = m.id
    WHERE m.kind = 'amendment' AND (
        (m.state = 'done') <> (a.cause IS NOT NULL)
        OR (a.cause IS NOT NULL AND (a.made <> p.asked OR a.least <> p.cents OR a.most <> p.cents))
    )
"""

SPENT_WHILE_FROZEN = """
    SELECT f.id, r.id AS made FROM "freeze" f JOIN part p ON p.pledge_id = f.pledge_id
    JOIN "release" r ON r.part_id = p.id JOIN campaign c ON c.id = f.campaign_id
    WHERE r.at > f.frozen_at AND (f.ended_at IS NULL OR r.at < f.ended_at)
      AND (c.ended_at IS NULL OR r.at < c.ended_at)
"""


def _questions(db: Session, at: datetime) -> Iterator[str]:
    """Every question whose end its answers do not bear out."""
    said: dict[int, set[tuple[int, bool]]] = {}
    for row in ask(db, VOICES, at):
        said.setdefault(row.motion_id, set()).add((row.organization_id, bool(row.is_yes)))
    acts: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for row in ask(db, QUESTIONS, at):
        recorded = acts.setdefault((row.id, row.state), [])
        if row.act:
            recorded.append((row.act, row.facts))
    for (number, state), recorded in acts.items():
        is_known = [act for act, _facts in recorded] in WAYS[state]
        if not is_known or not all(_adds_up(act, facts, said.get(number, set())) for act, facts in recorded):
            yield _(MISCOUNTED).format(id=number, state=state)


def _adds_up(act: str, facts: str, said: set[tuple[int, bool]]) -> bool:
    """Whether a count is of the answers that were given, and a yes has more than half of the weight."""
    count = json.loads(facts) if act in ("carry", "lose") else {}
    if "answers" not in count:  # nothing was counted
        return True
    answers = [(name, bool(is_yes), weight) for name, is_yes, weight in count["answers"]]
    if {(name, is_yes) for name, is_yes, _weight in answers} != said:
        return False
    return act != "carry" or 2 * sum(w for _n, is_yes, w in answers if is_yes) > count["whole"]


CHECKS = (
    Check(
        "What is kept back of accepted milestones is still held for who paid it",
        faults("pledge {id}: {kept} are kept back, {held} are held", KEPT_BACK),
    ),
    Check(
        "Nothing kept back is released before its day, nor while a reserve is open",
        faults("release {id} of part {part_id} gives what is kept back", RELEASED_TOO_MUCH),
    ),
    Check(
        "A milestone is accepted with reserves exactly while one of them is open",
        faults("delivery {id} is {state}", OPEN_RESERVES),
    ),
    Check("Every question to the backers ended once, as its answers count", _questions),
    Check(
        "Every gap a default leaves is open, or ended in one way that its call, pledge and campaign bear out",
        faults("gap {id} is {state}", GAPS),
    ),
    Check(
        "Every part that counts no more was given up, cut or divided for a reason on record",
        faults("part {part_id}: {cause}", DROPPED),
    ),
    Check(
        "What an amendment divides it divides to the cent, for the same backer",
        faults("part {id} of {price_cents} and {vat_cents} VAT became {price} and {vat}", DIVIDED),
    ),
    Check(
        "Every amendment that was agreed was carried out once, as it was proposed and at the same price",
        faults("question {id}: {made} milestones of {asked} proposed", AMENDED),
    ),
    Check(
        "Nothing of a frozen backer was spent",
        faults("freeze {id}: release {made} was made while it stood", SPENT_WHILE_FROZEN),
    ),
)
