"""Python: linters, formatters, type checkers, unittest, hooks and installers. pytest has a module of its own."""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

_FILE = r"(?P<file>(?:[A-Za-z]:)?[^\s:'\"]{1,300}\.(?:pyi?|ipynb))"
_AT = r":(?P<line>\d+):(?P<column>\d+)"
_RULE = r"(?P<rule>[A-Z]{1,4}\d{3,4})"
_RUFF = ("ruff", "[*] ", "fixable with")
_SYNTAX = r"(?P<rule>invalid-syntax|SyntaxError): (?P<message>.*)"
_SUREST = 0.97
"""Of what keeps tests from running at all: the tests that fail of it are no rival."""

_OWN_TESTS = r"(?:tests?|conftest|test_\w+|\w+_test)"
_COULD_NOT = (
    r"^ERROR: (?P<message>(?:Could not find a version|No matching distribution|Cannot install|ResolutionImpossible"
    r"|Could not open requirements file|Package .{1,200} requires a different Python|Invalid requirement).*)"
)

SHAPES = (
    Shape("ruff", FailureType.LINT, rf"^{_FILE}{_AT}: {_RULE} (?:\[\*\] )?(?P<message>\S.*)", needles=_RUFF),
    Shape("ruff", FailureType.LINT, rf"^\s*--> {_FILE}{_AT}", lead=rf"^{_RULE} (?:\[\*\] )?(?P<message>\S.*)"),
    Shape("ruff", FailureType.BUILD, rf"^\s*--> {_FILE}{_AT}", lead=f"^{_SYNTAX}"),
    Shape("ruff", FailureType.BUILD, rf"^{_FILE}{_AT}: {_SYNTAX}"),
    Shape("ruff", FailureType.BUILD, rf"^error: Failed to parse (?:at )?{_FILE}{_AT}: (?P<message>.*)"),
    Shape(
        "ruff",
        FailureType.LINT,
        rf"^\s+(?P<line>\d+):(?P<column>\d+) +{_RULE} (?:\[\*\] )?(?P<message>\S.*)",
        needles=_RUFF,
        lead=rf"^{_FILE}:$",
        keep=True,
    ),
    Shape(
        "toml",
        FailureType.CONFIG,
        r"^\s*(?:Cause|Caused by): (?P<message>TOML parse error at line (?P<line>\d+), column (?P<column>\d+).*)",
        lead=r"^\s*(?:Cause|Caused by|error): Failed to parse:? [`'\"]?(?P<file>[^\s`'\"]{1,300}\.toml)",
    ),
    Shape(
        "toml",
        FailureType.CONFIG,
        r"^(?P<message>[a-z][\w-]* .*)",  # the reason stands below the quoted line
        lead=r"^\s*(?:Cause|Caused by): TOML parse error at line (?P<line>\d+), column (?P<column>\d+)",
        reach=8,
    ),
    Shape("ruff format", FailureType.FORMAT, rf"^Would reformat: {_FILE}", message="not formatted"),
    Shape(
        "ruff format",
        FailureType.FORMAT,
        rf"^\s*--> {_FILE}{_AT}",
        lead=r"^unformatted: (?P<message>.*)",
    ),
    Shape("black", FailureType.FORMAT, rf"^would reformat {_FILE}", message="not formatted"),
    Shape("black", FailureType.FORMAT, rf"^reformatted {_FILE}", message="not formatted"),
    Shape("black", FailureType.BUILD, rf"^error: cannot format {_FILE}: (?P<message>.*)"),
    Shape("isort", FailureType.FORMAT, rf"^ERROR: {_FILE} (?P<message>Imports are incorrectly sorted.*)"),
    Shape("isort", FailureType.FORMAT, rf"^Fixing {_FILE}$", needles=("hook id: isort",), message="imports not sorted"),
    Shape(
        "flake8",
        FailureType.LINT,
        rf"^{_FILE}{_AT}:? (?P<rule>[A-Z]{{1,4}}\d{{1,4}}) (?P<message>\S.*)",
        unless=(*_RUFF, "pylint"),
    ),
    Shape("pylint", FailureType.LINT, rf"^{_FILE}{_AT}: (?P<rule>[CEFIRW]\d{{4}}): (?P<message>.*)"),
    Shape(
        "python",
        FailureType.BUILD,
        r"^(?:E  )?\s*(?P<rule>SyntaxError|IndentationError|TabError): (?P<message>.*)",
        lead=rf"^(?:E  )?\s*File \"{_FILE}\", line (?P<line>\d+)$",
        reach=4,
        strength=_SUREST,
    ),
    Shape(  # a module with a dot in its name is mostly one of the repository's own, and so is one of its tests
        "python",
        FailureType.DEPENDENCY,
        rf"^(?:E  )?\s*(?P<rule>ModuleNotFoundError): (?P<message>No module named '(?!{_OWN_TESTS}')\w+')$",
        strength=_SUREST,
    ),
    Shape(
        "mypy",
        FailureType.TYPECHECK,
        rf"^{_FILE}:(?P<line>\d+):(?:(?P<column>\d+):)? error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?$",
    ),
    Shape(
        "pyright",
        FailureType.TYPECHECK,
        rf"^\s*{_FILE}{_AT} - error: (?P<message>.*?)(?: \((?P<rule>report\w+)\))?$",
    ),
    Shape("ty", FailureType.TYPECHECK, rf"^\s*--> {_FILE}{_AT}", lead=r"^error\[(?P<rule>[a-z][a-z-]+)\]:? (?P<message>.*)"),
    Shape(
        "bandit",
        FailureType.SECURITY,
        rf"^\s+Location: {_FILE}:(?P<line>\d+)",
        lead=r"^>> Issue: \[(?P<rule>B\d+)[^\]]*\] (?P<message>.*)",
        reach=5,
    ),
    Shape(
        "unittest",
        FailureType.TEST,
        r"^(?P<rule>FAIL|ERROR): (?P<test>\w[\w.]* \([\w.<>]+\)|\w+(?:\.\w+){2,})",
        needles=("\nran ",),
        message="test failed",
    ),
    Shape("pre-commit", FailureType.FORMAT, r"^Fixing (?P<file>\S+)$", needles=("hook id: ",), message="changed by the hook"),
    Shape(
        "pre-commit",
        FailureType.FORMAT,
        r"^- (?P<message>files were modified by this hook)",
        lead=r"^- hook id: (?P<rule>\S+)",
        strength=0.8,
    ),
    Shape(
        "coverage",
        FailureType.CONVENTION,
        r"(?P<message>(?:FAIL )?Required test coverage of .* not reached.*|Coverage failure: total of .*)",
    ),
    Shape("pip", FailureType.DEPENDENCY, _COULD_NOT),
    Shape("pip", FailureType.DEPENDENCY, r"^\s*(?P<message>The conflict is caused by:.*)"),
    Shape(
        "pip",
        FailureType.DEPENDENCY,
        r"^\s*error: (?P<message>subprocess-exited-with-error|metadata-generation-failed)",
        strength=0.7,
    ),
    Shape(
        "uv",
        FailureType.DEPENDENCY,
        r"^\s*[×x] (?P<message>(?:No solution found when resolving|Failed to (?:download|build)) .*)",
    ),
    Shape("uv", FailureType.DEPENDENCY, r"(?P<message>The lockfile at `uv\.lock` needs to be updated.*)"),
    Shape(
        "poetry",
        FailureType.DEPENDENCY,
        r"(?P<message>(?:pyproject\.toml changed significantly since poetry\.lock|Because .{1,300} version solving failed).*)",
    ),
    Shape("tox", FailureType.CONFIG, r"^ERROR: (?P<message>.{0,200}(?:InterpreterNotFound|unknown environment).*)"),
)
