"""A test that no longer runs: each cheat is refused, each skip for another platform passes."""

from dataclasses import replace

import pytest

from app.domain.patch.gate.skips import no_skips
from tests.domain.patch.changes import change, facts

PY = "import sys\n\n\n{}\ndef test_a():\n    {}\n    assert f() == 1\n"
JS = "{}('a', () => {{\n  {}\n  expect(f()).toBe(1);\n}});\n"
GO = "{}package a\n\nfunc TestA(t *testing.T) {{\n\t{}\n\tassert.Equal(t, 1, f())\n}}\n"
RUST = "fn f() {{}}\n\n{}\n#[test]\n{}\nfn a() {{\n    assert_eq!(f(), 1);\n}}\n"
JAVA = "class ATest {{\n  {}\n  @Test\n  void a() {{\n    {}\n    assertEquals(1, f());\n  }}\n}}\n"
RUBY = "describe 'a' do\n  {} 'b'{} do\n    {}\n    expect(f).to eq(1)\n  end\nend\n"
SH = 'test_a() {{\n  {}\n  assertEquals 1 "$x"\n}}\n'
PLAIN = {
    "tests/test_a.py": PY.format("", "x = 1"),
    "web/a.test.ts": JS.format("it", "f();"),
    "a_test.go": GO.format("", "f()"),
    "src/lib.rs": RUST.format("", ""),
    "src/test/ATest.java": JAVA.format("", "f();"),
    "spec/a_spec.rb": RUBY.format("it", "", "f"),
    "tests/run.sh": SH.format("x=1"),
}


def passes(path: str, after: str, before: str | None = None) -> bool:
    edit = change(path, before or PLAIN[path], after)
    return no_skips((edit,), facts(edit)).passed


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("tests/test_a.py", PY.format("@pytest.mark.skip", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skip(reason='later')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.xfail", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(True, reason='x')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(sys.platform == 'linux', reason='x')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(sys.platform != 'win32', reason='x')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(sys.platform == 'win32' or True, reason='x')", "")),
        ("tests/test_a.py", PY.format("@unittest.skip('x')", "")),
        ("tests/test_a.py", PY.format("@unittest.expectedFailure", "")),
        ("tests/test_a.py", PY.format("", "pytest.skip('later')")),
        ("tests/test_a.py", PY.format("", "raise unittest.SkipTest")),
        ("tests/test_a.py", PY.format("pytestmark = pytest.mark.skip", "")),
        ("tests/test_a.py", PY.format("__test__ = False", "")),
        ("tests/test_a.py", PY.format("pytest.importorskip('nothing')", "")),
        ("web/a.test.ts", JS.format("it.skip", "")),
        ("web/a.test.ts", JS.format("it.only", "")),
        ("web/a.test.ts", JS.format("xit", "")),
        ("web/a.test.ts", JS.format("it.todo", "")),
        ("web/a.test.ts", JS.format("it.skipIf(process.env.CI)", "")),
        ("web/a.test.ts", "describe.skip('x', () => {" + JS.format("it", "") + "});"),
        ("web/a.test.ts", JS.format("test.fails", "")),
        ("web/a.test.ts", JS.format("it", "this.skip();")),
        ("a_test.go", GO.format("", 't.Skip("later")')),
        ("a_test.go", GO.format("", 'if runtime.GOOS == "linux" { t.Skip("x") }')),
        ("a_test.go", GO.format("//go:build ignore\n\n", "")),
        ("src/lib.rs", RUST.format("#[ignore]", "")),
        ("src/lib.rs", RUST.format("", '#[ignore = "slow"]')),
        ("src/lib.rs", RUST.format('#[cfg(feature = "never")]', "")),
        ("src/lib.rs", RUST.format("#[cfg_attr(unix, ignore)]", "")),
        ("src/test/ATest.java", JAVA.format("@Disabled", "")),
        ("src/test/ATest.java", JAVA.format('@Ignore("later")', "")),
        ("src/test/ATest.java", JAVA.format("@DisabledOnOs(OS.LINUX)", "")),
        ("src/test/ATest.java", JAVA.format("", "assumeTrue(false);")),
        ("spec/a_spec.rb", RUBY.format("xit", "", "")),
        ("spec/a_spec.rb", RUBY.format("it", ", skip: true", "")),
        ("spec/a_spec.rb", RUBY.format("it", ", :skip", "")),
        ("spec/a_spec.rb", RUBY.format("it", "", "skip 'later'")),
        ("spec/a_spec.rb", RUBY.format("it", "", "pending 'later'")),
        ("spec/a_spec.rb", RUBY.format("fit", "", "")),
        ("tests/run.sh", SH.format("startSkipping")),
        ("tests/run.sh", SH.format("skip later")),
    ],
)
def test_a_test_that_would_not_run_is_refused(path: str, after: str) -> None:
    assert not passes(path, after)


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(sys.platform == 'win32', reason='no fork')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.skipif(os.name == 'nt', reason='x')", "")),
        ("tests/test_a.py", PY.format("@unittest.skipIf(sys.platform.startswith('win'), 'x')", "")),
        ("tests/test_a.py", PY.format("@pytest.mark.xfail(sys.platform == 'darwin', reason='x')", "")),
        ("tests/test_a.py", PY.format("# @pytest.mark.skip", "x = '@pytest.mark.skip'")),
        ("tests/test_a.py", PY.format("@pytest.mark.slow", "skip = 1")),
        ("web/a.test.ts", JS.format("it.skipIf(process.platform === 'win32')", "")),
        ("web/a.test.ts", JS.format("it", "// it.skip(\n  const s = 'it.skip(';")),
        ("web/a.test.ts", JS.format("it", "cursor.skip(2);")),
        ("a_test.go", GO.format("", 'if runtime.GOOS == "windows" { t.Skip("x") }')),
        ("a_test.go", GO.format("//go:build !windows\n\n", "")),
        ("src/lib.rs", RUST.format("#[cfg_attr(windows, ignore)]", "")),
        ("src/lib.rs", RUST.format("#[cfg(not(windows))]", "")),
        ("src/lib.rs", '#[cfg(feature = "x")]\nfn g() {}\n' + RUST.format("", "")),
        ("src/test/ATest.java", JAVA.format("@DisabledOnOs(OS.WINDOWS)", "")),
        ("src/test/ATest.java", JAVA.format("// @Disabled", "")),
        ("spec/a_spec.rb", RUBY.format("it", "", "skip 'x' if Gem.win_platform?")),
        ("spec/a_spec.rb", RUBY.format("it", "", "# skip 'x'")),
        ("tests/run.sh", SH.format("tail --skip 1")),
    ],
)
def test_a_skip_for_another_platform_and_a_mere_mention_pass(path: str, after: str) -> None:
    assert passes(path, after)


def test_a_skip_that_was_there_before_may_stay_and_go() -> None:
    skipped = PY.format("@pytest.mark.skip", "")
    assert passes("tests/test_a.py", skipped + "\nX = 1\n", skipped)
    assert passes("tests/test_a.py", PY.format("", ""), skipped)
    assert not passes("tests/test_a.py", skipped + skipped, skipped)


def test_a_skip_on_the_platform_where_the_job_failed_hides_the_failure() -> None:
    edit = change("tests/test_a.py", PLAIN["tests/test_a.py"], PY.format("@pytest.mark.skipif(os.name == 'nt', reason='x')", ""))
    assert no_skips((edit,), facts(edit)).passed
    assert not no_skips((edit,), replace(facts(edit), platforms=frozenset({"windows"}))).passed
