"""Links beside and over a page: how one is written, and those that everybody sees."""

from typing import NotRequired, TypedDict

from flask import url_for

from app.kit.words import _, number

# Above it a count says no more than “many”, and would cost a look at every row.
MOST_COUNTED = 10_000


class Link(TypedDict):
    """One link: its words, where it leads, how many there are, whether that is the page being shown."""

    label: str
    url: str
    count: NotRequired[str]
    current: NotRequired[bool]


class Section(TypedDict):
    """A few links under one heading."""

    title: str
    links: list[Link]


def public_links() -> list[Link]:
    """What somebody who is not signed in may look at."""
    return links_to([
        ("needs.index", _("Needs"), None),
        ("roadmap.index", _("Roadmap"), None),
        ("campaigns.index", _("Campaigns"), None),
        ("people.apply_page", _("Apply"), None),
    ])  # fmt: skip


def links_to(wanted: list[tuple[str, str, int | None]]) -> list[Link]:
    """The links by endpoint, with their counts where there is one."""
    links: list[Link] = []
    for endpoint, label, count in wanted:
        link: Link = {"label": label, "url": url_for(endpoint)}
        if count is not None:
            link["count"] = up_to_many(count)
        links.append(link)
    return links


def up_to_many(count: int) -> str:
    """A count as it is written; from ten thousand on it says no more than that."""
    return number(count) if count < MOST_COUNTED else f"{number(MOST_COUNTED)}+"
