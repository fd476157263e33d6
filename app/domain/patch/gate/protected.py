"""Gates about files that a fix never touches, whatever the policy allows."""

import re
from collections.abc import Callable

from app.domain.candidate import GateResult
from app.domain.patch.edit import Edit
from app.domain.patch.gate.facts import SUBMODULE, SYMLINK, Edits, GateFacts, verdict
from app.domain.patch.paths import folded, parents

POLICY_FILE = ".github/devflowfix.yml"

# Where GitHub reads code owners: the root, .github/ and docs/.
_CODEOWNERS = frozenset({"codeowners", ".github/codeowners", "docs/codeowners"})
_AUTOMATION = (".github/workflows/", ".github/actions/")

# Written by package managers: a change by hand is wrong, or hides what is installed. Most end in one of these …
_LOCK_ENDINGS = (".lock", ".lockfile", ".lock.hcl", ".lock.json", ".lock.yaml", ".lock.yml")
# … the others are known by name. Both in folded spelling.
_LOCK_NAMES = frozenset(
    {
        # JavaScript and TypeScript
        *("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "shrinkwrap.yaml", "bun.lockb", "rush-lock.yaml"),
        *(".pnp.cjs", ".pnp.js", ".pnp.loader.mjs"),
        # Python
        *("conda-lock.yml", "conda-lock.yaml", "pylock.toml"),
        # Go, Ruby, Haskell, Swift, Perl, D, Lean
        *("go.sum", "go.work.sum", "gems.locked", "cabal.project.freeze", "package.resolved", "cartfile.resolved"),
        *("cpanfile.snapshot", "dub.selections.json", "lake-manifest.json"),
        # Julia and Gleam; Java and Kotlin; .NET and Unity; C and C++
        *("manifest.toml", "verification-metadata.xml", "maven_install.json"),
        *("project.assets.json", "packages-lock.json", "vcpkg-lock.json"),
        # Command-line tools
        *("aqua-checksums.json",),
    }
)
_PYLOCK = re.compile(r"^pylock\..+\.toml$")  # PEP 751 also allows pylock.<name>.toml
_NIX_SOURCES = re.compile(r"(^|/)(nix|npins)/sources\.json$")


def workflows(edits: Edits, _facts: GateFacts) -> GateResult:
    """No workflow and no action of the repository: what judges the fix is not changed by it."""
    return _none_of(edits, "workflows", "is automation of the repository", lambda path: path.startswith(_AUTOMATION))


def code_owners(edits: Edits, _facts: GateFacts) -> GateResult:
    """No CODEOWNERS file: who must review is not changed by a fix."""
    return _none_of(edits, "code_owners", "says who must review", _CODEOWNERS.__contains__)


def policy_file(edits: Edits, _facts: GateFacts) -> GateResult:
    """Not the file that says what DevFlowFix may do, in either ending."""
    names = (POLICY_FILE, POLICY_FILE.replace(".yml", ".yaml"))
    return _none_of(edits, "policy_file", "is DevFlowFix's own policy", names.__contains__)


def git_folder(edits: Edits, _facts: GateFacts) -> GateResult:
    """Nothing in a ``.git`` folder, and none of the files that tell git what to do with the others."""

    def is_git(path: str) -> bool:
        return ".git" in path.split("/") or path.rpartition("/")[2] == ".gitattributes"

    return _none_of(edits, "git_folder", "belongs to git itself", is_git)


def lock_files(edits: Edits, _facts: GateFacts) -> GateResult:
    """No lock file of any package manager."""
    return _none_of(edits, "lock_files", "is a lock file", is_lock_file)


def is_lock_file(path: str) -> bool:
    """Tell whether a path, in any spelling, is a file that a package manager writes."""
    spelling = folded(path)
    name = spelling.rpartition("/")[2]
    named = name in _LOCK_NAMES or name.endswith(_LOCK_ENDINGS)
    return named or bool(_PYLOCK.match(name) or _NIX_SOURCES.search(spelling))


def submodules(edits: Edits, facts: GateFacts) -> GateResult:
    """No submodule, nothing inside one, and not the file that declares them."""

    def is_submodule(edit: Edit) -> bool:
        return folded(edit.path).rpartition("/")[2] == ".gitmodules" or SUBMODULE in _modes(edit, facts)

    problems = [f"`{edit.path}` belongs to a submodule." for edit in edits if is_submodule(edit)]
    return verdict("submodules", problems, "No submodule is touched.")


def symlinks(edits: Edits, facts: GateFacts) -> GateResult:
    """No symbolic link, and nothing reached through one."""
    problems = [
        f"`{edit.path}` is a symbolic link or is reached through one." for edit in edits if SYMLINK in _modes(edit, facts)
    ]
    return verdict("symlinks", problems, "No symbolic link is touched.")


def binaries(edits: Edits, facts: GateFacts) -> GateResult:
    """No file that is not text: undecodable, or with a NUL in it, before or after."""

    def is_binary(edit: Edit) -> bool:
        unreadable = edit.path in facts.modes and facts.read(edit.path) is None and not {SYMLINK, SUBMODULE} & _modes(edit, facts)
        return unreadable or any("\0" in (text or "") or _surrogates(text or "") for text in (edit.before, edit.after))

    problems = [f"`{edit.path}` is not a text file." for edit in edits if is_binary(edit)]
    return verdict("binaries", problems, "Every file is text.")


def _modes(edit: Edit, facts: GateFacts) -> set[str]:
    """Give the git modes of a path, of the folders above it, and the one that the edit asks for."""
    return {facts.modes.get(path, "") for path in (*parents(edit.path), edit.path)} | {edit.mode}


def _surrogates(text: str) -> bool:
    """Tell whether a text cannot be written as UTF-8."""
    return any("\ud800" <= c <= "\udfff" for c in text)


def _none_of(edits: Edits, code: str, what: str, is_one: Callable[[str], bool]) -> GateResult:
    problems = [f"`{edit.path}` {what}." for edit in edits if is_one(folded(edit.path))]
    return verdict(code, problems, f"No file {what}.")
