"""The audit trail as it lies in a database or in an exported file, read as a stream for `rules.chain`."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, ColumnElement, Connection, RowMapping, Select, Text, cast, select, type_coerce

from survey_app.core.audit import AuditEvent
from survey_app.core.db import UtcDateTime
from survey_app.operations.models import AuditBlock, AuditSeal
from survey_app.rules.canonical import canonical_json
from survey_app.rules.chain import Block, Sealed, block_opening, event_line

PER_FETCH = 1000
UNREADABLE_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # cannot be what was sealed, so the block's hash breaks
T = TypeVar("T")
Trail = Iterator[tuple[Block, Iterable[Sealed]]]


class UnreadableTrail(ValueError):
    """A file that is not an exported trail; says the line."""


def event_columns() -> list[ColumnElement[Any]]:
    """Every column of an event, raw: what cannot be read any more must become a finding, not a crash."""
    return [_raw(column) for column in AuditEvent.__table__.columns]


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.key)
    return type_coerce(column, Text).label(column.key) if column.key == "at" else column


def read_event(row: RowMapping) -> dict[str, Any]:
    """The values of a raw row: `at` aware, `old` and `new` plain JSON; what cannot be read stays as text."""
    return {**row, "at": _instant(row["at"]), "old": _json(row["old"]), "new": _json(row["new"])}


def _instant(raw: Any) -> Any:
    try:
        at = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw
    return at.replace(tzinfo=UTC) if isinstance(at, datetime) else raw


def _json(raw: Any) -> Any:
    try:
        return None if raw is None else json.loads(raw)
    except ValueError:
        return {"unreadable": raw}


def stream_blocks(connection: Connection) -> Trail:
    """The sealed trail of a database in the order of its blocks; two cursors, one fetch of rows in memory."""
    blocks = _blocks().order_by(AuditBlock.number).execution_options(yield_per=PER_FETCH)
    seals = _Ahead(connection.execute(_sealed_events()).mappings())
    for row in connection.execute(blocks).mappings():
        block = _block(row)
        for _orphan in seals.take_while(lambda seal, n=block.number: seal["block"] < n):  # type: ignore[misc]
            pass  # their block is gone, which the check of the numbers says
        mine = seals.take_while(lambda seal, n=block.number: seal["block"] == n)  # type: ignore[misc]
        yield block, (_sealed(seal, block) for seal in mine)


def last_block(connection: Connection) -> Block | None:
    """The head of the chain."""
    row = connection.execute(_blocks().order_by(AuditBlock.number.desc()).limit(1)).mappings().first()
    return None if row is None else _block(row)


def _blocks() -> Select[Any]:
    raw = [
        type_coerce(column, Text).label(column.key) if isinstance(column.type, UtcDateTime) else column
        for column in AuditBlock.__table__.columns
    ]
    return select(*raw)


def _sealed_events() -> Select[Any]:
    return (
        select(AuditSeal.block, AuditSeal.event_id, AuditSeal.hash, *event_columns())
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.block, AuditSeal.event_id)
        .execution_options(yield_per=PER_FETCH)
    )


class _Ahead(Generic[T]):
    """A stream of which the next item can be looked at before it is taken."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = iter(items)
        self._next = next(self._items, None)

    def take_while(self, fits: Callable[[T], bool]) -> Iterator[T]:
        """The items up to the first that does not fit; that one stays."""
        while self._next is not None and fits(self._next):
            item, self._next = self._next, next(self._items, None)
            yield item


def _sealed(row: RowMapping, block: Block) -> Sealed:
    if row["id"] is None:
        return Sealed(row["event_id"], row["hash"], None, None)
    event = read_event(row)
    at = event["at"] if isinstance(event["at"], datetime) else None
    return Sealed(row["event_id"], row["hash"], event_line(event, block.format), at)


def _block(row: RowMapping) -> Block:
    at, whole = _instant(row["sealed_at"]), _instant(row["whole_until"])
    told = {name: row[name] for name in ("number", "count", "previous", "hash", "format")}
    return Block(
        **told,
        sealed_at=at if isinstance(at, datetime) else UNREADABLE_TIME,
        whole_until=whole if isinstance(whole, datetime) else None,
    )


def export_lines(trail: Trail) -> Iterator[str]:
    """The sealed trail as lines of JSON: a block with its hash, then its events, each with its own."""
    for block, events in trail:
        yield canonical_json({"seal": block_opening(block), "hash": block.hash})
        for sealed in events:
            event = json.loads(sealed.line) if sealed.line is not None else {"id": sealed.event_id}
            yield canonical_json({"event": event, "hash": sealed.hash})


def read_lines(lines: Iterable[str]) -> Trail:
    """The trail of an exported file; raises `UnreadableTrail` for a line that is none of it."""
    ahead = _Ahead(_read(number, line) for number, line in enumerate(lines, start=1))
    while True:
        for _stray in ahead.take_while(lambda told: isinstance(told, Sealed)):
            pass  # events before the first block: their seals are missing, which the chain check says
        block = next(ahead.take_while(lambda told: isinstance(told, Block)), None)
        if not isinstance(block, Block):
            return
        events = ahead.take_while(lambda told: isinstance(told, Sealed))
        yield block, (event for event in events if isinstance(event, Sealed))


def _read(number: int, line: str) -> Block | Sealed:
    try:
        told = json.loads(line)
        return _block_of(told) if "seal" in told else _event_of(told)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableTrail(number) from error


def _block_of(told: dict[str, Any]) -> Block:
    seal = told["seal"]
    at, whole = datetime.fromisoformat(seal["sealed_at"]), seal["whole_until"]
    whole = whole and datetime.fromisoformat(whole)
    return Block(seal["block"], seal["count"], seal["previous"], told["hash"], at, whole, seal["format"])


def _event_of(told: dict[str, Any]) -> Sealed:
    event = told["event"]
    if set(event) == {"id"}:
        return Sealed(event["id"], told["hash"], None, None)
    return Sealed(event["id"], told["hash"], canonical_json(event), datetime.fromisoformat(event["at"]))
