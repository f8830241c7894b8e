"""Who gets which answer from which route. One line a route (more where its things differ), one column a person.

The columns: nobody (not signed in); member, buyer, approver, finance and admin of one bank, each with this role alone;
a stranger with every role in another organization; the maker of the software's maintainer and a rival with every role
in another one; officer, treasurer, arbitrator and auditor of the fund; a newcomer whose organization is not verified
yet, somebody with every role in a suspended one, and a person of the bank whose account is closed.

`in` means: asked to sign in first. A thing is named by its kind and state, of the bank or of its maintainer; `.own` is
the asking person's own, `?` puts it behind the question mark. The rows stand in access_rows_*.py, what a
form says in FORMS.
"""

from dataclasses import dataclass

from tests import access_rows_money, access_rows_plans, access_rows_work

WHO = {
    "nob": "nobody", "mem": "member", "buy": "buyer", "app": "approver", "fin": "finance", "adm": "admin",
    "str": "stranger", "mak": "maker", "riv": "rival", "off": "officer", "tre": "treasurer", "arb": "arbitrator",
    "aud": "auditor", "new": "newcomer", "sus": "suspended", "dis": "disabled",
}  # fmt: skip
# What may be read by everybody, so that "not yours to do" tells nobody more than the page does.
PUBLIC = {
    "delivery",
    "invitation",
    "item",
    "milestone",
    "motion",
    "organization",
    "question",
    "reserve",
    "shortfall",
    "software",
}
PUBLIC_THINGS = {
    "need.published", "estimate.submitted", "campaign.open", "campaign.reached", "campaign.secured", "campaign.ready",
    "campaign.worked", "grant.active",
}  # fmt: skip
# What everybody may do, an auditor too: come and go, choose a language, keep one's own password, sign-ins and ties.
YOURS = {
    "/sign-in", "/sign-in/demo", "/sign-out", "/language", "/acting", "/password", "/password/forgotten",
    "/devices", "/devices/<name>/end", "/devices/token", "/devices/session",
    "/password/<token>", "/sessions/<name>/end", "/sessions/others/end", "/apply", "/invitations/<token>",
    "/interests", "/interests/<name>/end", "/invitations/<token>/joining", "/invitations/<token>/renewal", "/start",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the table: what is asked, about which thing, and each person's answer."""

    method: str
    rule: str
    thing: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule} {self.thing}".strip()

    def written(self, answers: dict[str, str]) -> str:
        """This line with these answers, as the table writes it."""
        codes = " ".join(f"{answers[who]:3}" for who in answers)
        return f"{self.method:4} {self.rule:36} {self.thing or '-':29} {codes}".rstrip()


def _read(table: str) -> tuple[tuple[str, ...], list[Line]]:
    """The people of the head line, and the lines under it."""
    head, *rows = (row for row in table.splitlines() if row.strip() and not row.startswith("--"))
    people = tuple(WHO[short] for short in head.split())
    lines = []
    for row in rows:
        method, rule, thing, *answers = row.split()
        lines.append(
            Line(method, rule, "" if thing == "-" else thing, dict(zip(people, answers, strict=True)))
        )
    return people, lines


_TABLES = [_read(rows) for rows in (access_rows_plans.ROWS, access_rows_money.ROWS, access_rows_work.ROWS)]
PEOPLE = _TABLES[0][0]
assert all(people == PEOPLE for people, _lines in _TABLES), "every table has the same columns"
LINES = [line for _people, lines in _TABLES for line in lines]
