"""A delivery as the inbox keeps it: its row, and what storing it means when its GUID was seen before."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from storage.inbox_schema import SCHEMA


class State(StrEnum):
    """Where a delivery stands."""

    RECEIVED = "received"
    QUEUED = "queued"  # the engine has it
    DONE = "done"
    FAILED = "failed"  # given up; a redelivery runs it again
    DROPPED = "dropped"  # recorded, not acted on


class Stored(StrEnum):
    """What was known of a delivery when it was stored."""

    NEW = "new"
    UNFINISHED = "unfinished"  # seen before, not done: it runs again
    FINISHED = "finished"  # seen before and done: nothing happens


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook delivery; times are seconds since 1970."""

    guid: str
    event: str
    action: str = ""
    installation_id: int | None = None
    repository_id: int | None = None
    account_login: str = ""
    body: bytes | None  # null for a dropped one
    state: State = State.RECEIVED
    reason: str = ""
    received_at: float = field(default_factory=time.time)
    runs: int = 0  # how often the engine was given it
    redelivered: int = 0
    finished_at: float | None = None


table = sa.Table(
    "delivery",
    sa.MetaData(schema=SCHEMA),
    *(sa.Column(name, sa.LargeBinary if name == "body" else None) for name in Delivery.__dataclass_fields__),
    sa.Column("taken_until", sa.Double),
)
column = table.c
names = tuple(Delivery.__dataclass_fields__)
_values = attrgetter(*names)  # dataclasses.asdict would copy every value and take longer than the database


def store(connection: sa.Connection, deliveries: Sequence[Delivery]) -> list[Stored]:
    """Insert the new ones, count the others again, and tell for each which it was."""
    if not deliveries:
        return []
    known = sa.select(column.guid, column.state).where(column.guid.in_({delivery.guid for delivery in deliveries}))
    states: dict[str, State] = {guid: State(state) for guid, state in connection.execute(known)}
    new: dict[str, Delivery] = {}
    answers = []
    for delivery in deliveries:
        if delivery.guid in states:
            answers.append(_again(connection, delivery, states[delivery.guid]))
        else:
            answers.append(Stored.UNFINISHED if delivery.guid in new else Stored.NEW)
            new.setdefault(delivery.guid, delivery)
    if new:
        _insert(connection, [new[guid] for guid in sorted(new)])
    return answers


def _insert(connection: sa.Connection, deliveries: Sequence[Delivery]) -> None:
    """Insert in the order of GUIDs, so that two processes with the same ones cannot block each other; the first one wins."""
    insert = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    rows = [dict(zip(names, _values(delivery), strict=True), taken_until=0.0) for delivery in deliveries]
    connection.execute(insert(table).on_conflict_do_nothing(), rows)


def _again(connection: sa.Connection, delivery: Delivery, state: State) -> Stored:
    """Count a redelivery, and offer it again unless it has finished; one that was dropped may be wanted by now."""
    seen = sa.update(table).where(column.guid == delivery.guid)
    count = {"redelivered": column.redelivered + 1}
    if state is State.DONE or delivery.state is State.DROPPED:
        connection.execute(seen.values(count))
        return Stored.FINISHED if state in {State.DONE, State.DROPPED} else Stored.UNFINISHED
    fresh = {"state": State.RECEIVED, "taken_until": 0.0, "reason": "", "finished_at": None, "body": delivery.body}
    connection.execute(seen.values(count | fresh))
    return Stored.UNFINISHED
