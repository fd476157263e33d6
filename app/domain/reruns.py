"""Which jobs may run a second time without a person's word."""

import re
from collections.abc import Iterable

PER_DAY = 3  # re-runs of one failure (fingerprint) in one repository

_ONCE_ONLY = re.compile(r"deploy|publish|release|migrat|rollout|provision", re.IGNORECASE)


def forbidden(names: Iterable[str]) -> str:
    """Give the first job name that says its job must not run twice; empty when none does."""
    return next((name for name in names if _ONCE_ONLY.search(name)), "")
