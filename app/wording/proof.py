"""The parts of a report that can be checked: cause and evidence, gates passed, checks before and after."""

from decimal import Decimal

from app.domain.candidate import Candidate
from app.domain.ci import Check
from app.domain.diagnosis import Diagnosis
from app.domain.story import Cost
from app.wording import markdown

_ATTRIBUTION = {
    "caused_by_change": "caused by the change",
    "base_already_red": "the base branch is already red",
    "flaky": "flaky: both results on one commit",
    "infra": "the runner, the network or a service",
    "missing_secret_or_permission": "a missing secret or permission",
    "unknown": "not known",
}


def diagnosis_lines(diagnosis: Diagnosis) -> str:
    """Write type, attribution, confidence and the evidence as a list."""
    head = [
        f"- **Type:** {diagnosis.failure_type.value}",
        f"- **Attribution:** {_ATTRIBUTION[diagnosis.attribution.value]}",
        f"- **Confidence:** {diagnosis.confidence:.2f}",
    ]
    return "\n".join(head + [f"- {markdown_sentence(line)}" for line in diagnosis.evidence])


def markdown_sentence(sentence: str) -> str:
    """Write a sentence of our own that may quote others: mentions and HTML are disarmed, inline code stays."""
    return markdown.visible(sentence).replace("<", "&lt;").replace("@", "@\u2060").replace("\n", " ")


def gate_lines(candidate: Candidate) -> str:
    """Write every gate's word on a candidate."""
    return "\n".join(f"- {'✓' if gate.passed else '✗'} {markdown_sentence(gate.sentence)}" for gate in candidate.gates)


def check_table(checks: tuple[Check, ...]) -> str:
    """Write the checks of a commit as a table."""
    rows = [f"| {markdown.link(markdown.code(c.name), c.url)} | {c.conclusion or c.status} |" for c in checks]
    return "\n".join(["| check | result |", "|---|---|", *rows])


def cost(costs: tuple[Cost, ...]) -> str:
    """Say what the model cost, all candidates together."""
    if not costs:
        return "no model, no cost"
    tokens, usd = sum(one.tokens for one in costs), sum((one.usd for one in costs), Decimal(0))
    money = f"US$ {usd:.4f}" if all(one.priced for one in costs) else "its price is not known here"
    names = ", ".join(dict.fromkeys(markdown.code(one.model) for one in costs))
    return f"model {names}, {tokens} tokens in {sum(one.turns for one in costs)} turns, {money}"
