"""Where a change may go: each row is refused, or is the honest look-alike of one that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch.edit import Edit
from app.domain.patch.gates import GATES, GateFacts, refused, run_gates
from app.domain.patch.paths import folded, trick


def facts(path: str = "src/a.py", **changed: object) -> GateFacts:
    files = {path: "x = 1\n"}
    known: dict[str, object] = {
        "read": files.get,
        "modes": {path: "100644", "README.md": "100644"},
        "evidence_files": frozenset({path}),
        "max_files": 5,
        "max_lines": 100,
    }
    return GateFacts(**{**known, **changed})  # type: ignore[arg-type]  # a table of overrides


def refusing(path: str, mode: str = "100644", **changed: object) -> set[str]:
    """Give the codes of the gates that refuse an otherwise plain edit of a path."""
    edit = Edit(path=path, before="x = 1\n", after="x = 2\n", mode=mode)
    return {result.code for result in refused(run_gates((edit,), facts(path, **changed)))}


@pytest.mark.parametrize(
    "path",
    [
        "src/a.py",
        "a.py",
        ".github/ISSUE_TEMPLATE/bug.md",
        "docs/workflows/ci.md",
        "workflows/ci.yml",
        "src/actions/a.ts",
        "docs/codeowners.md",
        "src/CODEOWNERS",  # GitHub does not read it there
        "src/lock.py",
        "app/locks/file.lock.py",
        "go.mod",
        "Cargo.toml",
        "package.json",
        "requirements.txt",
        "pyproject.toml",
        "src/sources.json",
        "docs/devflowfix.yml",
        "gitignore.txt",
        ".gitignore",
        "src/git/a.py",
        "src/.github.py",
        "src/ünï.py",
        "src/日本語.py",
        "with space/a b.py",
    ],
)
def test_an_honest_path_passes_every_gate(path: str) -> None:
    assert refusing(path) == set()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (".github/workflows/ci.yml", "workflows"),
        (".github/workflows/deep/ci.yml", "workflows"),
        (".GitHub/Workflows/ci.yml", "workflows"),
        (".github/workflows./ci.yml", "workflows"),
        (".git\u200bhub/workflows/ci.yml", "workflows"),
        ("．github/workflows/ci.yml", "workflows"),  # a full-width dot
        (".github/actions/setup/action.yml", "workflows"),
        ("CODEOWNERS", "code_owners"),
        (".github/CODEOWNERS", "code_owners"),
        ("docs/CODEOWNERS", "code_owners"),
        ("docs/codeowners", "code_owners"),
        (".github/devflowfix.yml", "policy_file"),
        (".github/devflowfix.yaml", "policy_file"),
        (".github/DevFlowFix.YML", "policy_file"),
        (".git/config", "git_folder"),
        ("sub/.git/hooks/pre-commit", "git_folder"),
        (".GIT/config", "git_folder"),
        ("git~1/config", "git_folder"),
        (".git /config", "git_folder"),
        (".gitattributes", "git_folder"),
        ("vendor/.gitattributes", "git_folder"),
        ("package-lock.json", "lock_files"),
        ("web/yarn.lock", "lock_files"),
        ("pnpm-lock.yaml", "lock_files"),
        ("bun.lockb", "lock_files"),
        ("poetry.lock", "lock_files"),
        ("uv.lock", "lock_files"),
        ("Pipfile.lock", "lock_files"),
        ("pylock.toml", "lock_files"),
        ("pylock.dev.toml", "lock_files"),
        ("Cargo.lock", "lock_files"),
        ("go.sum", "lock_files"),
        ("Gemfile.lock", "lock_files"),
        ("composer.lock", "lock_files"),
        ("mix.lock", "lock_files"),
        ("ios/Podfile.lock", "lock_files"),
        ("Package.resolved", "lock_files"),
        ("gradle/dependency-locks/compile.lockfile", "lock_files"),
        ("packages.lock.json", "lock_files"),
        (".terraform.lock.hcl", "lock_files"),
        ("flake.lock", "lock_files"),
        ("nix/sources.json", "lock_files"),
        (".gitmodules", "submodules"),
        ("sub/.GITMODULES", "submodules"),
        ("../outside.py", "plain_paths"),
        ("src/../../x", "plain_paths"),
        ("/etc/passwd", "plain_paths"),
        ("C:/Windows/x", "plain_paths"),
        ("src//a.py", "plain_paths"),
        ("./a.py", "plain_paths"),
        ("src\\a.py", "plain_paths"),
        ("a\n.py", "plain_paths"),
        ("a\u202e.py", "plain_paths"),
        ("src/a.py ", "plain_paths"),
        ("src./a.py", "plain_paths"),
        ("u\u0308.py", "plain_paths"),  # decomposed: another name that looks the same
        ("", "plain_paths"),
    ],
)
def test_a_path_that_no_fix_touches_is_refused(path: str, code: str) -> None:
    assert code in refusing(path)


@pytest.mark.parametrize(
    ("path", "twin"),
    [("readme.md", "README.md"), ("SRC/a.py", "src/a.py"), ("src/ﬁle.py", "src/file.py")],
)
def test_a_new_file_that_only_differs_in_spelling_from_one_that_is_there_is_refused(path: str, twin: str) -> None:
    edit = Edit(path=path, before=None, after="x\n")
    given = facts(modes={twin: "100644"}, read={}.get, evidence_files=frozenset({path}))
    assert {result.code for result in refused(run_gates((edit,), given))} == {"plain_paths"}


def test_two_files_that_both_are_there_may_differ_in_case_alone() -> None:
    both = {"src/a.py": "100644", "src/A.py": "100644"}
    assert refusing("src/A.py", modes=both) == refusing("src/a.py", modes=both) == set()


@pytest.mark.parametrize(
    ("path", "modes", "edit_mode", "code"),
    [
        ("link", {"link": "120000"}, "100644", "symlinks"),
        ("link", {"link": "100644"}, "120000", "symlinks"),  # a file made into a link
        ("dir/a.py", {"dir": "120000"}, "100644", "symlinks"),
        ("sub", {"sub": "160000"}, "100644", "submodules"),
        ("sub/a.py", {"sub": "160000"}, "100644", "submodules"),
    ],
)
def test_links_and_submodules_are_refused_also_on_the_way(path: str, modes: dict[str, str], edit_mode: str, code: str) -> None:
    assert refusing(path, edit_mode, modes=modes) == {code}


def test_an_executable_script_is_no_link() -> None:
    assert refusing("bin/run", "100755", modes={"bin/run": "100755"}) == set()


@pytest.mark.parametrize(
    ("allow", "deny", "passes"),
    [
        ((), (), True),
        (("src/**",), (), True),
        (("src",), (), True),
        (("**.py",), (), True),
        (("docs/**",), (), False),
        ((), ("src/**",), False),
        ((), ("SRC/",), False),  # a denial holds in any spelling
        (("src/**",), ("**/a.py",), False),  # deny wins
        ((), ("src/a",), True),
        (("SRC/**",), (), False),  # an allowance holds as written
    ],
)
def test_the_policy_s_paths_hold(allow: tuple[str, ...], deny: tuple[str, ...], *, passes: bool) -> None:
    assert refusing("src/a.py", allow=allow, deny=deny) == (set() if passes else {"allowed_paths"})


@pytest.mark.parametrize(("evidence", "passes"), [({"src/a.py"}, True), ({"src/b.py"}, False), (set(), False)])
def test_only_files_that_the_failure_points_at_are_touched(evidence: set[str], *, passes: bool) -> None:
    assert refusing("src/a.py", evidence_files=frozenset(evidence)) == (set() if passes else {"related"})


def test_every_gate_speaks_even_after_one_refused_and_codes_are_their_names_for_machines() -> None:
    results = run_gates((), facts())
    assert [result.code for result in results] == [
        *(
            "applies",
            "changes_something",
            "plain_paths",
            "allowed_paths",
            "workflows",
            "code_owners",
            "policy_file",
            "git_folder",
        ),
        *("lock_files", "submodules", "symlinks", "binaries", "size", "parses", "hidden_unicode"),
        *(
            "no_secrets",
            "tests_kept",
            "tests_run",
            "assertions_kept",
            "expected_values",
            "not_always_green",
            "no_suppressions",
            "checks_not_eased",
            "related",
        ),
    ]
    assert len(results) == len(GATES)
    assert [result.code for result in refused(results)] == ["changes_something"]
    assert all(result.sentence.endswith(".") for result in results)


PARTS = st.sampled_from(["a", "B", ".git", "..", ".", "", "x ", "é", "e\u0301", "\u200d", "ﬁ", "CON"])


@given(st.lists(PARTS, min_size=1, max_size=4).map("/".join))
def test_a_path_called_plain_stays_inside_and_has_one_spelling(path: str) -> None:
    if not trick(path):
        depth = 0
        for part in path.split("/"):
            depth += -1 if part == ".." else 1
            assert depth > 0
        assert folded(folded(path)) == folded(path)
        assert path == path.strip()
