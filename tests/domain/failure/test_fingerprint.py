from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from app.domain.ci import Job
from app.domain.diagnosis import JobReading
from app.domain.failure.fingerprint import fingerprint
from app.domain.failure.normal import message_shape
from app.domain.failure.read import read_job

T = "2025-07-04T14:32:{:02}.5612144Z "


def reading(*output: str, name: str = "test", seconds: int = 14) -> JobReading:
    lines = ["##[group]Run it", "##[endgroup]", *output, "##[error]Process completed with exit code 1."]
    log = "\n".join(T.format(seconds) + line for line in lines)
    return read_job(Job(id=seconds, name=name, status="completed", conclusion="failure"), log, ())


SAME = [
    ("a.py:3:5: F401 [*] `os` imported but unused", "a.py:300:9: F401 [*] `os` imported but unused"),
    ("./a.py:3: error: no  [x]", "/home/runner/work/r/r/a.py:44: error: no  [x]"),
    ("error: took 12.3s", "error: took 4s"),
    ("error: took 340ms at 10:11:12", "error: took 2 ms at 23:59:01"),
    ("fatal: bad object 8f87152aa0e1", "fatal: bad object 0b1c2d3e4f5a"),
    ("error at 0x7ffd3b1c", "error at 0xdeadbeef12"),
    ("Error: connect to 127.0.0.1:40313 failed", "Error: connect to 127.0.0.1:51234 failed"),
    ("Error: localhost:8081 is busy", "Error: localhost:3777 is busy"),
    ("Error: no file /tmp/pytest-of-runner/pytest-0/x.txt", "Error: no file /tmp/abc123/y.txt"),
    ("Error: no file C:\\Users\\r\\AppData\\Local\\Temp\\x1\\a", "Error: no file C:\\Users\\r\\AppData\\Local\\Temp\\y2\\b"),
    ("Error: job 3f2504e0-4f89-11d3-9a0c-0305e82c3301 gone", "Error: job aaaaaaaa-bbbb-cccc-dddd-0305e82c3301 gone"),
    ("Error: since 2025-07-04T14:32:14Z", "Error: since 2026-01-02 03:04:05.678"),
    ("--- FAIL: TestX (0.03s)", "--- FAIL: TestX (1.70s)"),
    ("\x1b[31mError: no\x1b[0m", "Error: no"),
]

DIFFERENT = [
    ("a.py:3:5: F401 [*] `os` imported but unused", "a.py:3:5: F841 [*] Local variable `x` is assigned"),
    ("a.py:3:5: F401 [*] `os` imported but unused", "b.py:3:5: F401 [*] `os` imported but unused"),
    ("a.py:3:5: F401 [*] `os` imported but unused", "a.py:3:5: F401 [*] `re` imported but unused"),
    ("--- FAIL: TestX (0.03s)", "--- FAIL: TestY (0.03s)"),
    ("Error: cannot open the door", "Error: cannot open the window"),
    ("./a.py:3: error: no  [x]", "./a.py:3: error: no  [y]"),
    ("bash: foo: command not found", "bash: bar: command not found"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_failure_on_another_run_has_the_same_fingerprint(one: str, other: str) -> None:
    assert fingerprint((reading(one),)) == fingerprint((reading(other, seconds=59),))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_cause_has_another_fingerprint(one: str, other: str) -> None:
    assert fingerprint((reading(one),)) != fingerprint((reading(other),))


def test_order_and_job_names_and_repetition_do_not_count() -> None:
    one, two = "--- FAIL: TestX (0.03s)", "--- FAIL: TestY (0.03s)"
    assert fingerprint((reading(one, two),)) == fingerprint((reading(two, one, name="test (3.12)"),))
    assert fingerprint((reading(one),)) == fingerprint((reading(one), reading(one, name="test (windows)")))


def test_every_process_makes_the_same_fingerprint() -> None:
    tests = [f"--- FAIL: Test{n} (0.03s)" for n in range(9)]
    assert fingerprint((reading(*tests),)) == snapshot("9fea4c8542ecc95c9796a689631cdc6e")


def test_one_more_failing_test_is_another_failure() -> None:
    one, two = "--- FAIL: TestX (0.03s)", "--- FAIL: TestY (0.03s)"
    assert fingerprint((reading(one),)) != fingerprint((reading(one, two),))


def test_a_reading_without_failures_is_told_by_its_excerpt() -> None:
    with_words = reading("the upload was rejected because of the moon")
    assert fingerprint((with_words,)) != fingerprint((replace(with_words, excerpt=()),))


@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(1, 300), st.sampled_from(["src/a.py", "lib/b.py"]))
def test_shifted_lines_change_nothing(first: int, second: int, column: int, path: str) -> None:
    one = reading(f"{path}:{first}:{column}: F401 [*] `os` imported but unused")
    other = reading(f"{path}:{second}:{column}: F401 [*] `os` imported but unused")
    assert fingerprint((one,)) == fingerprint((other,))


@given(st.text())
def test_any_text_has_a_fingerprint(text: str) -> None:
    assert len(fingerprint((reading(text),))) == 32


@given(st.text(alphabet="abcxyz ", max_size=30), st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_do_not_count_in_a_message(words: str, one: int, other: int) -> None:
    assert message_shape(f"{words} {one}") == message_shape(f"{words} {other}")
