"""What the check run says at each point of a repair."""

import pytest
from inline_snapshot import snapshot

from app.domain.task import TaskStatus
from app.wording import check_run
from tests.wording.samples import PROPOSED, told


def test_the_headline_at_each_status() -> None:
    assert {status.value: check_run.headline(told(status)) for status in TaskStatus} == snapshot(
        {
            "queued": "Reading why lint failed",
            "analyzing": "Reading why lint failed",
            "implementing": "Looking for a fix for lint",
            "verifying": "Proving a fix for lint: CI is running on it",
            "code_reviewing": "Fix proposed: #12, proven green",
            "done": "Fixed by #12",
            "cancelled": "Withdrawn: #12 was closed without merging",
            "failed": "No fix for lint",
            "observed": "Why lint failed",
        }
    )


@pytest.mark.parametrize(
    ("status", "conclusion"),
    [
        (TaskStatus.QUEUED, None),
        (TaskStatus.VERIFYING, None),
        (TaskStatus.CODE_REVIEWING, "neutral"),
        (TaskStatus.OBSERVED, "neutral"),
        (TaskStatus.FAILED, "neutral"),
        (TaskStatus.CANCELLED, "neutral"),
        (TaskStatus.DONE, "success"),
    ],
)
def test_the_conclusion_is_never_a_failure(status: TaskStatus, conclusion: str | None) -> None:
    assert check_run.about((told(status),)).conclusion == conclusion


def test_one_check_run_speaks_for_all_incidents_of_a_commit() -> None:
    words = check_run.about((told(TaskStatus.DONE), told(TaskStatus.OBSERVED), told(TaskStatus.VERIFYING)))
    assert words.title == "Proving a fix for lint: CI is running on it (and 2 more failed runs)"
    assert words.conclusion is None


def test_a_proposed_fix() -> None:
    words = check_run.about((PROPOSED,))
    assert words.summary == snapshot("""\
**Failed:** [`lint`](https://github.com/acme/web/actions/runs/11/job/21) in [`CI`](https://github.com/acme/web/actions/runs/11)

**Cause:** ruff F401 in web/a.py: \\`os\\` imported but unused

**Fix:** [#12](https://github.com/acme/web/pull/12) — DevFlowFix: remove an unused import in web/a.py\
""")
    assert words.text == snapshot("""\
#### `lint`

```text
41  web/a.py:1:8: F401 [*] `os` imported but unused
 …
44  Found 1 error.
```

- **Type:** lint
- **Attribution:** caused by the change
- **Confidence:** 0.95
- `CI` was green at `aaaaaaaaaa`, the commit before.

<details><summary>Gates</summary>

- ✓ It applies to the failing commit.

</details>\
""")
    assert [(note.path, note.start_line, note.title, note.message) for note in words.annotations] == snapshot(
        [("web/a.py", 1, "ruff F401", "`os` imported but unused")]
    )


def test_what_was_not_fixed_says_why() -> None:
    words = check_run.about(
        (told(TaskStatus.OBSERVED, "Explained, not fixed: the policy says `explain`.", candidates=(), fix=None),)
    )
    assert (words.title, words.summary) == snapshot(
        (
            "Why lint failed",
            """\
**Failed:** [`lint`](https://github.com/acme/web/actions/runs/11/job/21) in [`CI`](https://github.com/acme/web/actions/runs/11)

**Cause:** ruff F401 in web/a.py: \\`os\\` imported but unused

**Where it stands:** Explained, not fixed: the policy says `explain`.\
""",
        )
    )
