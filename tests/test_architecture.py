"""The architecture, held by tests: every module has a layer, packages stay ours, the manifest asks for what the code uses."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from handlers import router

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MANIFEST: dict[str, Any] = YAML(typ="safe").load((ROOT / "app.yml").read_text())

BESIDE_THE_LAYERS = ("app.emulator", "app.settings")
"""The stand-in sees only the domain, the settings are seen only from the top: contracts of their own say so."""

NOT_SELECTABLE = {"installation", "installation_repositories", "installation_target", "ping"}
"""Delivered to every App without asking."""

ASKED_FOR_AHEAD = {
    "check_run": "buttons and re-runs asked for on the check run",
    "issue_comment": "commands in a conversation",
    "pull_request_review": "commands and metrics",
    "pull_request_review_comment": "commands and metrics",
    "pull_request_review_thread": "metrics",
    "push": "an edited policy file",
    "workflow_job": "the state of jobs under way",
}
"""Events whose handlers are still to come. An owner accepts events once, at installation, so they are asked for now."""


def modules(package: str) -> list[str]:
    files = (ROOT / package).rglob("*.py")
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return sorted(name for name in names if "migrations" not in name)


def layers() -> list[str]:
    contract = next(one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    return [name.strip(" ()") for row in contract["layers"] for name in row.split("|")]


def belongs_to(module: str, names: list[str] | tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in names)


def test_every_module_has_a_layer() -> None:
    found = [name for package in ("app", "handlers", "storage") for name in modules(package)]
    assert [name for name in found if name != "app" and not belongs_to(name, [*layers(), *BESIDE_THE_LAYERS])] == []


def test_nobody_else_brings_our_packages() -> None:
    owners = packages_distributions()  # an editable install names none
    assert {owner for name in ("app", "handlers", "storage") for owner in owners.get(name, [])} <= {"devflowfix"}


def test_package_files_are_empty_but_where_the_router_is_composed() -> None:
    written = [
        str(file.parent.relative_to(ROOT))
        for package in ("app", "handlers", "storage")
        for file in (ROOT / package).rglob("__init__.py")
        if file.read_text().strip()
    ]
    assert sorted(written) == ["app/engine", "handlers"]


@pytest.mark.parametrize("file", sorted((ROOT / "handlers").glob("*.py")), ids=lambda file: file.name)
def test_a_handler_module_is_short(file: Path) -> None:
    assert len(file.read_text().splitlines()) < 80


def routed_events() -> set[str]:
    return {*router._shallow_routes, *router._deep_routes}


def test_the_manifest_asks_for_every_event_that_has_a_handler_and_no_other() -> None:
    asked = set(MANIFEST["default_events"])
    assert routed_events() - NOT_SELECTABLE <= asked
    assert asked - routed_events() == set(ASKED_FOR_AHEAD)


def test_the_manifest_does_not_ask_for_workflows() -> None:
    assert "workflows" not in MANIFEST["default_permissions"]
