"""Compiled languages: Go, Rust, the JVM, C and C++, .NET, Swift, and what builds them."""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

_GO = r"(?P<file>(?:[A-Za-z]:)?[^\s:'\"]{1,300}\.go)"
_GO_AT = rf"{_GO}:(?P<line>\d+)(?::(?P<column>\d+))?"
_RUST_AT = r"^\s*--> (?P<file>[^\s:]{1,300}\.rs):(?P<line>\d+):(?P<column>\d+)"
_JVM = r"(?P<file>(?:[A-Za-z]:)?[^\s:'\"\[\]]{1,300}\.(?:java|kts?|scala|groovy))"
_C = r"(?P<file>(?:[A-Za-z]:)?[^\s:'\"()]{1,300}\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|cu|inc|S|asm))"
_LINTERS = ("golangci", "staticcheck", "revive")

GO = (
    Shape("go test", FailureType.TEST, r"^\s*--- FAIL: (?P<test>\S+)", message="test failed", strength=0.95),
    Shape("go test", FailureType.TEST, r"^panic: (?P<message>.*)", needles=("--- fail:", "goroutine "), strength=0.8),
    Shape(
        "golangci-lint",
        FailureType.LINT,
        rf"^{_GO_AT}: (?P<message>.*?) \((?P<rule>(?!compile|typecheck)[\w-]+)\)$",
        needles=_LINTERS,
    ),
    Shape("go vet", FailureType.LINT, rf"^(?:vet: )?{_GO_AT}: (?P<message>.*)", needles=("go vet",), strength=0.75),
    Shape(
        "go build",
        FailureType.BUILD,
        rf"^(?:vet: )?{_GO_AT}: (?P<message>(?:undefined|undeclared name|cannot use|cannot find"
        rf"|declared and not used|missing return"
        r"|imported and not used|syntax error|not enough arguments|too many arguments|unknown field|assignment mismatch"
        r"|invalid operation|.{0,200}redeclared|.{0,200}is not in (?:std|GOROOT)|\S+ \S+ is not (?:used|a type)|expected ).*)",
        strength=0.95,
    ),
    Shape("go", FailureType.BUILD, r"^FAIL\s+(?P<message>\S+ \[(?:build|setup) failed\])", strength=0.9),
    Shape(
        "go mod",
        FailureType.DEPENDENCY,
        r"^(?:go: |\S+: )?(?P<message>(?:updates to go\.(?:mod|sum) needed|missing go\.sum entry"
        r"|no required module provides package"
        r"|.{0,200}unknown revision|.{0,200}go\.mod/go\.sum are not up-to-date).*)",
    ),
    Shape(
        "gofmt",
        FailureType.FORMAT,
        rf"^diff (?:-u )?(?:a/)?{_GO}(?:\.orig)? ",
        needles=("gofmt", "goimports"),
        message="not formatted",
    ),
)
RUST = (
    Shape(
        "rustc",
        FailureType.BUILD,
        _RUST_AT,
        lead=r"^error(?:\[(?P<rule>E\d{4})\])?: (?P<message>(?!could not compile).*)",
        strength=0.95,
    ),
    Shape(
        "clippy",
        FailureType.LINT,
        r"^\s*= (?:note|help): .*(?P<rule>clippy::[\w:]+)",
        needles=("clippy",),
        message="clippy lint",
        strength=0.8,
    ),
    Shape(
        "rustfmt",
        FailureType.FORMAT,
        r"^Diff in (?P<file>[^\s:]{1,300}\.rs)(?::(?P<line>\d+)| at line (?P<row>\d+))?",
        message="not formatted",
    ),
    Shape("cargo test", FailureType.TEST, r"^test (?P<test>\S.{0,300}?) \.\.\. FAILED", message="test failed", strength=0.95),
    Shape(
        "cargo test",
        FailureType.TEST,
        r"^thread '(?P<test>[^']{1,300})' (?:\(\d+\) )?panicked at (?P<file>[^\s:']{1,300}\.rs):(?P<line>\d+):(?P<column>\d+)",
        needles=("test result: failed", "running "),
        message="panicked",
    ),
    Shape(
        "cargo",
        FailureType.DEPENDENCY,
        r"^error: (?P<message>(?:failed to select a version|no matching package"
        r"|the lock file .{1,300} needs to be updated|failed to get `).*)",
        strength=0.95,
    ),
    Shape(
        "cargo", FailureType.CONFIG, r"^error: (?P<message>(?:failed to parse manifest|no such (?:sub)?command|no bin target).*)"
    ),
)
JVM = (
    Shape(
        "javac",
        FailureType.BUILD,
        rf"^(?:\[ERROR\] |\[error\] )?{_JVM}:(?:\[(?P<line>\d+),(?P<column>\d+)\]|(?P<row>\d+):(?: error:)?) (?P<message>\S.*)",
        needles=("compilation error", "compilation failure", ": error:", "[error]", "compilejava"),
        strength=0.95,
    ),
    Shape(
        "kotlinc",
        FailureType.BUILD,
        rf"^e: (?:file://)?{_JVM}:(?:\s*\(?)(?P<line>\d+)[:,]\s?(?P<column>\d+)\)?:? (?P<message>.*)",
        strength=0.95,
    ),
    Shape(
        "junit",
        FailureType.TEST,
        r"^(?:\[ERROR\]\s+)?(?P<test>[\w.$]+(?:\([\w.$]+\)|\.[\w$]+))\s+(?:Time elapsed"
        r"|-- Time elapsed): .{1,40}<<< (?:FAILURE|ERROR)!",
        message="test failed",
        strength=0.95,
    ),
    Shape("gradle", FailureType.TEST, r"^(?P<test>[\w.$]+ > \S.{0,200}) FAILED$", message="test failed", strength=0.95),
    Shape(
        "checkstyle",
        FailureType.LINT,
        rf"^\[(?:ERROR|WARN)\] {_JVM}:(?P<line>\d+)(?::(?P<column>\d+))?: (?P<message>.*?) \[(?P<rule>\w+)\]$",
    ),
    Shape("spotless", FailureType.FORMAT, r"(?P<message>The following files had format violations.*)"),
    Shape(
        "maven",
        FailureType.DEPENDENCY,
        r"(?P<message>(?:Could not resolve dependencies|Could not find artifact|Non-resolvable (?:parent|import) POM).*)",
        strength=0.85,
    ),
    Shape(
        "gradle",
        FailureType.DEPENDENCY,
        r"^\s*>? ?(?P<message>Could not (?:resolve|find) (?:all \w+ for|all dependencies|[\w.-]+:[\w.-]+:).*)",
    ),
    Shape(
        "gradle",
        FailureType.CONFIG,
        r"(?P<message>Task '[^']{1,100}' not found in .*|Could not (?:find|determine) .{0,40}JAVA_HOME.*)",
    ),
    Shape(
        "scalac", FailureType.BUILD, rf"^\[error\] {_JVM}:(?P<line>\d+)(?::(?P<column>\d+))?: (?P<message>\S.*)", strength=0.95
    ),
)
NATIVE = (
    Shape(
        "cc",
        FailureType.BUILD,
        rf"^{_C}:(?P<line>\d+):(?:(?P<column>\d+):)? (?:fatal )?error: (?P<message>.*?)(?: \[(?P<rule>-W\S+)\])?$",
        strength=0.95,
    ),
    Shape(
        "cl",
        FailureType.BUILD,
        rf"^\s*{_C}\((?P<line>\d+)(?:,(?P<column>\d+))?\): (?:fatal )?error (?P<rule>C\d+): (?P<message>.*)",
        strength=0.95,
    ),
    Shape(
        "ld",
        FailureType.BUILD,
        r"(?P<message>undefined reference to [`'].{1,300}|multiple definition of .{1,300}|cannot find -l\S+)",
        strength=0.9,
    ),
    Shape(
        "ld",
        FailureType.BUILD,
        r"(?P<message>(?:(?<![\w.])ld: |Undefined symbols for architecture).*|error (?P<rule>LNK\d+):.*)",
        strength=0.85,
    ),
    Shape(
        "cmake", FailureType.CONFIG, r"^CMake Error(?: at (?P<file>[^\s:]{1,300}):(?P<line>\d+))?(?P<message>.*)", strength=0.85
    ),
    Shape(
        "assert",
        FailureType.TEST,
        rf"^(?:[^\s:]{{1,300}}: )?{_C}:(?P<line>\d+): (?:[^:]{{1,300}}: )?(?P<message>Assertion [`'].*' failed)\.$",
        strength=0.95,
    ),
    Shape(
        "assert",
        FailureType.TEST,
        rf"^(?P<message>Assertion failed: .{{1,300}}), function [^,]{{1,300}}, file {_C}, line (?P<line>\d+)\.$",
        strength=0.95,
    ),
    Shape("make", FailureType.CONFIG, r"(?P<message>No rule to make target .*)", strength=0.9),
    Shape(
        "ctest",
        FailureType.TEST,
        r"^\s*\d+ - (?P<test>\S+) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted)\)",
        message="test failed",
    ),
    Shape("gtest", FailureType.TEST, r"^\[\s*FAILED\s*\] (?P<test>[\w/]+\.[\w/]+)", message="test failed", strength=0.95),
    Shape(
        "swiftc",
        FailureType.BUILD,
        r"^(?P<file>[^\s:'\"]{1,300}\.swift):(?P<line>\d+):(?P<column>\d+): error: (?P<message>(?!-\[).*)",
        strength=0.95,
    ),
    Shape(
        "xctest",
        FailureType.TEST,
        r"^(?P<file>[^\s:'\"]{1,300}\.(?:swift|mm?)):(?P<line>\d+): error: (?P<test>-\[[^\]]+\]) : (?P<message>.*)",
        strength=0.95,
    ),
    Shape(
        "dotnet",
        FailureType.BUILD,
        r"^\s*(?P<file>[^\s():]{1,300}\.(?:cs|fs|vb))\((?P<line>\d+),(?P<column>\d+)\): error "
        r"(?P<rule>[A-Z]{2,4}\d+): (?P<message>.*?)(?: \[.*\])?$",
        strength=0.95,
    ),
    Shape("dotnet", FailureType.TEST, r"^\s+Failed (?P<test>[\w.]+(?:\(.*\))?) \[[^\]]+\]", message="test failed", strength=0.95),
    Shape("dotnet", FailureType.DEPENDENCY, r"error (?P<rule>NU\d{4}): (?P<message>.*)"),
)

SHAPES = GO + RUST + JVM + NATIVE
