"""Retrying is a decision value: how long to wait, or that it is over."""

MOST_LATERS = 20
"""How often one piece of work may put itself off with :class:`RetryLater` before it counts as failed."""

TRANSIENT_WAITS = (1.0, 5.0, 30.0)
"""Seconds before the second, third and fourth run after an error that usually passes: network, timeout, busy database."""

OTHER_WAITS = (5.0,)
"""Seconds before the second run after any other error: once more, because not every passing error is known by name."""


class RetryLater(Exception):  # noqa: N818 - it says what to do, and is no error of anybody's
    """Raised where waiting is longer than a request should: the engine ends the work and starts it again after ``seconds``."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(f"retry in {seconds:.0f} s{': ' if reason else ''}{reason}")
        self.seconds = seconds
        self.reason = reason


def may_put_off(laters: int, most: int = MOST_LATERS) -> bool:
    """Tell whether work that has put itself off ``laters`` times may do so once more."""
    return laters < most


def wait_after_error(errors: int, *, transient: bool) -> float | None:
    """Seconds to wait before running again after an error; null where it is over.

    Args:
        errors: how many errors ended a run of this work before this one.
        transient: whether this error is one that usually passes by itself.
    """
    waits = TRANSIENT_WAITS if transient else OTHER_WAITS
    return waits[errors] if errors < len(waits) else None
