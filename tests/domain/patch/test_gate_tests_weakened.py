"""What a candidate may do to tests: each cheat is refused by its gate, each honest look-alike passes all of them."""

import pytest

from app.domain.patch.gate.cases import is_test_file
from app.domain.patch.gate.tests_weakened import assertions_kept, expected_values, kept_tests
from tests.domain.patch.changes import change, facts

PY = "def test_a():\n    x = f(1)\n    assert x == 2\n    assert x in SEEN\n\n\ndef test_b():\n    assert g() == 'b'\n"
JS = (
    "it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n  expect(seen).toContain(3);\n});\n"
    "it('b', () => { expect(b()).toEqual('b'); });\n"
)
GO = (
    "package a\n\nfunc TestAdd(t *testing.T) {\n\tfor _, c := range []struct{ in, want int }{{1, 2}, {2, 3}} {\n"
    '\t\tif got := add(c.in); got != c.want {\n\t\t\tt.Errorf("no")\n\t\t}\n\t}\n}\n'
    "\nfunc TestB(t *testing.T) {\n\tassert.Equal(t, 1, b())\n}\n"
)
RUST = (
    "pub fn add(a: i32) -> i32 { a + 1 }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n"
    "        assert_eq!(add(1), 2);\n"
    "        assert!(add(2) == 3);\n    }\n\n    #[test]\n    fn b() {\n        assert_eq!(add(5), 6);\n    }\n}\n"
)
JAVA = (
    "class AddTest {\n  @Test\n  void adds() {\n    assertEquals(3, add(1, 2));\n    assertThat(seen).contains(3);\n  }\n"
    "  @ParameterizedTest\n  @ValueSource(ints = {1, 2})\n"
    "  void b(int x) {\n    assertThrows(BadInput.class, () -> f(x));\n  }\n}\n"
)
RUBY = (
    "describe Add do\n  it 'adds' do\n    expect(add(1, 2)).to eq(3)\n    expect { f }.to raise_error(BadInput)\n  end\n"
    "  it 'b' do\n    expect(b).to be_nil\n  end\nend\n"
)
SH = 'test_a() {\n  assertEquals 3 "$(add 1 2)"\n  [ "$x" = "3" ]\n}\n\ntest_b() {\n  assertTrue "$y"\n}\n'
PARAMS = "@pytest.mark.parametrize(('a', 'b'), [(1, 2), (2, 3)])\ndef test_p(a, b):\n    assert f(a) == b\n"
RAISES = "def test_r():\n    with pytest.raises(BadInput, match='bad'):\n        f()\n"
CLOSE = "def test_c():\n    assert f() == pytest.approx(1.5, abs=0.001)\n"
UNIT = (
    "class TestA(TestCase):\n    def test_u(self):\n        self.assertEqual(f(), 2)\n"
    "        self.assertAlmostEqual(g(), 1.5, places=5)\n"
)


def refusing(*edits: tuple[str, str | None, str | None]) -> set[str]:
    made = tuple(change(*edit) for edit in edits)
    results = (gate(made, facts(*made)) for gate in (kept_tests, assertions_kept, expected_values))
    return {result.code for result in results if not result.passed}


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("code", "path", "before", "old", "new"),
    [
        # a test goes
        ("tests_kept", "tests/test_a.py", PY, "def test_b():\n    assert g() == 'b'\n", ""),
        ("tests_kept", "tests/test_a.py", PY, "def test_b", "def _test_b"),
        (
            "tests_kept",
            "tests/test_a.py",
            PY,
            "def test_b():\n    assert g() == 'b'\n",
            "# def test_b():\n#    assert g() == 'b'\n",
        ),
        (
            "tests_kept",
            "tests/test_a.py",
            PY,
            "def test_b():\n    assert g() == 'b'\n",
            "'''\ndef test_b():\n    assert g()\n'''\n",
        ),
        ("tests_kept", "web/a.test.js", JS, "it('b', () => { expect(b()).toEqual('b'); });\n", ""),
        ("tests_kept", "web/a.test.ts", JS, "it('b'", "later('b'"),
        ("tests_kept", "add_test.go", GO, "func TestB", "func testB"),
        ("tests_kept", "src/lib.rs", RUST, "    #[test]\n    fn b() {", "    fn b() {"),
        ("tests_kept", "src/test/AddTest.java", JAVA, "  @Test\n", ""),
        ("tests_kept", "spec/add_spec.rb", RUBY, "  it 'b' do\n    expect(b).to be_nil\n  end\n", ""),
        ("tests_kept", "tests/run.sh", SH, 'test_b() {\n  assertTrue "$y"\n}\n', ""),
        # it is emptied
        ("tests_kept", "tests/test_a.py", PY, "assert g() == 'b'", "pass"),
        ("tests_kept", "tests/test_a.py", PY, "assert g() == 'b'", "'''assert g() == 'b' '''"),
        ("tests_kept", "web/a.test.js", JS, "expect(b()).toEqual('b');", ""),
        ("tests_kept", "add_test.go", GO, "assert.Equal(t, 1, b())", "// assert.Equal(t, 1, b())"),
        ("tests_kept", "src/lib.rs", RUST, "assert_eq!(add(5), 6);", ""),
        ("tests_kept", "spec/add_spec.rb", RUBY, "expect(b).to be_nil", "nil"),
        # it runs with less
        ("tests_kept", "tests/test_a.py", PARAMS, ", (2, 3)]", "]"),
        ("tests_kept", "add_test.go", GO, "{1, 2}, {2, 3}", "{1, 2}"),
        ("tests_kept", "src/test/AddTest.java", JAVA, "{1, 2})\n", "{1})\n"),
        ("tests_kept", "a.test.js", "it.each([1, 2])('x', (a) => { expect(f(a)).toBe(1) })\n", "[1, 2]", "[1]"),
        # it asserts less
        ("assertions_kept", "tests/test_a.py", PY, "    assert x in SEEN\n", ""),
        ("assertions_kept", "tests/test_a.py", PY, "    assert x in SEEN\n", "    # assert x in SEEN\n"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x != 3"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x in (1, 2)"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x >= 2"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert True"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x == 2 or True"),
        ("assertions_kept", "tests/test_a.py", PY, "assert x == 2", "assert x == x"),
        ("assertions_kept", "tests/test_a.py", PY, "    x = f(1)\n", "    x = f(1)\n    return\n"),
        ("assertions_kept", "tests/test_a.py", PY, "    assert x == 2\n", "    if False:\n        assert x == 2\n"),
        (
            "assertions_kept",
            "tests/test_a.py",
            PY,
            "    assert x == 2\n",
            "    try:\n        assert x == 2\n    except AssertionError:\n        pass\n",
        ),
        (
            "assertions_kept",
            "tests/test_a.py",
            PY,
            "    assert x == 2\n",
            "    with contextlib.suppress(Exception):\n        assert x == 2\n",
        ),
        ("assertions_kept", "tests/test_a.py", RAISES, "BadInput, match='bad'", "Exception"),
        ("assertions_kept", "tests/test_a.py", RAISES, ", match='bad'", ""),
        ("assertions_kept", "tests/test_a.py", CLOSE, "abs=0.001", "abs=10"),
        ("assertions_kept", "tests/test_a.py", UNIT, "self.assertEqual(f(), 2)", "self.assertTrue(f())"),
        ("assertions_kept", "tests/test_a.py", UNIT, "self.assertEqual(f(), 2)", "self.assertIsNotNone(f())"),
        ("assertions_kept", "tests/test_a.py", UNIT, "self.assertEqual(f(), 2)", "self.assertNotEqual(f(), 3)"),
        ("assertions_kept", "tests/test_a.py", UNIT, "places=5", "places=0"),
        ("assertions_kept", "a.test.js", JS, "toBe(3)", "toBeTruthy()"),
        ("assertions_kept", "a.test.ts", JS, "toBe(3)", "toBeDefined()"),
        ("assertions_kept", "a.test.tsx", JS, ".toBe(3)", ".not.toBe(4)"),
        ("assertions_kept", "a.test.js", JS, "expect(add(1, 2)).toBe(3)", "expect(true).toBe(true)"),
        ("assertions_kept", "a.test.js", JS, "toBe(3)", "toBeGreaterThan(0)"),
        ("assertions_kept", "a.test.js", JS, "  expect(seen).toContain(3);\n", ""),
        ("assertions_kept", "a.test.js", "it('x', () => { expect(f).toThrow(BadInput); });\n", "toThrow(BadInput)", "toThrow()"),
        ("assertions_kept", "a.test.js", "it('x', () => { expect(f()).toBeCloseTo(1.5, 5); });\n", "1.5, 5", "1.5, 0"),
        (
            "assertions_kept",
            "a.test.js",
            JS,
            "  expect(add(1, 2)).toBe(3);\n",
            "  try { expect(add(1, 2)).toBe(3); } catch (e) {}\n",
        ),
        ("assertions_kept", "add_test.go", GO, "got != c.want", "got == 0"),
        ("assertions_kept", "add_test.go", GO, "got != c.want", "false && got != c.want"),
        ("assertions_kept", "add_test.go", GO, 't.Errorf("no")', 't.Logf("no")'),
        ("assertions_kept", "add_test.go", GO, "assert.Equal(t, 1, b())", "assert.NotNil(t, b())"),
        ("assertions_kept", "src/lib.rs", RUST, "assert_eq!(add(1), 2)", "assert_ne!(add(1), 3)"),
        ("assertions_kept", "src/lib.rs", RUST, "assert_eq!(add(1), 2)", "assert!(add(1) > 0)"),
        ("assertions_kept", "src/lib.rs", RUST, "    fn b() {", "    #[should_panic]\n    fn b() {"),
        ("assertions_kept", "src/test/AddTest.java", JAVA, "assertEquals(3, add(1, 2))", "assertNotNull(add(1, 2))"),
        ("assertions_kept", "src/test/AddTest.java", JAVA, "assertEquals(3, add(1, 2))", "assertTrue(add(1, 2) > 0)"),
        ("assertions_kept", "src/test/AddTest.java", JAVA, "BadInput.class", "Exception.class"),
        ("assertions_kept", "spec/add_spec.rb", RUBY, "to eq(3)", "to be_truthy"),
        ("assertions_kept", "spec/add_spec.rb", RUBY, "to eq(3)", "not_to eq(4)"),
        ("assertions_kept", "spec/add_spec.rb", RUBY, "raise_error(BadInput)", "raise_error"),
        ("assertions_kept", "tests/run.sh", SH, '  [ "$x" = "3" ]\n', ""),
        ("assertions_kept", "tests/run.sh", SH, '[ "$x" = "3" ]', '[ -n "$x" ]'),
        # it expects what the code gives
        ("expected_values", "tests/test_a.py", PY, "assert x == 2", "assert x == 3"),
        ("expected_values", "tests/test_a.py", PY, "'b'", "'c'"),
        ("expected_values", "tests/test_a.py", PARAMS, "(2, 3)", "(2, 4)"),
        ("expected_values", "tests/test_a.py", PY, "    assert x == 2", "    expected = 4\n    assert x == expected"),
        ("expected_values", "a.test.js", JS, "toBe(3)", "toBe(4)"),
        ("expected_values", "add_test.go", GO, "assert.Equal(t, 1,", "assert.Equal(t, 2,"),
        ("expected_values", "src/lib.rs", RUST, "assert_eq!(add(1), 2)", "assert_eq!(add(1), 4)"),
        ("expected_values", "src/test/AddTest.java", JAVA, "assertEquals(3,", "assertEquals(4,"),
        ("expected_values", "spec/add_spec.rb", RUBY, "eq(3)", "eq(4)"),
        ("expected_values", "tests/run.sh", SH, "assertEquals 3", "assertEquals 4"),
    ],
)
def test_a_weaker_test_is_refused(code: str, path: str, before: str, old: str, new: str) -> None:
    assert code in refusing((path, before, swapped(before, old, new)))


@pytest.mark.parametrize("code", ["code.py", "tests/test_b.py"])
def test_a_file_of_tests_that_goes_is_refused_whatever_else_changes(code: str) -> None:
    assert "tests_kept" in refusing(("tests/test_a.py", PY, None), (code, "a = 1\n", "a = 2\n"))
    assert "tests_kept" in refusing(("tests/test_a.py", PY, None), ("tests/disabled.py", None, PY))
    assert "tests_kept" in refusing(("tests/cases.yml", "a: 1\n", None))


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("tests/test_a.py", PY, "def test_b", "def test_of_b"),  # another name
        ("web/a.test.js", JS, "it('b'", "it('gives b'"),
        ("add_test.go", GO, "func TestB", "func TestOfB"),
        ("src/lib.rs", RUST, "fn b()", "fn of_b()"),
        ("spec/add_spec.rb", RUBY, "it 'b'", "it 'gives b'"),
        ("tests/test_a.py", PY, "assert x == 2", "assert (\n        x\n        == 2\n    ), 'why'"),  # layout and a message
        ("tests/test_a.py", PY, "'b'", '"b"'),
        ("tests/test_a.py", PY, "assert x == 2", "assert x == 2\n    assert x"),  # more
        ("tests/test_a.py", PY, "assert x in SEEN", "assert x == SEEN[0]"),  # stronger
        ("tests/test_a.py", PY, "    assert x == 2\n    assert x in SEEN\n", "    assert x == 2 and x in SEEN\n"),
        ("tests/test_a.py", "def test_t():\n    assert f() == True\n", "f() == True", "f()"),  # what E712 asks for
        ("tests/test_a.py", "def test_t():\n    assert f() == None\n", "== None", "is None"),  # E711
        ("tests/test_a.py", "def test_t():\n    assert not f() in x\n", "not f() in x", "f() not in x"),  # E713
        ("tests/test_a.py", UNIT, "self.assertEqual(f(), 2)", "assert f() == 2"),  # PT009
        ("tests/test_a.py", "class T:\n    def test_e(self):\n        self.assertEquals(a(), 1)\n", "Equals", "Equal"),
        ("tests/test_a.py", PY, "assert x == 2", "assert x == TWO"),  # named
        ("tests/test_a.py", PARAMS, "[(1, 2), (2, 3)]", "[(1, 2), (2, 3), (3, 4)]"),
        ("tests/test_a.py", CLOSE, "abs=0.001", "abs=0.0001"),
        ("tests/test_a.py", PY, "    x = f(1)\n", "    x = f(1, mode='w')\n"),  # the arrangement, not what is expected
        ("tests/test_a.py", PY, "    x = f(1)\n", "    # return\n    x = f(1)\n"),
        ("a.test.ts", JS, "toBe(3)", "toStrictEqual(3)"),
        ("a.test.ts", JS, "() => {\n", "async () => {\n"),
        ("a.test.ts", JS, "expect(add(1, 2)).toBe(3);", "expect(\n    add(1, 2),\n  ).toBe(3)"),
        ("add_test.go", GO, 't.Errorf("no")', 't.Errorf("got %d", got)'),
        ("src/test/AddTest.java", JAVA, "assertEquals(3, add(1, 2))", 'assertEquals(3, add(1, 2), "sum")'),
        ("src/tests.rs", RUST, "assert!(add(2) == 3)", "assert_eq!(add(2), 3)"),
        ("tests/run.sh", SH, '[ "$x" = "3" ]', '[[ "$x" == "3" ]]'),
        ("src/connect.py", "def test_connection():\n    return 1\n", "def test_connection", "def check"),  # no test
    ],
)
def test_an_honest_change_of_a_test_passes(path: str, before: str, old: str, new: str) -> None:
    text = swapped(before, old, new)
    assert refusing((path, before, "TWO = 2\n" + text if "TWO" in new else text)) == set()


def test_what_is_expected_may_follow_a_change_of_the_code_but_not_of_its_comments() -> None:
    test = ("tests/test_a.py", PY, PY.replace("x == 2", "x == 3"))
    assert refusing(test, ("src/a.py", "def f(x):\n    return x\n", "def f(x):\n    return x + 1\n")) == set()
    assert refusing(test, ("src/a.py", "def f(x):\n    return x\n", "# f\ndef f(x):\n    return (x)\n")) == {"expected_values"}
    assert refusing(("src/lib.rs", RUST, RUST.replace("a + 1", "a + 2").replace("add(1), 2", "add(1), 3"))) == set()


def test_tests_may_move_to_another_file() -> None:
    assert refusing(("tests/test_a.py", PY, None), ("tests/unit/test_moved.py", None, PY)) == set()
    one, two = PY.split("\n\n\n")
    assert refusing(("tests/test_a.py", PY, one + "\n"), ("tests/test_b.py", "X = 1\n", "X = 1\n\n\n" + two)) == set()


def test_a_large_file_of_tests_is_judged_in_a_moment() -> None:
    many = "".join(f"def test_{n}():\n    assert f({n}) == {n}\n\n\n" for n in range(2000))
    assert refusing(("tests/test_a.py", many, many.replace("f(7) == 7", "f(7) == 8"))) == {"expected_values"}


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("tests/test_a.py", True),
        ("pkg/a_test.go", True),
        ("src/AddTest.java", True),
        ("web/a.spec.tsx", True),
        ("spec/a_spec.rb", True),
        ("app/latest.py", False),
        ("app/contest.rb", False),
        ("app/attest/a.py", False),
        ("app/integration/slack.py", False),
        ("src/lib.rs", False),
    ],
)
def test_a_file_of_tests_is_told_by_its_path(path: str, *, holds: bool) -> None:
    assert is_test_file(path) is holds
