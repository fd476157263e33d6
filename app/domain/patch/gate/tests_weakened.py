"""Gates: a candidate makes the code right, never the tests quieter."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.domain.candidate import GateResult
from app.domain.patch.gate.assertions import Assertion, assertions
from app.domain.patch.gate.cases import Case, cases, is_collected, is_test_file, source_language
from app.domain.patch.gate.expected import code_changes, rewritten
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.nodes import walk
from app.domain.patch.gate.rows import rows
from app.domain.patch.gate.swallowed import swallows

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class _Pair:
    """One test before and after."""

    before: Case
    after: Case


def kept_tests(edits: Edits, facts: GateFacts) -> GateResult:
    """No test goes and none is emptied; one that moves or gets another name with the same body stays a test."""
    pairs, lost = _paired(edits, facts)
    problems = [f"`{case.path}` would lose the test `{case.name}`." for case in lost if case.is_test]
    problems += [f"`{edit.path}` holds tests and would be deleted." for edit in edits if _deleted_unread(edits, edit.path, facts)]
    for pair in pairs:
        problems += _emptied(pair)
    return verdict("tests_kept", problems, "Every test is still there.")


def _deleted_unread(edits: Edits, path: str, facts: GateFacts) -> bool:
    """Tell whether a file of tests goes whose language is not read, such as one of recorded cases."""
    edit = next(edit for edit in edits if edit.path == path)
    if edit.after is not None or not edit.before or source_language(path, dict(facts.languages)) is not None:
        return False
    return is_test_file(path) and all(edit.before != other.after for other in edits)


def _emptied(pair: _Pair) -> Iterator[str]:
    name = f"`{pair.after.path}`: the test `{pair.after.name}`"
    if pair.before.is_test and _does(pair.before) and not _does(pair.after):
        yield f"{name} would be empty."
    before, after = rows(pair.before), rows(pair.after)
    if before is not None and after is not None and after < before:
        yield f"{name} would run with {after} of {before} sets of parameters."


def _does(case: Case) -> bool:
    calls = {"call", "call_expression", "method_invocation", "macro_invocation", "command", "assert_statement"}
    return any(node.type in calls for node in walk(case.body)) or any(assertions(case.body, case.language))


def assertions_kept(edits: Edits, facts: GateFacts) -> GateResult:
    """Each test asserts at least as much as before, by number and by strength."""
    problems = []
    for pair in _paired(edits, facts)[0]:
        if pair.before.content != pair.after.content or pair.before.marks or pair.after.marks:
            problems += [f"`{pair.after.path}`: `{pair.after.name}` {what}." for what in _loosened(pair)]
    return verdict("assertions_kept", problems, "Every test asserts as much as before.")


def _loosened(pair: _Pair) -> Iterator[str]:
    before = tuple(assertions(pair.before.body, pair.before.language))
    after = tuple(assertions(pair.after.body, pair.after.language))
    old, new = _rest(before, after), _rest(after, before)
    if len(after) < len(before):
        yield f"would lose {len(before) - len(after)} of {len(before)} assertions"
    for was, now in _matched(old, new):
        if now.strength < was.strength - _EPSILON:
            yield f"would assert less: `{' '.join(now.text)[:80]}` in place of `{' '.join(was.text)[:80]}`"
        elif now.tolerance > was.tolerance + _EPSILON and (was.tolerance or now.tolerance > 1e-5):
            yield f"would allow a larger difference: {now.tolerance:g}"
    if swallows(pair.after) > swallows(pair.before):
        yield "would swallow its own failures, or expect to fail"


def _rest(these: Iterable[Assertion], others: Iterable[Assertion]) -> list[Assertion]:
    """Give the assertions that do not stand among others word for word, however often each stands."""
    left = Counter(other.text for other in others)
    found = []
    for assertion in these:
        if left[assertion.text] > 0:
            left[assertion.text] -= 1
        else:
            found.append(assertion)
    return found


def _matched(old: list[Assertion], new: list[Assertion]) -> Iterator[tuple[Assertion, Assertion]]:
    """Put each changed assertion beside the one that took its place: of the same names, else the next in order."""
    by_names: dict[tuple[str, ...], list[Assertion]] = defaultdict(list)
    for assertion in reversed(new):
        by_names[assertion.subject].append(assertion)
    unmatched = []
    taken = set()
    for was in old:
        if by_names[was.subject]:
            now = by_names[was.subject].pop()
            taken.add(id(now))
            yield was, now
        else:
            unmatched.append(was)
    yield from zip(unmatched, (now for now in new if id(now) not in taken), strict=False)


def expected_values(edits: Edits, facts: GateFacts) -> GateResult:
    """What tests expect is not rewritten to what the code gives, where the candidate changes no code."""
    if any(code_changes(edit, facts) for edit in edits):
        return verdict("expected_values", [], "It changes code, so tests may follow.")
    problems = [
        f"`{pair.after.path}`: `{pair.after.name}` would expect something else ({values}), while no code under test changes."
        for pair in _paired(edits, facts)[0]
        if (values := rewritten(pair.before, pair.after, edits))
    ]
    return verdict("expected_values", problems, "No expected value is rewritten.")


def _paired(edits: Edits, facts: GateFacts) -> tuple[list[_Pair], list[Case]]:
    """Put each case before beside the same one after: by place and name, else by what it says; and give what is left."""
    old = [case for edit in edits for case in cases(edit.path, edit.before, source_language(edit.path, dict(facts.languages)))]
    new = [case for edit in edits for case in cases(edit.path, edit.after, source_language(edit.path, dict(facts.languages)))]
    homes = {edit.path for edit in edits if edit.before is not None}
    pairs: list[_Pair] = []
    for key in (_place, _title, _content):
        old, new, found = _by(key, old, [case for case in new if is_collected(case.path) or case.path in homes])
        pairs += found
    return pairs, old


def _place(case: Case) -> object:
    return case.path, case.name, case.is_test


def _title(case: Case) -> object:
    return case.name, case.is_test


def _content(case: Case) -> object:
    return case.content, case.is_test


def _by(key: Callable[[Case], object], old: list[Case], new: list[Case]) -> tuple[list[Case], list[Case], list[_Pair]]:
    waiting: dict[object, list[Case]] = defaultdict(list)
    for case in reversed(new):
        waiting[key(case)].append(case)
    pairs, left = [], []
    for case in old:
        if waiting[key(case)]:
            pairs.append(_Pair(case, waiting[key(case)].pop()))
        else:
            left.append(case)
    return left, [case for cases_left in waiting.values() for case in reversed(cases_left)], pairs
