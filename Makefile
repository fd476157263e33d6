# Every target sets up what it needs in .venv of this checkout; paths with spaces are fine.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test run lint bench setup

demo: $(STAMP)
	"$(BIN)/devflowfix" demo $(ARGS)

test: $(STAMP)
	"$(BIN)/python" -m pytest -n 2 --dist worksteal $(ARGS)

run: $(STAMP)
	"$(BIN)/devflowfix" serve $(ARGS)

lint: $(STAMP)
	"$(BIN)/ruff" format --check .
	"$(BIN)/ruff" check .
	"$(BIN)/python" -m mypy
	"$(BIN)/lint-imports" --no-cache

bench: $(STAMP)
	"$(BIN)/python" -m tests.benchmarks $(ARGS)

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "DevFlowFix needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …")'
	@test -x "$(BIN)/python" || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (half a minute the first time) …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
