"""What can go wrong with stored state that a caller has to know of.

Errors of the database itself are SQLAlchemy's and stay so.
"""


class StorageError(Exception):
    """The root of what storage raises on purpose."""


class Unreachable(StorageError):  # noqa: N818 - it is a state, said in one sentence for the person who starts the server
    """The database does not answer; the message is one sentence without its password."""


class Missing(StorageError):  # noqa: N818 - it says what is the matter
    """A row that has to exist does not."""


class NotAllowed(StorageError):  # noqa: N818 - it says what is the matter
    """A change that the state machine or a uniqueness rule forbids."""


class TooNew(StorageError):  # noqa: N818 - it says what is the matter
    """The database was migrated by a newer DevFlowFix than this one."""
