from datetime import UTC, datetime

import pytest

from app.domain.ci import Check, Commit, RunResult, WorkflowRun
from app.domain.diagnosis import JobReading
from app.domain.failure.attribute import EarlierIncident, Facts, attribute
from app.domain.failure.types import Attribution, Failure, FailureType
from app.domain.incident import Incident, PullRequestRef, Surroundings
from app.domain.repository import Repository

HEAD, BASE = "a" * 40, "b" * 40
PATH = ".github/workflows/ci.yml"
REPOSITORY = Repository(host="github.com", installation_id=1, id=2, full_name="o/r", default_branch="main")


def run(*, branch: str = "feature", sha: str = HEAD, event: str = "push") -> WorkflowRun:
    return WorkflowRun(
        id=100,
        attempt=1,
        workflow_id=9,
        workflow_name="CI",
        path=PATH,
        event=event,
        status="completed",
        conclusion="failure",
        head_sha=sha,
        head_branch=branch,
        head_repository_id=2,
        actor_login="ada",
        actor_type="User",
    )


def reading(
    kind: FailureType = FailureType.TEST, name: str = "test", file: str = "src/a.py", confidence: float = 0.9
) -> JobReading:
    failure = Failure(tool="tool", message="no", file=file)
    return JobReading(
        job_id=1,
        job_name=name,
        failure_type=kind,
        confidence=confidence,
        failures=(failure,),
        excerpt=(),
        root_cause=f"{name} says no",
    )


def check(conclusion: str, name: str = "test", path: str = PATH, *, status: bool = False) -> Check:
    return Check(
        name=name, status="completed", conclusion=conclusion, app_slug="github-actions", workflow_path=path, is_status=status
    )


def commit(sha: str, *conclusions: str, workflow: int = 9, event: str = "push", first_id: int = 200) -> Commit:
    runs = tuple(
        RunResult(run_id=first_id + n, workflow_id=workflow, workflow_name="CI", event=event, conclusion=conclusion)
        for n, conclusion in enumerate(conclusions)
    )
    return Commit(
        sha=sha * 40 if len(sha) == 1 else sha, headline=f"Change {sha[:1]}", author_login="ada", authored_at=None, runs=runs
    )


def facts(  # each fact of the decision is a keyword of its own
    *readings: JobReading,
    branch: str = "feature",
    base_checks: tuple[Check, ...] = (),
    history: tuple[Commit, ...] = (),
    earlier: tuple[EarlierIncident, ...] = (),
    changed: frozenset[str] | None = None,
    pull_request: PullRequestRef | None = None,
    base_sha: str | None = BASE,
) -> Facts:
    around = Surroundings(
        repository_node_id="R_1",
        default_branch="main",
        policy_text=None,
        workflow_text=None,
        head_checks=(),
        base_branch="main",
        base_sha=base_sha,
        base_checks=base_checks,
        history=history,
        pull_request=pull_request,
        branch_head=HEAD,
    )
    incident = Incident(id="inc_1", repository=REPOSITORY, run=run(branch=branch), created_at=datetime(2026, 1, 1, tzinfo=UTC))
    return Facts(
        incident=incident, surroundings=around, readings=readings or (reading(),), earlier=earlier, changed_files=changed
    )


RED_HEAD = commit(HEAD, "failure")
LINT, TEST, INFRA, ACCESS = FailureType.LINT, FailureType.TEST, FailureType.INFRA, FailureType.PERMISSION
A = Attribution

CASES = {
    "the same check is red on the base": (facts(base_checks=(check("failure"),)), A.BASE_ALREADY_RED),
    "a red base outweighs a lint failure": (facts(reading(LINT), base_checks=(check("failure"),)), A.BASE_ALREADY_RED),
    "a red base outweighs a green past": (
        facts(base_checks=(check("failure"),), history=(RED_HEAD, commit("c", "success"))),
        A.BASE_ALREADY_RED,
    ),
    "another workflow's check of that name is red on the base": (
        facts(base_checks=(check("failure", path="other.yml"),)),
        A.UNKNOWN,
    ),
    "a commit status of that name is red on the base": (facts(base_checks=(check("failure", status=True),)), A.UNKNOWN),
    "another check is red on the base": (facts(base_checks=(check("failure", "lint"),)), A.UNKNOWN),
    "only one of two failed checks is red on the base": (
        facts(reading(), reading(name="lint"), base_checks=(check("failure"), check("success", "lint"))),
        A.CAUSED_BY_CHANGE,
    ),
    "on the base branch itself its own red checks say nothing": (
        facts(branch="main", base_checks=(check("failure"),)),
        A.UNKNOWN,
    ),
    "on the base branch it was green before": (
        facts(branch="main", base_checks=(check("failure"),), history=(RED_HEAD, commit("c", "success"))),
        A.CAUSED_BY_CHANGE,
    ),
    "the base is green": (facts(base_checks=(check("success"),)), A.CAUSED_BY_CHANGE),
    "a skipped check on the base passes": (facts(base_checks=(check("skipped"),)), A.CAUSED_BY_CHANGE),
    "a base whose check still runs says nothing": (
        facts(base_checks=(Check(name="test", status="queued", conclusion=None, workflow_path=PATH),)),
        A.UNKNOWN,
    ),
    "the workflow was green on this branch": (facts(history=(RED_HEAD, commit("c", "success"))), A.CAUSED_BY_CHANGE),
    "another workflow was green": (facts(history=(RED_HEAD, commit("c", "success", workflow=8))), A.UNKNOWN),
    "another event was green": (facts(history=(RED_HEAD, commit("c", "success", event="schedule"))), A.UNKNOWN),
    "both results on one commit": (facts(history=(commit(HEAD, "success", "failure"),)), A.FLAKY),
    "the other result belongs to another event": (facts(history=(commit(HEAD, "success", event="schedule"),)), A.UNKNOWN),
    "both results outweigh a red base": (facts(base_checks=(check("failure"),), history=(commit(HEAD, "success"),)), A.FLAKY),
    "known as flaky": (
        facts(earlier=(EarlierIncident(id="inc_0", head_sha="d" * 40, branch="x", attribution=A.FLAKY),)),
        A.FLAKY,
    ),
    "a lint failure is never flaky by memory": (
        facts(reading(LINT), earlier=(EarlierIncident(id="inc_0", head_sha="d" * 40, branch="x", attribution=A.FLAKY),)),
        A.CAUSED_BY_CHANGE,
    ),
    "the network failed": (facts(reading(INFRA), base_checks=(check("success"),)), A.INFRA),
    "access was refused": (facts(reading(ACCESS)), A.MISSING_SECRET_OR_PERMISSION),
    "one of two jobs failed by the network": (
        facts(reading(INFRA), reading(TEST, "unit"), base_checks=(check("success", "unit"),)),
        A.CAUSED_BY_CHANGE,
    ),
    "a lint failure without any history": (facts(reading(LINT)), A.CAUSED_BY_CHANGE),
    "a lint failure in a file of the change": (facts(reading(LINT), changed=frozenset({"src/a.py"})), A.CAUSED_BY_CHANGE),
    "a lint failure in a file that the change did not touch": (facts(reading(LINT), changed=frozenset({"README.md"})), A.UNKNOWN),
    "a test failure in a file of the change": (facts(reading(TEST), changed=frozenset({"src/a.py"})), A.CAUSED_BY_CHANGE),
    "a test failure of which nothing is known": (facts(reading(TEST)), A.UNKNOWN),
    "no base at all": (facts(reading(TEST), base_sha=None), A.UNKNOWN),
}


@pytest.mark.parametrize(("known", "attribution"), CASES.values(), ids=CASES.keys())
def test_the_facts_say_who_or_what_caused_it(known: Facts, attribution: Attribution) -> None:
    answer = attribute(known)
    assert answer.attribution is attribution
    assert answer.evidence  # every answer names what it rests on, and unknown what was missing
    assert 0 <= answer.confidence <= 1


def test_a_red_base_names_the_check_and_the_commit() -> None:
    answer = attribute(facts(base_checks=(check("timed_out"),)))
    assert answer.evidence == ("test is timed_out on main at bbbbbbb, too",)


def test_a_failure_known_on_the_base_makes_it_surer() -> None:
    known = EarlierIncident(id="inc_0", head_sha=BASE, branch="main", attribution=A.CAUSED_BY_CHANGE)
    without, with_it = facts(base_checks=(check("failure"),)), facts(base_checks=(check("failure"),), earlier=(known,))
    assert attribute(with_it).confidence > attribute(without).confidence
    assert "the same failure is known on main (inc_0)" in attribute(with_it).evidence


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ((RED_HEAD, commit("c", "success")), "the first red commit is aaaaaaa “Change a”"),
        ((RED_HEAD, commit("c", "failure"), commit("d", "success")), "the first red commit is ccccccc “Change c”"),
        ((commit(HEAD), commit("d", "success")), "the only commit since is aaaaaaa “Change a”"),
        ((RED_HEAD, commit("c"), commit("d", "success")), "red since aaaaaaa or the commit before it, which has no result"),
        (
            (RED_HEAD, commit("c"), commit("e"), commit("d", "success")),
            "red since aaaaaaa or one of 2 commits before it, which have no result",
        ),
        ((commit("e", "success"), RED_HEAD, commit("d", "success")), "the first red commit is aaaaaaa “Change a”"),
    ],
)
def test_the_first_red_commit_is_named_where_it_can_be_told(history: tuple[Commit, ...], words: str) -> None:
    assert words in attribute(facts(branch="main", history=history)).evidence


def test_infra_passes_on_what_the_log_said_and_how_sure_that_is() -> None:
    answer = attribute(facts(reading(INFRA, confidence=0.6)))
    assert (answer.evidence, answer.confidence) == (("test: test says no",), 0.6)


def test_a_pull_request_from_a_branch_named_like_its_base_is_no_base() -> None:
    fork = PullRequestRef(number=1, base_branch="main", head_branch="main", head_sha=HEAD, author_login="eve", is_fork=True)
    answer = attribute(facts(branch="main", pull_request=fork, base_checks=(check("failure"),)))
    assert answer.attribution is Attribution.BASE_ALREADY_RED


def test_unknown_says_what_was_missing() -> None:
    evidence = attribute(facts(history=(RED_HEAD,))).evidence
    assert evidence == (
        "no green run of CI among the last 1 commit",
        "main has no result of this workflow to compare with",
        "it is not known which files the change touched",
    )
