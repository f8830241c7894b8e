"""What people type about calls and money in doubt."""

from app.kit.forms import Count, Form, Line, Text


class WaitForm(Form):
    """How many more days a backer gets, and why."""

    days: Count
    reason: Text


class MatchForm(Form):
    """For which call money in doubt is."""

    number: Line
