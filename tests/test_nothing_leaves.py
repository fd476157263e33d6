"""The guard of tests/conftest.py works."""

import socket

import pytest


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as probe, pytest.raises(AssertionError, match="a test reached for"):
        probe.connect(("192.0.2.1", 80))
