"""The body of a fix pull request is the proof."""

from dataclasses import replace

from inline_snapshot import snapshot

from app.domain.task import CandidateStatus
from app.wording import fix_pull_request
from tests.wording.samples import CANDIDATE, INCIDENT, PROPOSED


def test_the_title_says_what() -> None:
    assert fix_pull_request.title(PROPOSED) == "DevFlowFix: remove an unused import in web/a.py"


def test_without_words_the_title_says_the_type() -> None:
    story = replace(PROPOSED, candidates=(replace(CANDIDATE, title=""),))
    assert fix_pull_request.title(story) == "DevFlowFix: Lint Failure"


def test_an_unproven_fix_says_so_in_its_title() -> None:
    story = replace(PROPOSED, candidates=(replace(CANDIDATE, status=CandidateStatus.UNVERIFIED),))
    assert fix_pull_request.title(story).endswith("(unverified)")


def test_the_body() -> None:
    assert fix_pull_request.body(PROPOSED, "https://github.com/acme/web/actions/runs/12") == snapshot("""\
**Failed:** [`lint`](https://github.com/acme/web/actions/runs/11/job/21) on `main` at `0123456789`  \n\
**Cause:** ruff F401 in web/a.py: \\`os\\` imported but unused  \n\
**Change:** ruff's own fix for F401, on the one file that the log names.  \n\
**Proven:** `lint` passed, and nothing that passed before fails. ([run before](https://github.com/acme/web/actions/runs/11), [run after](https://github.com/acme/web/actions/runs/12))

From the log of `lint`:

```text
41  web/a.py:1:8: F401 [*] `os` imported but unused
 …
44  Found 1 error.
```

1 file, +0 −1, proposed by `ruff` (candidate `abc2345`, number 1, confidence 0.95); no model, no cost.

<details><summary>Evidence</summary>

- **Type:** lint
- **Attribution:** caused by the change
- **Confidence:** 0.95
- `CI` was green at `aaaaaaaaaa`, the commit before.

Candidates tried:
- Candidate `abc2345` by `ruff`: green. `lint` passed, and nothing that passed before fails.

</details>

<details><summary>Checks on the fix (1)</summary>

| check | result |
|---|---|
| [`lint`](https://github.com/acme/web/actions/runs/12/job/22) | success |

</details>

<details><summary>Gates passed (1)</summary>

- ✓ It applies to the failing commit.

</details>

<details><summary>Apply it locally, undo it, switch it off</summary>

- Apply it where you are: `git fetch origin devflowfix/auto-fix-lint-failure-abc2345 && git cherry-pick FETCH_HEAD`
- Don't want it? Close this pull request: its branch is deleted and the task is cancelled.
- Undo it after merging: GitHub's *Revert* button below.
- Switch it off: `mode: explain` in `.github/devflowfix.yml` on the default branch, or `mode: observe` for silence.
- Task `task_abc`, incident `inc_abc`.

</details>\
""")


def test_the_commit_message_carries_the_trailer() -> None:
    assert fix_pull_request.commit_headline(CANDIDATE) == "fix: remove an unused import in web/a.py"
    assert fix_pull_request.commit_body(CANDIDATE, INCIDENT) == snapshot("""\
ruff's own fix for F401, on the one file that the log names.

Failed run: https://github.com/acme/web/actions/runs/11

DevFlowFix-Task: task_abc/abc2345\
""")
