"""The doors of this room: start, sign-in, invitations, organizations, people, one's own account."""

from app.people import (
    views_account,
    views_devices,
    views_donations,
    views_interests,
    views_invitations,
    views_organizations,
    views_people,
    views_sign_in,
    views_start,
)
from app.people.entrance import bp

__all__ = [
    "bp",
    "views_account",
    "views_devices",
    "views_donations",
    "views_interests",
    "views_invitations",
    "views_organizations",
    "views_people",
    "views_sign_in",
    "views_start",
]
