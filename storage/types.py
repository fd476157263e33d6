"""Column types that behave the same on SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Big = BigInteger().with_variant(Integer(), "sqlite")  # 64 bits on both: SQLite's INTEGER is, and only INTEGER can be a row id
Document = JSON(none_as_null=True)  # `json`, not `jsonb`, on PostgreSQL: jsonb refuses escaped NUL and lone surrogates


class Words(TypeDecorator[str]):
    """Text from anywhere. NUL (refused by PostgreSQL) and lone surrogates (not encodable) become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Make it storable."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC. A naive datetime is refused, because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Refuse what has no zone, turn the rest into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Give it as UTC; SQLite keeps no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """An exact amount, kept as whole millionths: SQLite has no decimals, and money is not added up in binary fractions."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | float | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Give whole millionths."""
        return None if value is None else int((Decimal(str(value)) * 1_000_000).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Give the amount."""
        return None if value is None else Decimal(int(value)) / 1_000_000
