"""What the scripted model says in the demo, if it was shown the failing lines and, after a red candidate, that one's log."""

from app.demo import scenes
from app.emulator.model import replies
from app.emulator.model.endpoint import ScriptedModel

SUMS = "ledger/sums.py"
LIGHT = "lantern/light.py"


def teach(model: ScriptedModel) -> None:
    """Give the model its lines for the second and the third scene; of several that fit, the last counts."""
    wrong = _answer("Divide by a fixed number.", "the mean is divided by four", SUMS, "/ 2 if values", "/ 4 if values")
    right = _answer("mean() divides by a constant.", "divide by the number of entries", SUMS, "/ 2 if", "/ len(values) if")
    model.rule(wrong, when=("assert 4.5 == 3", scenes.MEAN.splitlines()[-1].strip()))
    model.rule(right, when=("assert 4.5 == 3", "assert 2.25 == 3"))
    for factor, seen in ((2, ()), (3, ("assert 84 == 17",)), (4, ("assert 76 == 17",))):
        what = f"let the light fade {factor} times as fast"
        guess = _answer("The light fades faster.", what, LIGHT, "100 - hours", f"100 - {factor} * hours")
        model.rule(guess, when=("assert 92 == 17", *seen))


def _answer(cause: str, what: str, path: str, current: str, fixed: str) -> replies.Reply:
    return replies.answer(
        {
            "root_cause": cause,
            "confidence": 0.93,
            "code_changes": [{"file_path": path, "current_code": current, "fixed_code": fixed, "explanation": cause}],
            "immediate_fix": {"description": what, "steps": [what], "estimated_time_minutes": 5, "risk_level": "low"},
        }
    )
