"""Checks as GraphQL tells them: the roll-up of a commit, its check suites, and their GitHub Actions runs."""

from dataclasses import dataclass

from app.domain.ci import Check, RunResult
from app.domain.repository import Repository
from app.github import schema
from app.github.client import Client
from app.github.graphql import document
from app.github.reading import Fields

ACTIONS = "github-actions"
NO_REF = "refs/devflowfix/none"  # a reference that nobody has, where there is none to ask for
_STATES = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "error"}  # PENDING and EXPECTED have not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a commit's checks. ``after`` names the next one; empty on the last."""

    checks: tuple[Check, ...] = ()
    after: str = ""


def page(commit: Fields | None) -> Page:
    """Read the checks of a commit; a commit without any, or none at all, is an empty page."""
    contexts = commit.path_or_none("statusCheckRollup", "contexts") if commit is not None else None
    if contexts is None:
        return Page()
    info = contexts.fields_or_none("pageInfo")
    more = info is not None and info.flag("hasNextPage")
    return Page(
        checks=tuple(_check(node) for node in contexts.each("nodes")), after=info.text("endCursor") if info and more else ""
    )


def _check(node: Fields) -> Check:
    if node.text("__typename") == "StatusContext":
        conclusion = _STATES.get(node.text("state"))
        status = "completed" if conclusion else node.text("state").lower()
        url = node.text_or("targetUrl")
        return Check(name=node.text("context"), status=status, conclusion=conclusion, url=url, is_status=True)
    suite = node.fields_or_none("checkSuite")
    app = suite.fields_or_none("app") if suite else None
    run = suite.fields_or_none("workflowRun") if suite else None
    file = run.fields_or_none("file") if run else None
    return Check(
        name=node.text("name"),
        status=node.text("status").lower(),
        conclusion=_lower(node.text_or_none("conclusion")),
        app_slug=app.text_or("slug") if app else "",
        workflow_path=schema.workflow_path(file.text("path")) if file else "",
        event=run.text_or("event") if run else "",
        run_id=run.number_or_none("databaseId") if run else None,
        url=node.text_or("detailsUrl"),
        id=_number(node),
    )


def _number(check: Fields) -> int | None:
    """Read a check run's id. GraphQL declares it 32 bits wide and gives null beyond; a job's address ends in it, too."""
    known = check.number_or_none("databaseId")
    tail = check.text_or("detailsUrl").rpartition("/job/")[2]
    return known if known is not None else int(tail) if tail.isdigit() else None


def runs(commit: Fields, *, pending_only: bool = False) -> tuple[RunResult, ...]:
    """Read the GitHub Actions runs behind a commit's check suites. Other systems' suites may stay open for ever."""
    suites = commit.fields_or_none("checkSuites")
    found: list[RunResult] = []
    for suite in suites.each("nodes") if suites else ():
        run, app = suite.fields_or_none("workflowRun"), suite.fields_or_none("app")
        if run is None or (app is not None and app.text_or("slug") != ACTIONS):
            continue
        if not pending_only or suite.text_or("status") != "COMPLETED":
            found.append(_run(run, suite))
    return tuple(found)


def _run(run: Fields, suite: Fields) -> RunResult:
    workflow = run.fields_or_none("workflow")
    return RunResult(
        run_id=run.number_or_none("databaseId") or 0,
        workflow_id=(workflow.number_or_none("databaseId") or 0) if workflow else 0,
        workflow_name=workflow.text_or("name") if workflow else "",
        event=run.text_or("event"),
        conclusion=_lower(suite.text_or_none("conclusion")),
    )


def _lower(word: str | None) -> str | None:
    return word.lower() if word is not None else None


async def rest_of(client: Client, repo: Repository, sha: str, first: Page) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Read the pages of a commit's checks after the first one: all checks together, and what GitHub left out."""
    checks, after = first.checks, first.after
    partial: tuple[str, ...] = ()
    while after:
        variables = {"owner": repo.owner, "name": repo.name, "sha": sha, "ref": NO_REF, "after": after}
        answer = await client.graphql(document("checks"), variables, operation="Checks")
        following = page(answer.fields.path_or_none("repository", "object"))
        checks, partial, after = checks + following.checks, partial + answer.partial, following.after
    return checks, partial
