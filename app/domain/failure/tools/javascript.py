"""JavaScript and TypeScript: package managers, linters, formatters, compilers, test runners."""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

_FILE = (
    r"(?P<file>(?:[A-Za-z]:)?[^\s:()'\"]{1,300}\.(?:[cm]?[jt]sx?|vue|svelte|astro|json|css|scss|less|md|mdx|html|ya?ml|graphql))"
)
_SCRIPT = r"(?:file://)?(?P<file>(?:[A-Za-z]:)?[^\s:'\"]{1,300}\.[cm]?[jt]sx?)"
_TAP = "(?:# )?"  # before what a test file wrote to standard error
_SUREST = 0.97
"""Of what keeps tests from running at all: the tests that fail of it are no rival."""

_NPM = ("npm err!", "npm error")
_NPM_HEAD = r"^npm (?:ERR!|error) "

SHAPES = (
    Shape(
        "npm",
        FailureType.DEPENDENCY,
        _NPM_HEAD + r"code (?P<rule>ERESOLVE|E404|ETARGET|EUSAGE|EBADENGINE|ENOVERSIONS|EINTEGRITY|EBADPLATFORM)",
        needles=_NPM,
        message="npm could not install the dependencies",
    ),
    Shape("npm", FailureType.DEPENDENCY, _NPM_HEAD + r"(?P<message>(?:notarget|404|peer dep).*)", needles=_NPM, strength=0.8),
    Shape(
        "npm", FailureType.CONFIG, _NPM_HEAD + r"(?P<message>(?:Missing script|missing script):.*)", needles=_NPM, strength=0.95
    ),
    Shape(
        "npm",
        FailureType.DEPENDENCY,
        r"(?P<message>`npm ci` can only install packages when your package.json and"
        r" package-lock.json.*|Missing: \S+ from lock file)",
        needles=_NPM,
    ),
    Shape(
        "npm",
        FailureType.INFRA,
        _NPM_HEAD + r"(?:code )?(?P<rule>ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|E50[0-9])",
        needles=_NPM,
        message="npm could not reach the registry",
    ),
    Shape(
        "npm", FailureType.PERMISSION, _NPM_HEAD + r"code (?P<rule>E401|E403|ENEEDAUTH)", needles=_NPM, message="npm was refused"
    ),
    Shape("yarn", FailureType.CONFIG, r"^error (?P<message>Command \"[^\"]{1,100}\" not found.*)", strength=0.95),
    Shape(
        "yarn",
        FailureType.DEPENDENCY,
        r"(?P<message>(?:Your lockfile needs to be updated|The lockfile would have been modified).*)",
    ),
    Shape("yarn", FailureType.DEPENDENCY, r"^error (?P<message>Couldn't find (?:package|any versions).*)"),
    Shape(
        "pnpm",
        FailureType.DEPENDENCY,
        r"(?P<rule>ERR_PNPM_(?:OUTDATED_LOCKFILE|NO_MATCHING_VERSION|PEER_DEP_ISSUES"
        r"|LOCKFILE_BREAKING_CHANGE|FETCH_404))\s*(?P<message>.*)",
    ),
    Shape("pnpm", FailureType.CONFIG, r"(?P<rule>ERR_PNPM_NO_SCRIPT)\s*(?P<message>.*)", strength=0.95),
    Shape(
        "eslint",
        FailureType.LINT,
        r"^\s+(?P<line>\d+):(?P<column>\d+)\s+error\s+(?P<message>.*?)(?:\s{2,}(?P<rule>[@\w/-]+))?\s*$",
        lead=rf"^{_FILE}$",
        reach=200,
        keep=True,
    ),
    Shape(
        "eslint",
        FailureType.LINT,
        rf"^{_FILE}: line (?P<line>\d+), col (?P<column>\d+), Error - (?P<message>.*?)(?: \((?P<rule>\S+)\))?$",
    ),
    Shape(
        "stylelint",
        FailureType.LINT,
        r"^\s+(?P<line>\d+):(?P<column>\d+)\s+[✖×]\s+(?P<message>.*?)\s{2,}(?P<rule>[\w/-]+)\s*$",
        lead=rf"^{_FILE}$",
        reach=200,
        keep=True,
    ),
    Shape(
        "standard",
        FailureType.LINT,
        rf"^\s+{_FILE}:(?P<line>\d+):(?P<column>\d+): (?P<message>.*)",
        needles=("standard: use javascript",),
    ),
    Shape("biome", FailureType.LINT, rf"^{_FILE}:(?P<line>\d+):(?P<column>\d+) (?P<rule>lint/\S+)", message="lint rule broken"),
    Shape("biome", FailureType.FORMAT, rf"^{_FILE} (?P<rule>format) ━", message="not formatted"),
    Shape(
        "prettier",
        FailureType.FORMAT,
        rf"^(?:\[warn\]|\[error\]) {_FILE}$",
        needles=("code style issues",),
        message="not formatted",
    ),
    Shape(
        "prettier",
        FailureType.BUILD,
        rf"^\[error\] {_FILE}: (?P<rule>SyntaxError): (?P<message>.*?)(?: \((?P<line>\d+):(?P<column>\d+)\))?$",
    ),
    Shape("tsc", FailureType.TYPECHECK, rf"^{_FILE}\((?P<line>\d+),(?P<column>\d+)\): error (?P<rule>TS\d+): (?P<message>.*)"),
    Shape("tsc", FailureType.TYPECHECK, rf"{_FILE}:(?P<line>\d+):(?P<column>\d+) - error (?P<rule>TS\d+): (?P<message>.*)"),
    Shape("tsc", FailureType.CONFIG, r"^error (?P<rule>TS(?:5\d{3}|18003|6053)): (?P<message>.*)"),
    Shape(
        "jest",
        FailureType.TEST,
        r"^\s+● (?P<test>\S.*)$",
        needles=("test suites:", "tests:"),
        lead=rf"^\s*FAIL\s+(?:\S+\s+)?{_FILE}",
        reach=400,
        keep=True,
        message="test failed",
    ),
    Shape("jest", FailureType.TEST, rf"^\s*FAIL\s+{_FILE}", needles=("test suites:",), message="test file failed", strength=0.85),
    Shape(
        "vitest",
        FailureType.TEST,
        rf"^\s*(?:FAIL|❯|×)\s+(?:\|[^|]+\|\s+)?{_FILE} > (?P<test>.*)$",
        needles=("vitest", "test files "),
        message="test failed",
    ),
    Shape(
        "mocha",
        FailureType.TEST,
        r"^\s{2,}\d+\) (?P<test>\S.*?):?$",
        needles=(" failing\n",),
        lead=r"^\s+\d+ failing",
        reach=10_000,
        keep=True,
        message="test failed",
    ),
    Shape(
        "playwright",
        FailureType.TEST,
        rf"^\s+\d+\) (?:\[[^\]]+\] › )?{_FILE}:(?P<line>\d+):(?P<column>\d+) › (?P<test>.*?)\s*─*$",
        message="test failed",
    ),
    Shape(
        "node",
        FailureType.BUILD,
        rf"^{_TAP}(?:Uncaught )?Error(?: \[(?P<rule>\w+)\])?: "
        r"(?P<message>Cannot find module '(?:\.{0,2}/|file:|[A-Za-z]:)[^']{1,500}'(?: imported from (?P<file>\S+))?)",
        strength=_SUREST,
    ),
    Shape(
        "node",
        FailureType.DEPENDENCY,
        rf"^{_TAP}(?:Uncaught )?Error(?: \[(?P<rule>\w+)\])?: "
        r"(?P<message>Cannot find (?:package|module) '[^./'][^']{0,200}'(?: imported from (?P<file>\S+))?)",
        strength=_SUREST,
    ),
    Shape(
        "node",
        FailureType.BUILD,
        rf"^{_TAP}(?P<rule>SyntaxError): (?P<message>.*)",
        lead=rf"^{_TAP}{_SCRIPT}:(?P<line>\d+)$",
        reach=6,
        strength=_SUREST,
    ),
    Shape(
        "node:test",
        FailureType.TEST,
        rf"^\s+location: '{_SCRIPT}:(?P<line>\d+):(?P<column>\d+)'",
        lead=r"^\s*not ok \d+ - (?P<test>\S.*)$",
        message="test failed",
        strength=0.95,
    ),
    Shape(
        "node:test",
        FailureType.TEST,
        r"^✖ (?P<test>\S.*?) \(\d[\d.]*ms\)$",
        lead=rf"^test at {_SCRIPT}:(?P<line>\d+):(?P<column>\d+)$",
        message="test failed",
        strength=0.95,
    ),
    Shape(
        "tap",
        FailureType.TEST,
        r"^\s*not ok \d+(?: -)? (?P<test>(?!.*# (?i:todo|skip))\S.*)$",
        needles=("tap version", "\n1.."),
        unless=("  location: '",),
        message="test failed",
    ),
    Shape(
        "webpack",
        FailureType.BUILD,
        r"^\s*(?P<message>(?:Module not found|Module build failed|ERROR in \S).*)",
        needles=("webpack", "next build", "module not found"),
    ),
    Shape("vite", FailureType.BUILD, r"(?P<message>(?:\[vite\]: )?Rollup failed to resolve import.*|error during build:.*)"),
    Shape(
        "npm audit",
        FailureType.SECURITY,
        r"^(?P<message>\d+ (?:\w+ )?(?:severity )?vulnerabilit(?:y|ies)(?: found)?\b.*)",
        needles=("audit",),
        strength=0.7,
    ),
)
