"""The shape that most tools share: ``path:line:column: message``."""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

SHAPE = Shape(
    "",
    FailureType.UNKNOWN,
    r"^\s{0,4}(?:\[?(?:error|ERROR|Error)\]?:? )?(?P<file>(?:[A-Za-z]:)?[^\s:()'\"\[\]<>|]{1,300}\.[A-Za-z]\w{0,11})"
    r":(?P<line>\d+)(?::(?P<column>\d+))?:? (?!warning|note|info)(?:(?:fatal )?error:? )?(?P<message>\S.*)",
    strength=0.3,
)
