"""Changes for the tables of the gates, and the facts that they are judged with."""

from app.domain.failure.types import Failure
from app.domain.patch.edit import Edit
from app.domain.patch.gate.facts import GateFacts


def change(path: str, before: str | None, after: str | None) -> Edit:
    return Edit(path=path, before=before, after=after)


def facts(*edits: Edit, failures: tuple[Failure, ...] = ()) -> GateFacts:
    """Give facts under which nothing but the change itself is judged."""
    texts = {edit.path: edit.before for edit in edits if edit.before is not None}
    return GateFacts(
        read=texts.get, modes=dict.fromkeys(texts, "100644"), evidence_files=frozenset(edit.path for edit in edits),
        max_files=99, max_lines=9999, failures=failures,
    )  # fmt: skip
