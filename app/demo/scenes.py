"""What the demo is played with: one small repository, the change that breaks it, and the policy that lets it be repaired."""

REPOSITORY = "acme/harbour"
ACCOUNT = "acme"
CONTRIBUTOR = "ada"
MAINTAINER = "grace"

WORKFLOW = """\
name: CI
on: [push, pull_request]
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Lint
        run: ruff check --output-format concise .
      - name: Format
        if: ${{ !cancelled() }}
        run: ruff format --check .
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m unittest
"""

POLICY = """\
mode: ready
failure_types: [lint, format]
"""

PROJECT = """\
[project]
name = "harbour"
version = "1.0"

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["E4", "E7", "E9", "F", "I"]
"""

TIDES = '''\
"""When the tide turns."""

from math import cos, pi

PERIOD = 12.42  # hours, of the principal lunar tide


def height(hours: float, amplitude: float) -> float:
    """Height above the mean at so many hours after high water."""
    return amplitude * cos(2 * pi * hours / PERIOD)
'''

TESTS = """\
import unittest

from harbour.tides import PERIOD, height


class Tides(unittest.TestCase):
    def test_high_water_comes_back_after_one_period(self):
        self.assertAlmostEqual(height(PERIOD, 2.0), 2.0)
"""

START = {
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/devflowfix.yml": POLICY,
    "README.md": "# Harbour\n\nTides for people with boats.\n",
    "pyproject.toml": PROJECT,
    "harbour/__init__.py": "",
    "harbour/tides.py": TIDES,
    "tests/__init__.py": "",
    "tests/test_tides.py": TESTS,
}

BROKEN = {
    "harbour/tides.py": '''\
"""When the tide turns."""

import os
import sys
from math import cos, pi

PERIOD = 12.42  # hours, of the principal lunar tide


def height(hours: float, amplitude: float) -> float:
    """Height above the mean at so many hours after high water."""
    return amplitude*cos( 2*pi*hours/PERIOD )


def low_water( high : float )->float:
    """Hours of the next low water after a high water."""
    return high+PERIOD/2
'''
}

MESSAGE = "Tell when low water comes"
