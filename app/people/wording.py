"""How roles, kinds and states are called on screen. Templates of every room may use these by name."""

from app.kit.words import N_, _
from app.people.model import Kind, Organization, OrganizationState, Role, TieKind

ROLE_WORDS = {
    Role.ADMIN: N_("Administrator"),
    Role.MEMBER: N_("Member"),
    Role.BUYER: N_("Buyer"),
    Role.APPROVER: N_("Approver"),
    Role.FINANCE: N_("Finance"),
    Role.OFFICER: N_("Officer"),
    Role.TREASURER: N_("Treasurer"),
    Role.ARBITRATOR: N_("Arbitrator"),
    Role.AUDITOR: N_("Auditor"),
}

ROLE_MEANINGS = {
    (Kind.CORPORATE, Role.ADMIN): N_("Invites people and gives roles."),
    (Kind.CORPORATE, Role.MEMBER): N_("Writes needs and endorses those of others."),
    (Kind.CORPORATE, Role.BUYER): N_("Signs pledges, up to a limit each year."),
    (Kind.CORPORATE, Role.APPROVER): N_("Signs what goes beyond a buyer's limit."),
    (Kind.CORPORATE, Role.FINANCE): N_("Follows the calls for funds and pays them."),
    (Kind.MAINTAINER, Role.ADMIN): N_("Invites people and gives roles."),
    (Kind.MAINTAINER, Role.MEMBER): N_("Plans the work, writes estimates and hands in what is done."),
    (Kind.MAINTAINER, Role.FINANCE): N_("Says to which account the money goes."),
    (Kind.FUND, Role.ADMIN): N_("Invites people and gives roles."),
    (Kind.FUND, Role.OFFICER): N_(
        "Verifies organizations, approves estimates, opens campaigns and calls the funds."
    ),
    (Kind.FUND, Role.TREASURER): N_("Prepares payouts, or approves those somebody else prepared."),
    (Kind.FUND, Role.ARBITRATOR): N_("Decides disputes about refused work, together with another one."),
    (Kind.FUND, Role.AUDITOR): N_("Reads everything and changes nothing."),
}

KIND_WORDS = {
    Kind.CORPORATE: N_("Company or public body"),
    Kind.MAINTAINER: N_("Maintainer"),
    Kind.FUND: N_("Fund"),
}

STATE_WORDS = {
    OrganizationState.APPLIED: (N_("Waits for the fund"), "waits"),
    OrganizationState.VERIFIED: (N_("Verified"), "done"),
    OrganizationState.SUSPENDED: (N_("Suspended"), "bad"),
    OrganizationState.REJECTED: (N_("Turned down"), "bad"),
}


TIE_WORDS = {
    TieKind.EMPLOYMENT: N_("Work"),
    TieKind.SHARES: N_("Shares"),
    TieKind.FAMILY: N_("Family"),
    TieKind.MANDATE: N_("Mandate"),
}

TIE_MEANINGS = {
    TieKind.EMPLOYMENT: N_("You work for it, or are paid by it."),
    TieKind.SHARES: N_("You own a part of it."),
    TieKind.FAMILY: N_("Somebody close to you works for it, owns a part of it or leads it."),
    TieKind.MANDATE: N_("You sit on its board, or speak for it."),
}


def tie_word(kind: str) -> str:
    """The kind of a declared tie as people call it."""
    return _(TIE_WORDS[TieKind(kind)])


def tie_meaning(kind: str) -> str:
    """What a person says who declares such a tie."""
    return _(TIE_MEANINGS[TieKind(kind)])


def role_word(role: str) -> str:
    """The role as people call it."""
    return _(ROLE_WORDS[Role(role)])


def role_words(roles: tuple[Role, ...] | frozenset[Role] | list[Role]) -> str:
    """Several roles in a row, in their usual order."""
    return ", ".join(role_word(role) for role in Role if role in roles)


def role_meaning(kind: str, role: str) -> str:
    """What the role does in such an organization."""
    return _(ROLE_MEANINGS[Kind(kind), Role(role)])


def kind_word(organization: Organization) -> str:
    """What an organization is, in a word or two."""
    if organization.kind == Kind.CORPORATE:
        return _("Public body") if organization.is_public_body else _("Company")
    return _(KIND_WORDS[Kind(organization.kind)])


def organization_state(organization: Organization) -> tuple[str, str]:
    """The state word of an organization and the shape of its mark (for the macro `state`)."""
    word, shape = STATE_WORDS[OrganizationState(organization.state)]
    return _(word), shape


ON_EVERY_PAGE = {
    "role_word": role_word,
    "role_words": role_words,
    "role_meaning": role_meaning,
    "kind_word": kind_word,
    "tie_word": tie_word,
    "tie_meaning": tie_meaning,
    "organization_state": organization_state,
}
