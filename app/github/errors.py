"""What can go wrong with GitHub, sorted by who has to do something about it.

::

    GitHubError
    ├── Wait (also a RetryLater)       nobody: ask again after `seconds`
    │   ├── Limited                    a primary or secondary rate limit
    │   ├── Broken                     GitHub answered 5xx, or something that is no answer
    │   └── Unreachable                no answer at all: connection, TLS, time-out; a write may have happened
    ├── NotThere                       the thing is not there (404), or no longer (410): often an answer, not a fault
    ├── Refused                        us: GitHub understood and said no (400, 409, 422, other 403)
    │   └── QueryRefused               us: a GraphQL request without any data
    ├── NotOurBranch                   us: a write to a branch that is not ours was stopped before it left
    ├── Unreadable                     us or them: the answer is not of the shape that is documented
    ├── UnsafeAddress                  them: a download pointed where no download should
    ├── UnsafeArchive                  them: the source archive holds what git cannot hold
    ├── TooLarge                       them: more than we are willing to take
    └── NeedsPerson                    a person with rights on the App or the installation
        ├── MissingPermission          403: the App was not granted what the call needs
        ├── BadCredentials             401 although the token is new: the App's id or key is wrong
        └── Suspended                  the installation is suspended
"""

# ruff: noqa: N818 - the names say what happened or what to do; "Error" behind each would say nothing more

from app.domain.retry import RetryLater


class GitHubError(Exception):
    """Anything that went wrong while speaking to GitHub."""


class Wait(GitHubError, RetryLater):
    """Nobody is wrong: the same call may well succeed after ``seconds``."""


class Limited(Wait):
    """A rate limit, and the wait is longer than a request should take."""


class Broken(Wait):
    """GitHub answered 5xx or something unreadable, more than once where repeating was safe."""


class Unreachable(Wait):
    """No answer came. A read was repeated; a write was not, and may have happened: look before doing it again."""


class NotThere(GitHubError):
    """The thing is not there, is not visible to us (404), or is gone for good (410)."""

    def __init__(self, what: str, *, gone: bool = False) -> None:
        super().__init__(f"{what}: {'gone' if gone else 'not there'}")
        self.what = what
        self.gone = gone


class Refused(GitHubError):
    """GitHub understood the request and said no; asking again does not help."""

    def __init__(self, what: str, message: str, *, status: int) -> None:
        super().__init__(f"{what}: {status} {message}")
        self.what = what
        self.message = message
        self.status = status


class QueryRefused(Refused):
    """A GraphQL request (or one field of a mutation) that came back with errors and no data; ``type`` is GitHub's word."""

    def __init__(self, what: str, message: str, *, type_: str = "") -> None:
        super().__init__(what, f"{type_} {message}".strip(), status=200)
        self.type = type_


class NotOurBranch(GitHubError):
    """A write to a branch that DevFlowFix did not make, stopped before it left the process."""

    def __init__(self, branch: str) -> None:
        super().__init__(f"{branch!r} is not a branch that DevFlowFix may write to")
        self.branch = branch


class Unreadable(GitHubError):
    """JSON that is not of the documented shape. ``where`` is the path to the place, ``what`` says what is wrong there."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {what}")
        self.what = what
        self.where = where


class UnsafeAddress(GitHubError):
    """A redirect to an address that a download must not go to."""


class UnsafeArchive(GitHubError):
    """An archive with entries that git cannot make: outside its folder, devices, hard links, twice the same path."""


class TooLarge(GitHubError):
    """A download or archive beyond the limit that we set."""


class NeedsPerson(GitHubError):
    """Only a person with rights on the App or the installation can mend this."""


class MissingPermission(NeedsPerson):
    """The App lacks a permission. ``accepted`` is GitHub's list of what would do: comma means and, semicolon means or."""

    def __init__(self, what: str, accepted: str) -> None:
        super().__init__(f"{what}: permission missing ({accepted or 'GitHub does not say which'})")
        self.what = what
        self.accepted = accepted


class BadCredentials(NeedsPerson):
    """GitHub refuses the App's own signature, or a token that it has just made."""


class Suspended(NeedsPerson):
    """The installation is suspended: no API until its owner resumes it."""
