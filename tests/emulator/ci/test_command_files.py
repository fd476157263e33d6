from pathlib import Path

import pytest

from app.emulator.ci.command_files import CommandFileError, CommandFiles


@pytest.fixture
def files(tmp_path: Path) -> CommandFiles:
    made = CommandFiles(tmp_path / "commands", 2)
    made.create()
    return made


def write(files: CommandFiles, variable: str, text: str) -> None:
    Path(files.create()[variable]).write_text(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=x=y<<z", {"A": "x=y<<z"}),
        ("A=", {"A": ""}),
        ("\nA=1\n\n", {"A": "1"}),
        ("A<<EOF\none\n\ntwo=2\nEOF\nB=3", {"A": "one\n\ntwo=2", "B": "3"}),
        ("A<<EOF\nEOF", {"A": ""}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A=1\nA=2", {"A": "2"}),
    ],
)
def test_values_are_lines_or_blocks(files: CommandFiles, text: str, values: dict[str, str]) -> None:
    write(files, "GITHUB_OUTPUT", text)
    assert files.outputs() == values


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nothing here", "Invalid format 'nothing here'"),
        ("=x", "Invalid format '=x'. Name must not be empty"),
        ("A<<EOF\nx", "Invalid value. Matching delimiter not found 'EOF'"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(files: CommandFiles, text: str, reason: str) -> None:
    write(files, "GITHUB_ENV", text)
    with pytest.raises(CommandFileError) as refused:
        files.env()
    assert refused.value.messages == ("Unable to process file command 'env' successfully.", reason)


def test_the_environment_keeps_what_the_runner_reserves(files: CommandFiles) -> None:
    write(files, "GITHUB_ENV", "A=1\nGITHUB_SHA=0\nRUNNER_OS=Plan9\n")
    assert files.env() == {"A": "1"}
    write(files, "GITHUB_ENV", "NODE_OPTIONS=--require x")
    with pytest.raises(CommandFileError):
        files.env()


def test_paths_come_the_latest_first(files: CommandFiles) -> None:
    write(files, "GITHUB_PATH", "/a\n\n/b\n")
    assert files.paths() == ["/b", "/a"]


def test_a_link_in_place_of_a_file_is_not_followed(files: CommandFiles, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("A=1")
    path = Path(files.create()["GITHUB_OUTPUT"])
    path.unlink()
    path.symlink_to(other)
    assert files.outputs() == {}
