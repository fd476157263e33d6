"""GitHub's descriptions, or a reason why they are not at hand; the GitHub and the server of the flows."""

import pytest

from tests.contract.checker import Contract, contract
from tests.contract.published import NotAtHandError
from tests.flows.conftest import clock, github, port, server

__all__ = ["clock", "github", "port", "server"]


@pytest.fixture(scope="session")
def held() -> Contract:
    """GitHub's descriptions; the test is skipped where they are not installed and cannot be."""
    try:
        return contract()
    except NotAtHandError as reason:
        pytest.skip(str(reason))
