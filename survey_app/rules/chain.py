"""The seal over the audit trail: blocks of events chained by SHA-256, and how anyone checks them.

One event is one line of canonical JSON; its hash is the SHA-256 of that line. A block's hash is the SHA-256
of its opening line (format, number, count, previous hash, time) and the hashes of its events, one a line. So
a changed event is found by its own hash, who rewrites that too breaks the block, and who rewrites every
block after it as well contradicts the heads that were exported meanwhile (decision 9).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from survey_app.rules.canonical import canonical_json

FORMAT = 1
# What of an event is sealed, by format; a column added later needs a new format, old blocks keep theirs.
FIELDS: dict[int, tuple[str, ...]] = {
    1: (
        "id",
        "at",
        "actor_id",
        "actor_name",
        "role",
        "unit_id",
        "action",
        "subject_type",
        "subject_id",
        "old",
        "new",
        "address",
        "request_id",
        "outcome",
    )
}
FIRST_PREVIOUS = "0" * 64
# An event is there within seconds: one that is this much older than what was sealed whole came in later.
LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Block:
    """The opening of one block, and the hash it claims.

    `whole_until`: whoever sealed it saw no other unsealed event up to then (None: never yet). A long queue
    takes several blocks, of which only the last moves it on.
    """

    number: int
    count: int
    previous: str
    hash: str
    sealed_at: datetime
    whole_until: datetime | None
    format: int = FORMAT


@dataclass(frozen=True)
class Head:
    """A block as it was told to the outside: whatever is shown later must still have it."""

    number: int
    hash: str


class Fault(StrEnum):
    """What can be wrong with a trail."""

    CHANGED = "changed"  # the event is not what was sealed
    REMOVED = "removed"  # the event is gone
    ADDED = "added"  # an event came in long after its time
    MEMBERS = "members"  # the block has other events than it was sealed over
    UNCHAINED = "unchained"  # the block does not follow the one before
    MISSING = "missing"  # block numbers are missing
    REWRITTEN = "rewritten"  # the exported head says another hash
    CUT = "cut"  # the trail ends before an exported head


@dataclass(frozen=True)
class Finding:
    """One fault and exactly where: block number, and the event's id where one is to blame."""

    fault: Fault
    block: int
    event: int | None = None


@dataclass(frozen=True)
class Sealed:
    """One event of a block: what was sealed, and the line it has now (None: it is gone)."""

    event_id: int
    hash: str
    line: str | None
    at: datetime | None


def write_instant(at: datetime) -> str:
    """An aware instant in UTC with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def event_line(event: Mapping[str, Any], form: int = FORMAT) -> str:
    """The line of canonical JSON that is sealed of an event; `at` is aware, `old` and `new` plain JSON."""
    fields = {name: event[name] for name in FIELDS.get(form, FIELDS[FORMAT])}
    return canonical_json({name: _plain(value) for name, value in fields.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, float):  # canonical JSON has no floats; a written number is the same everywhere
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def line_hash(line: str) -> str:
    """SHA-256 of one line, in hex."""
    return hashlib.sha256(line.encode()).hexdigest()


def block_opening(block: Block) -> dict[str, Any]:
    """The opening of a block as plain JSON, without its hash."""
    return {
        "block": block.number,
        "count": block.count,
        "format": block.format,
        "previous": block.previous,
        "sealed_at": write_instant(block.sealed_at),
        "whole_until": block.whole_until and write_instant(block.whole_until),
    }


def block_hash(block: Block, event_hashes: Iterable[str]) -> str:
    """SHA-256 over the opening and the hashes of the events in the order of their ids, in hex."""
    digest = hashlib.sha256(canonical_json(block_opening(block)).encode())
    for event_hash in event_hashes:
        digest.update(b"\n" + event_hash.encode())
    return digest.hexdigest()


def seal_block(
    before: Block | None, event_hashes: Sequence[str], now: datetime, *, whole_until: datetime | None
) -> Block:
    """The block that follows `before` (None: the first one) over these events."""
    number, previous = (before.number + 1, before.hash) if before else (1, FIRST_PREVIOUS)
    opened = Block(number, len(event_hashes), previous, "", now, whole_until)
    return replace(opened, hash=block_hash(opened, event_hashes))


def check_chain(
    blocks: Iterable[tuple[Block, Iterable[Sealed]]], heads: Sequence[Head] = ()
) -> Iterator[Finding]:
    """Every fault of a trail in the order of its blocks; holds one event at a time."""
    awaited: dict[int, set[str]] = {}
    for head in heads:
        awaited.setdefault(head.number, set()).add(head.hash)
    before: Block | None = None
    for block, events in blocks:
        yield from _check_place(block, before)
        yield from _check_events(block, events, before)
        if awaited.pop(block.number, {block.hash}) != {block.hash}:
            yield Finding(Fault.REWRITTEN, block.number)
        before = block
    last = before.number if before else 0
    for number in sorted(awaited):
        yield Finding(Fault.CUT if number > last else Fault.MISSING, number)


def _check_place(block: Block, before: Block | None) -> Iterator[Finding]:
    number, previous = (before.number + 1, before.hash) if before else (1, FIRST_PREVIOUS)
    if block.number != number:
        yield Finding(Fault.MISSING, number)
    elif block.previous != previous:
        yield Finding(Fault.UNCHAINED, block.number)


def _check_events(block: Block, events: Iterable[Sealed], before: Block | None) -> Iterator[Finding]:
    hashes: list[str] = []
    for sealed in events:
        hashes.append(sealed.hash)
        if sealed.line is None:
            yield Finding(Fault.REMOVED, block.number, sealed.event_id)
        elif line_hash(sealed.line) != sealed.hash:
            yield Finding(Fault.CHANGED, block.number, sealed.event_id)
        elif before and sealed.at and is_late(sealed.at, before.whole_until, block.sealed_at):
            yield Finding(Fault.ADDED, block.number, sealed.event_id)
    if len(hashes) != block.count or block_hash(block, hashes) != block.hash:
        yield Finding(Fault.MEMBERS, block.number)


def is_late(at: datetime, whole_until: datetime | None, sealed_at: datetime) -> bool:
    """True when an event says a time up to which everything had been sealed before it came.

    Where the seals' own times run backwards the clock was set back: the earlier of the two counts.
    """
    return whole_until is not None and at < min(whole_until, sealed_at) - LATE


def read_heads(text: str) -> list[Head]:
    """The heads of an exported file: one JSON object a line with `block` and `hash`. Raises ValueError."""
    heads = []
    for line in text.splitlines():
        if line.strip():
            told = json.loads(line)
            if not isinstance(told, dict) or not isinstance(told.get("block"), int):
                raise ValueError("not a line of an exported head")
            heads.append(Head(told["block"], str(told.get("hash", ""))))
    return heads
