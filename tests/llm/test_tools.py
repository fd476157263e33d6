"""The tools see the commit's own text files, without its secrets, and nothing else; they bear any arguments."""

import json
import secrets
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model.talk import ToolCall
from app.llm.source import Shelf
from app.llm.tools import Toolbox
from tests.llm.samples import CALC, Tree, tree

OUTSIDE = "what lies outside"


def ask(box: Toolbox, name: str, **arguments: object) -> str:
    return box.answer(ToolCall(id="1", name=name, arguments=json.dumps(arguments)))


def token() -> str:
    """A GitHub token, as far as its shape goes."""
    return "ghp_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))


@pytest.fixture
def box(project: Tree) -> Toolbox:
    return Toolbox(Shelf(project))


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A source beside a secret, with links out of it, and files that its listing does not name."""
    around = tmp_path_factory.mktemp("around")
    (around / "secret.txt").write_text(OUTSIDE)
    source = tree(around / "source", {"a.py": "A = 1\n", "sub/b.py": "B = 2\n"})
    (source.folder / "link.txt").symlink_to(around / "secret.txt")
    (source.folder / "linked").symlink_to(around)
    (source.folder / "sneaked.txt").symlink_to(around / "secret.txt")
    (source.folder / "unlisted.txt").write_text(OUTSIDE)
    listed_wrongly = {"sneaked.txt": "100644", "linked/secret.txt": "100644", "../secret.txt": "100644"}
    return Tree(source.folder, {**source.modes, "link.txt": "120000", "module": "160000", **listed_wrongly})


def test_files_are_listed_by_pattern(box: Toolbox) -> None:
    assert ask(box, "list_files").splitlines()[2:-1] == ["README.md", "calc.py", "tests/test_calc.py"]
    assert ask(box, "list_files", glob="*.py").splitlines()[2:-1] == ["calc.py", "tests/test_calc.py"]
    assert ask(box, "list_files", glob="tests/**").splitlines()[2:-1] == ["tests/test_calc.py"]
    assert "No file matches." in ask(box, "list_files", glob="*.rs")


def test_a_file_is_read_as_it_is_whole_or_in_part(box: Toolbox) -> None:
    assert CALC in ask(box, "read_file", path="calc.py")
    assert CALC in ask(box, "read_file", path="./calc.py")
    assert ask(box, "read_file", path="calc.py", start=2, end=2).splitlines()[2:-1] == [
        "calc.py, lines 2–2 of 7:",
        "    return a - b",
    ]
    assert "calc.py has 7 lines." in ask(box, "read_file", path="calc.py", start=90)


def test_a_search_tells_path_and_line(box: Toolbox) -> None:
    assert "calc.py:2:     return a - b" in ask(box, "search", pattern="a - b")
    assert "Nothing matches." in ask(box, "search", pattern="a . b")
    assert "calc.py:2:     return a - b" in ask(box, "search", pattern="a . b$", regex=True)
    assert "Nothing matches." in ask(box, "search", pattern="a - b", glob="tests/**")


def test_a_pattern_that_others_choke_on_is_quick(tmp_path: Path) -> None:
    box = Toolbox(Shelf(tree(tmp_path, {"long.txt": "a" * 900_000 + "!"})), clock=iter([0.0, 0.1]).__next__)
    assert "Nothing matches." in ask(box, "search", pattern="(a|a)*(a+)+$", regex=True)


def test_a_search_over_too_much_stops_and_says_so(tmp_path: Path) -> None:
    source = tree(tmp_path, {f"{at}.txt": "here\n" for at in range(5)})
    ticks = iter([0.0, 1.0, 2.0, 60.0])
    said = ask(Toolbox(Shelf(source), clock=lambda: next(ticks)), "search", pattern="here")
    assert "1.txt:1" in said
    assert "2.txt:1" not in said
    assert "the search was stopped" in said


def test_a_search_that_finds_too_much_says_so(tmp_path: Path) -> None:
    said = ask(Toolbox(Shelf(tree(tmp_path, {"a.txt": "here\n" * 500}))), "search", pattern="here")
    assert said.count(": here") == 80
    assert "there are more" in said


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("delete_file", "{}", "There is no tool of this name; there are list_files, search, read_file."),
        ("read_file", "{}", "path: Field required"),
        ("read_file", "{", "The arguments are no JSON."),
        ("read_file", "[" * 100_000, "The arguments are no JSON."),
        ("read_file", '{"path": "calc.py", "follow": true}', "follow: Extra inputs are not permitted"),
        ("read_file", '{"path": "calc.py", "start": 0}', "start: Input should be greater than or equal to 1"),
        ("read_file", '{"path": "\\ud800"}', "path: "),
        ("search", '{"pattern": ""}', "A pattern has 1 to 300 characters."),
        ("search", '{"pattern": "(", "regex": true}', "This is no regular expression"),
        ("search", '{"pattern": "(?=x)", "regex": true}', "no look-around"),
        ("search", '{"pattern": "(a{1000}){1000}", "regex": true}', "This is no regular expression"),
    ],
)
def test_wrong_calls_are_answered(box: Toolbox, name: str, arguments: str, said: str) -> None:
    assert said in box.answer(ToolCall(id="1", name=name, arguments=arguments))


@pytest.mark.parametrize(
    "path",
    [
        *("link.txt", "linked/secret.txt", "sneaked.txt", "unlisted.txt", "../secret.txt", "sub/../../secret.txt", "module"),
        *("/etc/passwd", "a.py/", "a.py\0", "sub//b.py", "./../secret.txt", "sub/./b.py", "~/secret.txt", "sub", ""),
    ],
)
def test_nothing_but_listed_regular_files_is_read(trapped: Tree, path: str) -> None:
    said = ask(Toolbox(Shelf(trapped)), "read_file", path=path)
    assert "There is no text file of this path" in said
    assert OUTSIDE not in said


def test_neither_lists_nor_searches_lead_outside(trapped: Tree) -> None:
    box = Toolbox(Shelf(trapped))
    assert "Nothing matches." in ask(box, "search", pattern=OUTSIDE)
    assert "link.txt" not in ask(box, "list_files")


PARTS = st.sampled_from(
    ["..", ".", "", "/", "link.txt", "linked", "secret.txt", "sneaked.txt", "unlisted.txt", "sub", "a.py", "b.py", "\\"]
)
PATHS = st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=6).map("/".join))


@given(path=PATHS)
def test_no_path_leads_outside(trapped: Tree, path: str) -> None:
    box = Toolbox(Shelf(trapped))
    said = ask(box, "read_file", path=path) + ask(box, "list_files", glob=path) + ask(box, "search", pattern="lies", glob=path)
    assert OUTSIDE not in said


@given(name=st.sampled_from(["list_files", "search", "read_file", "other"]), arguments=st.text(max_size=80))
def test_whatever_is_asked_is_answered(trapped: Tree, name: str, arguments: str) -> None:
    assert Toolbox(Shelf(trapped)).answer(ToolCall(id="1", name=name, arguments=arguments))


def test_secrets_are_out_of_every_answer_and_cannot_be_guessed(tmp_path: Path) -> None:
    secret = token()
    files = {"config.py": f'KEY = "{secret}"\n', f"{secret}.txt": "named\n"}
    box = Toolbox(Shelf(tree(tmp_path, files)))
    said = ask(box, "read_file", path="config.py") + ask(box, "search", pattern="KEY") + ask(box, "list_files")
    assert secret not in said
    assert 'KEY = "[redacted]"' in said
    assert "Nothing matches." in ask(box, "search", pattern=secret[:10])
    assert "Nothing matches." in ask(box, "search", pattern="ghp_[A-Z]", regex=True)


def test_a_key_block_is_out_even_where_only_its_middle_is_asked_for(tmp_path: Path) -> None:
    body = "\n".join(secrets.token_hex(30) for _ in range(20))
    text = f"-----BEGIN RSA {'PRIVATE'} KEY-----\n{body}\n-----END RSA {'PRIVATE'} KEY-----\n"
    said = ask(Toolbox(Shelf(tree(tmp_path, {"key.txt": text}))), "read_file", path="key.txt", start=5, end=9)
    assert not any(line in said for line in body.splitlines())


def test_what_is_no_source_is_not_read(tmp_path: Path) -> None:
    box = Toolbox(Shelf(tree(tmp_path, {"big.txt": "x" * 1_000_001, "nul.txt": "a\0b", "latin.txt": b"\xe9"})))
    for path in ("big.txt", "nul.txt", "latin.txt"):
        assert "There is no text file of this path" in ask(box, "read_file", path=path)


def test_a_budget_of_calls_ends_the_looking(project: Tree) -> None:
    box = Toolbox(Shelf(project), calls=1)
    assert len(box.offered()) == 3
    assert "return a - b" in ask(box, "read_file", path="calc.py")
    assert box.offered() == ()
    assert "used up" in ask(box, "read_file", path="calc.py")
    assert box.used == 1


def test_a_budget_of_characters_cuts_and_ends_the_looking(tmp_path: Path) -> None:
    box = Toolbox(Shelf(tree(tmp_path, {"a.txt": "one line\n" * 300})), characters=1000)
    said = ask(box, "read_file", path="a.txt")
    assert "cut here" in said
    assert len(said) < 1200
    assert box.spent
    assert "used up" in ask(box, "list_files")


def test_one_answer_has_a_size(tmp_path: Path) -> None:
    wide = ("x" * 300 + "\n") * 400
    assert len(ask(Toolbox(Shelf(tree(tmp_path, {"a.txt": wide}))), "read_file", path="a.txt")) < 25_000
