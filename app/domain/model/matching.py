"""Finding lines by a pattern that a model wrote, in time that is linear in the text.

Python's ``re`` backtracks: ``(a+)+$`` over one long line can take years. Regular expressions run on the Rust engine that pydantic
carries, which never backtracks and refuses patterns that would need much memory.
"""

from collections.abc import Callable

from pydantic_core import SchemaError, SchemaValidator, core_schema

LONGEST = 300  # characters of a pattern


class BadPattern(ValueError):  # noqa: N818 - a fact about a pattern, told back to the model
    """A pattern cannot be used; the message says why."""


def matcher(pattern: str, *, regex: bool) -> Callable[[str], bool]:
    """Give a function that tells whether a text, of one line or of many, holds the pattern anywhere.

    Raises:
        BadPattern: it is empty, too long, or no regular expression of the engine (no look-around, no back references).
    """
    if not pattern or len(pattern) > LONGEST:
        raise BadPattern(f"A pattern has 1 to {LONGEST} characters.")
    if not regex:
        return lambda text: pattern in text
    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=f"(?mR:{pattern})", regex_engine="rust-regex"))
    except SchemaError:
        raise BadPattern("This is no regular expression that is taken here: no look-around, no back references.") from None
    return validator.isinstance_python
