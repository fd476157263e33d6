"""What the demo is played with: small repositories, each with the change that breaks it and a policy that lets it be repaired."""

from collections.abc import Mapping
from dataclasses import dataclass

ACCOUNT = "acme"
CONTRIBUTOR = "ada"
MAINTAINER = "grace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One repository: how it starts, and what breaks it."""

    name: str
    files: Mapping[str, str]
    broken: Mapping[str, str]
    message: str


POLICY = "mode: ready\n"

LINT_WORKFLOW = """\
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

MAIN_ONLY_WORKFLOW = """\
name: Tests
on:
  push:
    branches: [main]
  pull_request:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m pytest -q -p no:cacheprovider
"""

TEST_WORKFLOW = """\
name: Tests
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m pytest -q -p no:cacheprovider
"""

NETWORK_WORKFLOW = """\
name: Fetch
on: push
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Fetch the timetable
        run: |
          if test -f timetable.txt && test "$GITHUB_RUN_ATTEMPT" -lt 2; then
            echo "curl: (6) Could not resolve host: timetable.example.org" >&2
            exit 6
          fi
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

TIDES_TEST = """\
import unittest

from harbour.tides import PERIOD, height


class Tides(unittest.TestCase):
    def test_high_water_comes_back_after_one_period(self):
        self.assertAlmostEqual(height(PERIOD, 2.0), 2.0)
"""

BROKEN_TIDES = '''\
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

HARBOUR = Scene(
    name="acme/harbour",
    files={
        ".github/workflows/ci.yml": LINT_WORKFLOW,
        ".github/devflowfix.yml": POLICY,
        "README.md": "# Harbour\n\nTides for people with boats.\n",
        "pyproject.toml": PROJECT,
        "harbour/__init__.py": "",
        "harbour/tides.py": TIDES,
        "tests/__init__.py": "",
        "tests/test_tides.py": TIDES_TEST,
    },
    broken={"harbour/tides.py": BROKEN_TIDES},
    message="Tell when low water comes",
)

MEAN = '''\
"""Sums over entries."""


def mean(values):
    """Give the mean of the entries; of none it is zero."""
    return sum(values) / 2 if values else 0
'''

RIGHT_MEAN = MEAN.replace("/ 2 if", "/ len(values) if")

MEAN_TEST = """\
from ledger.sums import mean


def test_the_mean_of_many_entries():
    assert mean([1, 2, 6]) == 3


def test_the_mean_of_no_entry_is_zero():
    assert mean([]) == 0
"""

LEDGER = Scene(
    name="acme/ledger",
    files={
        ".github/workflows/tests.yml": MAIN_ONLY_WORKFLOW,
        ".github/devflowfix.yml": POLICY,
        "README.md": "# Ledger\n",
        "ledger/__init__.py": "",
        "tests/__init__.py": "",
        "tests/test_ledger.py": "def test_it_imports():\n    import ledger\n",
    },
    broken={"ledger/sums.py": MEAN, "tests/test_sums.py": MEAN_TEST},
    message="Give the mean of many entries",
)

BRIGHTNESS = '''\
"""How bright a lantern is."""


def brightness(hours):
    """Give the candela after so many hours."""
    return 100 - hours
'''

LIGHT_TEST = """\
from lantern.light import brightness


def test_at_first():
    assert brightness(0) == 100
"""

LANTERN = Scene(
    name="acme/lantern",
    files={
        ".github/workflows/tests.yml": TEST_WORKFLOW,
        ".github/devflowfix.yml": POLICY,
        "README.md": "# Lantern\n",
        "lantern/__init__.py": "",
        "lantern/light.py": BRIGHTNESS,
        "tests/__init__.py": "",
        "tests/test_light.py": LIGHT_TEST,
    },
    broken={
        "tests/test_light.py": LIGHT_TEST + "\n\ndef test_at_dawn():\n    assert brightness(8) == 17\n",
    },
    message="Measure the light at dawn",
)

FERRY = Scene(
    name="acme/ferry",
    files={
        ".github/workflows/fetch.yml": NETWORK_WORKFLOW,
        ".github/devflowfix.yml": POLICY,
        "README.md": "# Ferry\n",
    },
    broken={"timetable.txt": "06:00\n"},
    message="Ask for the timetable",
)

ALL = (HARBOUR, LEDGER, LANTERN, FERRY)
