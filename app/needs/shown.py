"""Needs in the reader's words."""

import json

from sqlmodel import Session, col, select

from app.kit.words import _, translate
from app.needs.model import Need, NeedKind
from app.needs.preview import Judged
from app.people.step import Step


def kind_words() -> dict[str, str]:
    """The kinds of work, as people call them."""
    return {
        NeedKind.FEATURE.value: _("Feature"),
        NeedKind.MAINTENANCE.value: _("Maintenance"),
        NeedKind.SECURITY.value: _("Security"),
        NeedKind.ACCESSIBILITY.value: _("Accessibility"),
        NeedKind.DOCUMENTATION.value: _("Documentation"),
    }


def reason_words(judged: Judged) -> str:
    """Why a row of a backlog is not posted; nothing for a new one."""
    if judged.mistake is not None:
        sentence = translate(judged.mistake)
        if judged.row.heading:
            return _("Column “%(heading)s”: %(sentence)s", heading=judged.row.heading, sentence=sentence)
        return sentence
    if judged.doubles_line is not None:
        return _("Line %(line)s of this file says the same.", line=judged.doubles_line)
    return _("It is already posted:") if judged.doubles is not None else ""


def step_reason(db: Session, need: Need, act: str) -> str:
    """The reason kept with an act on this need."""
    query = select(Step.facts).where(Step.thing == "Need", Step.thing_id == need.id, Step.act == act)
    facts = db.exec(query.order_by(col(Step.id).desc())).first()
    return str(json.loads(facts).get("reason", "")) if facts else ""
