"""Other languages and tools: Ruby, PHP, Elixir, Haskell, shell, containers, infrastructure as code, rules about the change."""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

_ANY = r"(?P<file>(?:[A-Za-z]:)?[^\s:()'\"]{1,300}\.[A-Za-z]\w{0,11})"

SHAPES = (
    Shape(
        "rspec",
        FailureType.TEST,
        r"^rspec (?P<file>[^\s:]{1,300}\.rb):(?P<line>\d+) # (?P<test>.*)",
        message="example failed",
        strength=0.95,
    ),
    Shape(
        "minitest",
        FailureType.TEST,
        r"^(?P<test>[\w:]+#test_\S+?)(?: \[(?P<file>[^\s:]{1,300}\.rb):(?P<line>\d+)\])?:$",
        lead=r"^\s*(?:\d+\) )?(?P<rule>Failure|Error):$",
        message="test failed",
    ),
    Shape(
        "rubocop",
        FailureType.LINT,
        r"^(?P<file>[^\s:]{1,300}\.\w+):(?P<line>\d+):(?P<column>\d+): [CWEFR]: (?:\[Corr\w+\] )?"
        r"(?P<rule>\w+/\w+): (?P<message>.*)",
    ),
    Shape(
        "bundler",
        FailureType.DEPENDENCY,
        r"(?P<message>(?:Bundler could not find compatible versions|Could not find gem|Your bundle is locked).*)",
    ),
    Shape("rake", FailureType.CONFIG, r"(?P<message>No Rakefile found.*|Don't know how to build task .*)", strength=0.95),
    Shape(
        "phpunit",
        FailureType.TEST,
        r"^\d+\) (?P<test>[\w\\]+::\w+.*)",
        needles=("phpunit", "failures!", "errors!"),
        message="test failed",
        strength=0.95,
    ),
    Shape("php", FailureType.BUILD, r"(?P<message>PHP (?:Parse|Fatal) error: .*?)(?: in (?P<file>\S+) on line (?P<line>\d+))?$"),
    Shape(
        "composer",
        FailureType.DEPENDENCY,
        r"(?P<message>Your requirements could not be resolved to an installable set of packages.*)",
    ),
    Shape("exunit", FailureType.TEST, r"^\s+\d+\) (?P<test>(?:test|doctest|property) .*)", message="test failed", strength=0.95),
    Shape(
        "shellcheck",
        FailureType.LINT,
        r"^In (?P<file>\S+) line (?P<line>\d+):",
        needles=("shellcheck", "sc1", "sc2"),
        message="shellcheck finding",
    ),
    Shape(
        "shellcheck", FailureType.LINT, rf"^{_ANY}:(?P<line>\d+):(?P<column>\d+): \w+: (?P<message>.*) \[(?P<rule>SC\d{{4}})\]"
    ),
    Shape(
        "yamllint",
        FailureType.LINT,
        r"^\s+(?P<line>\d+):(?P<column>\d+)\s+error\s+(?P<message>.*?)\s+\((?P<rule>[\w-]+)\)$",
        lead=rf"^{_ANY}$",
        keep=True,
    ),
    Shape(
        "actionlint",
        FailureType.CONFIG,
        r"^(?P<file>\.github/workflows/\S+?\.ya?ml):(?P<line>\d+):(?P<column>\d+): (?P<message>.*?) \[(?P<rule>[\w-]+)\]$",
    ),
    Shape("hadolint", FailureType.LINT, r"^(?P<file>\S*Dockerfile\S*):(?P<line>\d+) (?P<rule>(?:DL|SC)\d{4}) (?P<message>.*)"),
    Shape(
        "markdownlint",
        FailureType.LINT,
        r"^(?P<file>\S+\.mdx?):(?P<line>\d+)(?::(?P<column>\d+))? (?:error )?(?P<rule>MD\d{3})\S* (?P<message>.*)",
    ),
    Shape(
        "terraform",
        FailureType.FORMAT,
        r"^(?P<file>\S+\.tf(?:vars)?)$",
        needles=("terraform fmt",),
        message="not formatted",
        strength=0.8,
    ),
    Shape(
        "terraform",
        FailureType.CONFIG,
        r"on (?P<file>\S+\.tf) line (?P<line>\d+)",
        lead=r"^[│|]? ?Error: (?P<message>.*)",
        reach=6,
    ),
    Shape("ansible", FailureType.CONFIG, r"^(?P<message>fatal: \[[^\]]+\]: (?:FAILED|UNREACHABLE)!.*)", strength=0.7),
    Shape(
        "docker",
        FailureType.BUILD,
        r"^(?P<message>(?:ERROR: )?(?:failed to solve|failed to build):? .*|.*did not complete successfully: exit code: \d+)",
        strength=0.6,
    ),
    Shape(
        "commitlint",
        FailureType.CONVENTION,
        r"^[✖×]\s+(?P<message>.*?) \[(?P<rule>(?:subject|type|body|header|footer|scope)-[\w-]+)\]",
    ),
    Shape(
        "changelog",
        FailureType.CONVENTION,
        r"(?:[Pp]lease add|missing|requires) (?:a |an )?(?:changelog|news|release note)\b",
        strength=0.75,
    ),
    Shape("codeql", FailureType.SECURITY, r"\b(?:GHSA-\w{4}-\w{4}-\w{4}|CVE-\d{4}-\d{4,7})\b", strength=0.65),
    Shape("gitleaks", FailureType.SECURITY, r"(?P<message>leaks found: [1-9]\d*.*)"),
    Shape("git", FailureType.BUILD, r"^CONFLICT \([^)]+\): (?P<message>.*)", strength=0.6),
)
