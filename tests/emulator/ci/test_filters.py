"""The examples are those of GitHub's "Filter pattern cheat sheet"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.emulator.ci.filters import all_pass, any_passes, matches, passes, problem


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("feature/*", "feature/my-branch feature/your-branch"),
        ("feature/**", "feature/beta-a/my-branch feature/your-branch feature/mona/the/octocat"),
        ("main", "main"),
        ("releases/mona-the-octocat", "releases/mona-the-octocat"),
        ("*", "main releases README.md server.rb"),
        ("**", "all/the/branches every/tag a"),
        ("*feature", "mona-feature feature ver-10-feature"),
        ("v2*", "v2 v2.0 v2.9"),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1 v2.0.0"),
        ("*.jsx?", "page.js page.jsx"),
        ("*.js", "app.js index.js"),
        ("**.js", "index.js js/index.js src/js/app.js"),
        ("docs/*", "docs/README.md docs/file.txt"),
        ("docs/**", "docs/README.md docs/mona/octocat.txt"),
        ("docs/**/*.md", "docs/README.md docs/mona/hello-world.md docs/a/markdown/file.md"),
        ("**/docs/**", "docs/hello.md dir/docs/my-file.txt space/docs/plan/space.doc"),
        ("**/README.md", "README.md js/README.md"),
        ("**/*src/**", "a/src/app.js my-src/code/js/app.js"),
        ("**/*-post.md", "my-post.md path/their-post.md"),
        ("**/migrate-*.sql", "migrate-10909.sql db/migrate-v1.0.sql db/sept/migrate-v1.sql"),
        ("[CB]at", "Cat Bat"),
        ("[1-2]00", "100 200"),
        (r"a\*b", "a*b"),
        (r"a\?", "a?"),
        ("a.c", "a.c"),
        ("(x)|y", "(x)|y"),
    ],
)
def test_a_pattern_matches_what_githubs_cheat_sheet_says(pattern: str, names: str) -> None:
    assert [name for name in names.split() if not matches(pattern, name)] == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("feature/*", "feature feature/a/b xfeature/a"),
        ("main", "main2 domain refs/heads/main"),
        ("*", "a/b"),
        ("*feature", "features a/feature"),
        ("v2*", "v3 2v v2/a"),
        ("v[12].[0-9]+.[0-9]+", "v3.1.1 v1..1 v1.2"),
        ("*.jsx?", "page.jsxx page.j js/page.js"),
        ("*.js", "js/index.js indexxjs"),
        ("docs/*", "docs/a/b docs"),
        ("docs/**/*.md", "docs/README.txt xdocs/README.md docsREADME.md"),
        ("**/docs/**", "mydocs/a docs"),
        ("**/README.md", "MYREADME.md"),
        ("[CB]at", "cat CBat at"),
        (r"a\*b", "axb"),
        ("a.c", "abc"),
    ],
)
def test_a_pattern_matches_nothing_else(pattern: str, names: str) -> None:
    assert [name for name in names.split() if matches(pattern, name)] == []


@pytest.mark.parametrize(
    ("patterns", "name", "through"),
    [
        (["*.md", "!README.md"], "hello.md", True),
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README.md"], "docs/hello.md", False),
        (["*.md", "!README.md", "README*"], "README.md", True),
        (["*.md", "!README.md", "README*"], "README.doc", True),
        (["!README.md", "*.md"], "README.md", True),
        (["releases/**", "!releases/**-alpha"], "releases/10", True),
        (["releases/**", "!releases/**-alpha"], "releases/beta/3-alpha", False),
        (["!main"], "other", False),
        ([], "main", False),
    ],
)
def test_the_last_pattern_that_matches_decides(patterns: list[str], name: str, *, through: bool) -> None:
    assert passes(patterns, name) is through


@pytest.mark.parametrize(
    ("pattern", "fine"), [("v[0-9]", True), ("[]", False), ("[z-a]", False), ("", False), ("!", False), ("!a", True)]
)
def test_a_pattern_that_cannot_be_used_says_so(pattern: str, *, fine: bool) -> None:
    assert (problem(pattern) is None) is fine


def test_one_passing_path_is_enough_and_only_paths_that_all_pass_can_be_ignored() -> None:
    assert any_passes(["src/**"], ["docs/a", "src/b"])
    assert not any_passes(["src/**"], [])
    assert all_pass(["docs/**"], ["docs/a", "docs/b"])
    assert not all_pass(["docs/**"], ["docs/a", "src/b"])
    assert not all_pass(["docs/**"], [])


@given(st.text(alphabet="ab/*?+[]!\\-.", max_size=12), st.text(alphabet="ab/-.", max_size=12))
def test_any_pattern_either_has_a_problem_or_gives_an_answer(pattern: str, name: str) -> None:
    if problem(pattern) is None:
        assert matches(pattern, name) in {True, False}


@given(st.text(alphabet="abc/-._", min_size=1, max_size=20))
def test_a_plain_name_matches_itself_and_the_double_star(name: str) -> None:
    assert matches(name, name)
    assert matches("**", name)
