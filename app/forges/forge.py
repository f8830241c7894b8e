"""The port: which question an address on a forge stands for, and how each kind of forge is asked it."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from app.kit.fetching import Fetched


class Kind(StrEnum):
    """A family of forges that are asked alike."""

    GITHUB = "github"
    GITLAB = "gitlab"
    FORGEJO = "forgejo"


class Found(StrEnum):
    """What a forge says about an address."""

    MERGED = "merged"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    DRAFT = "draft"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Question:
    """What is asked of a forge: about a change, a release, a tag or a commit; and the address of its answer."""

    about: str
    address: str


@dataclass(frozen=True)
class Verdict:
    """What the forge answered, with the commit or the name it gave."""

    found: Found
    detail: str = ""


NAME = r"[\w.-]+"
PATHS: dict[Kind, tuple[tuple[str, str, str], ...]] = {
    Kind.GITHUB: (
        ("change", rf"/({NAME}/{NAME})/pull/(\d+)(?:/\w+)?", "/repos/{0}/pulls/{1}"),
        ("release", rf"/({NAME}/{NAME})/releases/tag/([^/]+)", "/repos/{0}/releases/tags/{1}"),
        ("tag", rf"/({NAME}/{NAME})/tree/([^/]+)", "/repos/{0}/git/ref/tags/{1}"),
        ("commit", rf"/({NAME}/{NAME})/commit/([0-9a-f]{{7,64}})", "/repos/{0}/commits/{1}"),
    ),
    Kind.GITLAB: (
        ("change", rf"/((?:{NAME}/)+{NAME})/-/merge_requests/(\d+)", "/projects/{0}/merge_requests/{1}"),
        ("release", rf"/((?:{NAME}/)+{NAME})/-/releases/([^/]+)", "/projects/{0}/releases/{1}"),
        ("tag", rf"/((?:{NAME}/)+{NAME})/-/tags/([^/]+)", "/projects/{0}/repository/tags/{1}"),
        (
            "commit",
            rf"/((?:{NAME}/)+{NAME})/-/commit/([0-9a-f]{{7,64}})",
            "/projects/{0}/repository/commits/{1}",
        ),
    ),
    Kind.FORGEJO: (
        ("change", rf"/({NAME}/{NAME})/pulls/(\d+)", "/repos/{0}/pulls/{1}"),
        ("release", rf"/({NAME}/{NAME})/releases/tag/([^/]+)", "/repos/{0}/releases/tags/{1}"),
        ("tag", rf"/({NAME}/{NAME})/src/tag/([^/]+)", "/repos/{0}/tags/{1}"),
        ("commit", rf"/({NAME}/{NAME})/commit/([0-9a-f]{{7,64}})", "/repos/{0}/git/commits/{1}"),
    ),
}


def question(address: str, forges: dict[str, Kind]) -> Question | None:
    """What an address on one of these forges (by host) stands for; None where it says nothing that can be asked."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    named = host if port is None or port == 443 else f"{host}:{port}"
    kind = forges.get(named)
    if kind is None:
        return None
    for about, pattern, asked in PATHS[kind]:
        if found := re.fullmatch(pattern, parts.path.rstrip("/")):
            project, name = found[1], quote(found[2], safe="")
            project = quote(project, safe="") if kind == Kind.GITLAB else project
            return Question(about, f"{parts.scheme}://{api_of(kind, named)}{asked.format(project, name)}")
    return None


def api_of(kind: Kind, host: str) -> str:
    """Where a forge answers programs: a host of its own for github.com, a path of the same host for the others."""
    if kind == Kind.GITHUB:
        return "api.github.com" if host == "github.com" else f"{host}/api/v3"
    return f"{host}/api/v4" if kind == Kind.GITLAB else f"{host}/api/v1"


def hosts_of(forges: dict[str, Kind]) -> frozenset[str]:
    """Every host a question may go to."""
    return frozenset({*forges, *(api_of(kind, host).partition("/")[0] for host, kind in forges.items())})


def verdict(asked: Question, answer: Fetched) -> Verdict:
    """What a forge's answer means."""
    if answer.status in (404, 410):
        return Verdict(Found.ABSENT)
    if answer.status != 200:
        return Verdict(Found.UNREADABLE, str(answer.status))
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return Verdict(Found.UNREADABLE)
    if not isinstance(told, dict):
        return Verdict(Found.UNREADABLE)
    if asked.about == "change":
        return _change(told)
    if asked.about == "release" and (told.get("draft") or told.get("upcoming_release")):
        return Verdict(Found.DRAFT, _text(told, "tag_name"))
    return Verdict(Found.PUBLISHED, _commit(told))


def _change(told: dict[str, Any]) -> Verdict:
    if told.get("merged") is True or told.get("state") == "merged":
        return Verdict(Found.MERGED, _text(told, "merge_commit_sha") or _text(told, "squash_commit_sha"))
    closed = told.get("state") == "closed"
    return Verdict(Found.CLOSED if closed else Found.OPEN)


def _commit(told: dict[str, Any]) -> str:
    """The commit an answer names, wherever its forge puts it; else the tag."""
    for place in (told, told.get("object"), told.get("commit")):
        if isinstance(place, dict) and (name := _text(place, "sha") or _text(place, "id")):
            return name
    return _text(told, "tag_name") or _text(told, "name")


def _text(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    return value[:80] if isinstance(value, str) else ""
