"""Retrying is a decision value: how long to wait, or that it is over."""


class RetryLater(Exception):  # noqa: N818 - it says what to do, and is no error of anybody's
    """Raised where waiting is longer than a request should: the engine ends the work and starts it again after ``seconds``."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(f"retry in {seconds:.0f} s{': ' if reason else ''}{reason}")
        self.seconds = seconds
        self.reason = reason
