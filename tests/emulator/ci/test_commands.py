from datetime import UTC, datetime

import pytest

from app.emulator.ci.commands import Listener
from app.emulator.ci.log import BOM, Annotation, JobLog

AT = datetime(2025, 7, 4, 14, 32, 14, 561214, tzinfo=UTC)


@pytest.fixture
def listener() -> Listener:
    return Listener(JobLog(lambda: AT, 100_000), "/home/runner/work/demo/demo")


def shown(listener: Listener) -> list[str]:
    """The log without timestamps."""
    text = listener.log.content().removeprefix(BOM).decode()
    return [line.removeprefix("2025-07-04T14:32:14.5612140Z ") for line in text.split("\n")[:-1]]


@pytest.mark.parametrize(
    ("printed", "logged"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("::error::bad", ["##[error]bad"]),
        ("  ::warning::look", ["##[warning]look"]),
        ("::notice title=T::well", ["##[notice]well"]),
        ("::ERROR::loud", ["##[error]loud"]),
        ("::error::50%25 of%0Atwo lines", ["##[error]50% of", "two lines"]),
        ("::error::%250A stays", ["##[error]%0A stays"]),
        ("::group::Name it", ["##[group]Name it"]),
        ("::endgroup::", ["##[endgroup]"]),
        ("::debug::hidden", []),
        ("::echo::on", []),
        ("::unknown::thing", ["::unknown::thing"]),
        ("std::vector::size", ["std::vector::size"]),
        ("x ::error::inside", ["x ::error::inside"]),
        ("::error", ["::error"]),
        ("##[group]already", ["##[group]already"]),
    ],
)
def test_commands_are_written_as_the_runner_writes_them_and_the_rest_as_it_came(
    listener: Listener, printed: str, logged: list[str]
) -> None:
    listener.line(printed)
    assert shown(listener) == logged


@pytest.mark.parametrize(
    ("printed", "remark"),
    [
        ("::error::bad", Annotation(".github", 1, 1, "failure", "", "bad")),
        ("::warning file=a.py,line=3::w", Annotation("a.py", 3, 3, "warning", "", "w")),
        ("::notice file=a.py,line=3,endLine=5,title=T%3A%2Cx::n", Annotation("a.py", 3, 5, "notice", "T:,x", "n")),
        ("::error file=/home/runner/work/demo/demo/src/a.py,line=1,col=8::m", Annotation("src/a.py", 1, 1, "failure", "", "m")),
        (
            "::error title=ruff (F401),file=a.py,line=x::a.py:1: F401",
            Annotation("a.py", 1, 1, "failure", "ruff (F401)", "a.py:1: F401"),
        ),
        ("::error file=a:b.py::m", Annotation("a:b.py", 1, 1, "failure", "", "m")),
    ],
)
def test_errors_warnings_and_notices_become_annotations(listener: Listener, printed: str, remark: Annotation) -> None:
    listener.line(printed)
    assert listener.annotations == [remark]


def test_a_step_leaves_at_most_ten_annotations_of_a_level(listener: Listener) -> None:
    for number in range(12):
        listener.line(f"::error::{number}")
        listener.line(f"::warning::{number}")
    assert [one.message for one in listener.annotations if one.level == "failure"] == [str(one) for one in range(10)]
    assert len(listener.annotations) == 20
    assert len(shown(listener)) == 24


def test_a_masked_value_is_hidden_from_then_on_also_in_annotations(listener: Listener) -> None:
    listener.line("hunter2 is not yet hidden")
    listener.line("::add-mask::hunter2")
    listener.line("::add-mask::hunter")
    listener.line("::error title=hunter2::hunter2 hunter3")
    assert shown(listener) == ["hunter2 is not yet hidden", "##[error]*** ***3"]
    assert listener.annotations == [Annotation(".github", 1, 1, "failure", "***", "*** ***3")]


def test_every_line_of_a_masked_text_is_hidden(listener: Listener) -> None:
    listener.line("::add-mask::one%0Atwo")
    listener.line("one and two")
    assert shown(listener) == ["*** and ***"]


def test_an_empty_mask_hides_nothing(listener: Listener) -> None:
    listener.line("::add-mask::")
    listener.line("all of it")
    assert shown(listener) == ["all of it"]


def test_stopped_commands_are_output_until_the_token(listener: Listener) -> None:
    for text in ("::stop-commands::pause-1", "::error::a", "::pause-2::", "::pause-1::", "::error::b"):
        listener.line(text)
    assert shown(listener) == ["::error::a", "::pause-2::", "##[error]b"]
    assert [one.message for one in listener.annotations] == ["b"]


def test_debug_lines_show_when_debugging_is_on(listener: Listener) -> None:
    listener.debug = True
    listener.line("::debug::seen")
    assert shown(listener) == ["##[debug]seen"]


def test_the_old_way_to_set_outputs_works_with_a_warning(listener: Listener) -> None:
    listener.line("::set-output name=v::1%0A2")
    assert listener.outputs == {"v": "1\n2"}
    assert shown(listener)[0].startswith("##[warning]The `set-output` command is deprecated")
    assert not listener.failed


@pytest.mark.parametrize("name", ["set-env name=A", "add-path"])
def test_the_old_ways_to_change_the_environment_fail_the_step(listener: Listener, name: str) -> None:
    listener.line(f"::{name}::b")
    first, second = shown(listener)
    assert first == f"##[error]Unable to process command '::{name}::b' successfully."
    assert second.startswith(f"##[error]The `{name.split(maxsplit=1)[0]}` command is disabled.")
    assert listener.failed
