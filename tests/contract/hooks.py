"""GitHub's webhook bodies as its OpenAPI description tells them: one schema for each event and action."""

from dataclasses import dataclass

from tests.contract.schemas import UNKNOWN, Json, Schemas

LAGGING = ("user_view_type", "workflow-run-in-progress.workflow_run.display_title")
"""What GitHub sends with every account and run, and describes for most events but not for all."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """All events."""

    schemas: Schemas

    def problems(self, event: str, body: Json) -> list[str]:
        """Say what of a delivery's body GitHub would not send."""
        action = body.get("action")
        name = (event if action is None else f"{event}-{action}").replace("_", "-")
        found = self.schemas.document["x-webhooks"].get(name)
        if found is None:
            return [f"{event}.{action}: GitHub has no such event"]
        schema = found["post"]["requestBody"]["content"]["application/json"]["schema"]
        told = self.schemas.problems(schema, body, name)
        return [problem for problem in told if not problem.removesuffix(UNKNOWN).endswith(LAGGING)]
