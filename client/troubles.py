"""What goes wrong on this computer, or on the way to a server: each time one sentence that says what to do about it."""

import errno
import ssl
from enum import StrEnum

from client.words import Sentence

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
EXPIRED, NOT_BEGUN, OTHER_NAME = 10, 9, 62  # of OpenSSL's answers about a certificate


class Reach(StrEnum):
    """What is found at a server's address."""

    THERE = "there"
    SILENT = "silent"
    ANOTHER = "another"  # something that is no Jalon
    UNKNOWN_CERTIFICATE = "unknown certificate"
    OLD_CERTIFICATE = "old certificate"
    NAME_OF_ANOTHER = "name of another"
    OTHER_CERTIFICATE = "other certificate"  # than the one its user named


class OtherCertificate(ssl.SSLError):
    """The server shows another certificate than the one its user named."""


def reach_of(error: BaseException) -> Reach:
    """What an attempt to connect that failed says of the address."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, OtherCertificate):
        return Reach.OTHER_CERTIFICATE
    if isinstance(cause, ssl.SSLCertVerificationError):
        return {
            EXPIRED: Reach.OLD_CERTIFICATE, NOT_BEGUN: Reach.OLD_CERTIFICATE, OTHER_NAME: Reach.NAME_OF_ANOTHER,
        }.get(cause.verify_code, Reach.UNKNOWN_CERTIFICATE)  # fmt: skip
    # A line that breaks, or a name nobody can be asked for, is a server that is not there; all else is no page.
    is_broken = isinstance(cause, OSError | UnicodeError) and not isinstance(cause, ssl.SSLError)
    return Reach.SILENT if is_broken else Reach.ANOTHER


WHY_NOT: dict[str, Sentence] = {
    Reach.ANOTHER: Sentence(
        "Something answers at %(address)s, but it is no Jalon. Look at the address; some networks put a page"
        " of their own before everything until you have agreed to it.",
    ),
    Reach.OTHER_CERTIFICATE: Sentence(
        "The certificate of %(address)s is not the one whose fingerprint you gave. Nothing was sent there. Ask"
        " whoever runs the server: it may have a new one, or somebody stands in between.",
    ),
    Reach.OLD_CERTIFICATE: Sentence(
        "The certificate of %(address)s has expired, or this computer’s clock is wrong. Nothing was sent there.",
    ),
    Reach.NAME_OF_ANOTHER: Sentence(
        "The certificate shown at %(address)s belongs to another name. Nothing was sent there. Look at the"
        " address.",
    ),
    Reach.UNKNOWN_CERTIFICATE: Sentence(
        "Nobody this computer trusts vouches for the certificate of %(address)s. Nothing was sent there. If the"
        " server has one of its own making, add it again with the fingerprint.",
    ),
}
SILENT = Sentence("The server cannot be reached, or is being looked after. Nothing you signed is lost.")


def why_not(reach: str, address: str) -> Sentence:
    """Why a server's pages are not shown."""
    return Sentence(WHY_NOT.get(reach, SILENT).message, address=address)


def why_not_here(kind: str, folder: str) -> Sentence | None:
    """Why a Jalon of this computer could not be opened; None where only the cause itself can say so."""
    if kind == "full":
        return Sentence("The disk is full. Make room, then try again: %(folder)s", folder=folder)
    if kind == "closed":
        return Sentence(
            "The program may not read and write in %(folder)s: look at the permissions of this folder.",
            folder=folder,
        )
    if kind == "damaged":
        return Sentence(
            "The file of this Jalon is damaged. Copies kept before each update lie beside it, with “before” in their"
            " names: %(folder)s",
            folder=folder,
        )
    if kind == "later":
        return Sentence("It was made by a later version of Jalon: update this program, then try again.")
    return None


def why_not_kept(error: OSError) -> Sentence:
    """Why a file could not be written."""
    if error.errno in FULL:
        return Sentence("The disk is full: nothing was saved. Make room, then try again.")
    path = str(error.filename or "")
    if error.errno in CLOSED and path:
        return Sentence("The program may not write %(path)s: nothing was saved.", path=path)
    return Sentence("This could not be saved (%(reason)s).", reason=error.strerror or str(error))
