"""Checks: reading all of a commit's, and the one check run that DevFlowFix itself keeps on a failing commit."""

from dataclasses import dataclass

from app.domain.ci import Annotation, Check, RunResult
from app.domain.repository import Repository
from app.github import rollup
from app.github.calls import quoted, under
from app.github.client import Client
from app.github.errors import MissingPermission, NotThere, Refused
from app.github.fit import fitted, fitted_line
from app.github.graphql import document
from app.github.reading import Fields

_TEXT = 65_535  # of summary and of text
_TITLE = 255
_ANNOTATION = 60_000  # of 64 KB
_AT_ONCE = 50  # annotations of one request
_LEVELS = frozenset({"notice", "warning", "failure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksRead:
    """All checks of a commit at one moment."""

    checks: tuple[Check, ...]
    pending: tuple[RunResult, ...]  # GitHub Actions runs that are not completed, whether or not they show a check yet
    branch_head: str | None  # where the branch stands; null when it is gone
    partial: tuple[str, ...] = ()


async def read_checks(client: Client, repo: Repository, sha: str, branch: str) -> ChecksRead:
    """Read every check of a commit, and where a branch stands. A commit that is not there raises ``NotThere``."""
    variables = {"owner": repo.owner, "name": repo.name, "sha": sha, "ref": f"refs/heads/{branch}", "after": None}
    answer = await client.graphql(document("checks"), variables, operation="Checks")
    commit = answer.fields.path_or_none("repository", "object")
    if commit is None:
        raise answer.missing(f"commit {sha} of {repo.full_name}")
    checks, missed = await rollup.rest_of(client, repo, sha, rollup.page(commit))
    target = answer.fields.path_or_none("repository", "ref", "target")
    return ChecksRead(
        checks=checks,
        pending=rollup.runs(commit, pending_only=True),
        branch_head=target.text("oid") if target is not None else None,
        partial=answer.partial + missed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAction:
    """A button: a verb to send back, at most 20 characters, with a label (20) and a description (40)."""

    identifier: str
    label: str
    description: str

    def __post_init__(self) -> None:
        if len(self.identifier) > 20 or len(self.label) > 20 or len(self.description) > 40:
            raise ValueError(f"a button's words are too long for GitHub: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunReport:
    """What a check run is to say. Texts are cut to GitHub's limits here; at most three buttons, shown once it is completed."""

    name: str
    head_sha: str
    status: str  # queued, in_progress, completed
    conclusion: str | None  # with "completed" only
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[CheckAction, ...] = ()
    external_id: str = ""
    details_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunFound:
    """A check run as GitHub has it. ``annotations`` counts what it already shows: they can be added, never taken away."""

    id: int
    status: str
    conclusion: str | None
    url: str
    external_id: str
    annotations: int


async def create_check_run(client: Client, repo: Repository, report: CheckRunReport) -> CheckRunFound:
    """Create a check run, with all its annotations."""
    body = {**_body(report), "head_sha": report.head_sha, "output": _output(report, report.annotations[:_AT_ONCE])}
    made = _found(Fields(await client.post(under(repo, "check-runs"), data=body), "check_run"))
    await _append(client, repo, made.id, report, report.annotations[_AT_ONCE:])
    return made


async def update_check_run(
    client: Client, repo: Repository, check_run_id: int, report: CheckRunReport, *, annotations_shown: int = 0
) -> CheckRunFound:
    """Change a check run. GitHub appends annotations, so the first ``annotations_shown`` of the report's are not sent again."""
    new = report.annotations[annotations_shown:]
    body = {**_body(report), "output": _output(report, new[:_AT_ONCE])}
    answer = await client.patch(under(repo, f"check-runs/{check_run_id}"), data=body)
    await _append(client, repo, check_run_id, report, new[_AT_ONCE:])
    return _found(Fields(answer, "check_run"))


async def _append(
    client: Client, repo: Repository, check_run_id: int, report: CheckRunReport, more: tuple[Annotation, ...]
) -> None:
    for start in range(0, len(more), _AT_ONCE):
        body = {"output": _output(report, more[start : start + _AT_ONCE])}
        await client.patch(under(repo, f"check-runs/{check_run_id}"), data=body)


async def find_check_run(
    client: Client, repo: Repository, sha: str, name: str, external_id: str, app_id: int | None = None
) -> CheckRunFound | None:
    """Find our newest check run on a commit by name and external id."""
    of_app = f"&app_id={app_id}" if app_id is not None else ""
    url = under(repo, f"commits/{sha}/check-runs?check_name={quoted(name)}&filter=all&per_page=100{of_app}")
    found = [_found(Fields(item, "check_run")) async for item in client.pages(url, "check_runs")]
    return max((run for run in found if run.external_id == external_id), key=lambda run: run.id, default=None)


async def stop_automatic_suites(client: Client, repo: Repository, app_id: int) -> bool:
    """Ask GitHub not to make an empty check suite of ours for every push; tells whether it agreed.

    Without it each push gets a suite that would stay queued until a check run comes, which for most commits is never. Creating a
    check run makes its suite all the same. GitHub may refuse: the documentation asks for admin rights on the repository.
    """
    body = {"auto_trigger_checks": [{"app_id": app_id, "setting": False}]}
    try:
        await client.patch(under(repo, "check-suites/preferences"), data=body)
    except (NotThere, Refused, MissingPermission):
        return False
    return True


def _body(report: CheckRunReport) -> dict[str, object]:
    body: dict[str, object] = {"name": report.name, "status": report.status}
    if report.conclusion is not None:
        body["conclusion"] = report.conclusion
    if report.external_id:
        body["external_id"] = report.external_id
    if report.details_url:
        body["details_url"] = report.details_url
    if report.actions or report.conclusion is not None:  # an ended report says which buttons it has, even none
        body["actions"] = [
            {"identifier": action.identifier, "label": action.label, "description": action.description}
            for action in report.actions[:3]
        ]
    return body


def _output(report: CheckRunReport, annotations: tuple[Annotation, ...]) -> dict[str, object]:
    output: dict[str, object] = {"title": fitted_line(report.title, _TITLE), "summary": fitted(report.summary, _TEXT)}
    if report.text:
        output["text"] = fitted(report.text, _TEXT)
    if annotations:
        output["annotations"] = [_note(note) for note in annotations]
    return output


def _note(note: Annotation) -> dict[str, object]:
    body: dict[str, object] = {
        "path": note.path,
        "start_line": max(1, note.start_line),
        "end_line": max(1, note.start_line, note.end_line),
        "annotation_level": note.level if note.level in _LEVELS else "notice",
        "message": fitted(note.message or note.title or "no message", _ANNOTATION),
    }
    if note.title:
        body["title"] = fitted_line(note.title, _TITLE)
    return body


def _found(run: Fields) -> CheckRunFound:
    output = run.fields_or_none("output")
    return CheckRunFound(
        id=run.number("id"),
        status=run.text("status"),
        conclusion=run.text_or_none("conclusion"),
        url=run.text_or("html_url"),
        external_id=run.text_or("external_id"),
        annotations=(output.number_or_none("annotations_count") or 0) if output else 0,
    )
