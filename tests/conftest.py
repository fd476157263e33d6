"""What every test stands on: no packet leaves this machine, and slow hypothesis examples are no failures on a busy one."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("devflowfix", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("devflowfix")

_LOOPBACK = ("127.", "::1", "localhost")
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


class LeavesTheMachineError(AssertionError):
    """A test tried to reach something that is not on loopback."""


def _guarded(address: object) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise LeavesTheMachineError(f"a test reached for {address!r}")


@pytest.fixture(autouse=True, scope="session")
def nothing_leaves_the_machine() -> Iterator[None]:
    """Let sockets connect to loopback and to local files only."""

    def connect(self: socket.socket, address: Any, /) -> None:  # noqa: ANN401 - as in socket
        _guarded(address)
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any, /) -> int:  # noqa: ANN401 - as in socket
        _guarded(address)
        return _connect_ex(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]  # the one place all libraries use
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]  # as above
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]  # as above
    socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]  # as above
