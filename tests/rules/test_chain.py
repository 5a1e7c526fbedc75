"""The chain over the audit trail, without a database: what an attacker may do and where it shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from survey_app.rules.chain import (
    FIELDS,
    Block,
    Fault,
    Finding,
    Head,
    Sealed,
    check_chain,
    event_line,
    line_hash,
    read_heads,
    seal_block,
)

START = datetime(2027, 5, 12, 7, 0, tzinfo=UTC)
Trail = list[tuple[Block, list[Sealed]]]


def event(number: int, at: datetime, **values: Any) -> dict[str, Any]:
    plain = dict.fromkeys(FIELDS[1], "x") | {"id": number, "at": at, "old": None, "new": {"n": number}}
    return plain | values


def sealed(number: int, at: datetime, **values: Any) -> Sealed:
    line = event_line(event(number, at, **values))
    return Sealed(number, line_hash(line), line, at)


def sealed_over(before: Block | None, group: list[Sealed], at: datetime) -> Block:
    return seal_block(before, [one.hash for one in group], at, whole_until=at - timedelta(seconds=10))


def chained(groups: list[list[Sealed]], *, start: int = 0) -> Trail:
    """Blocks over these groups, one an hour."""
    trail: Trail = []
    for place, group in enumerate(groups):
        before = trail[-1][0] if trail else None
        at = START + timedelta(hours=start + place, seconds=30)
        trail.append((sealed_over(before, group, at), group))
    return trail


@pytest.fixture
def trail() -> Trail:
    hours = [START + timedelta(hours=hour) for hour in range(3)]
    return chained([[sealed(3 * h + n, at) for n in range(1, 4)] for h, at in enumerate(hours)])


def faults(trail: Trail, heads: list[Head] | None = None) -> list[Finding]:
    return list(check_chain(trail, heads or []))


def heads_of(trail: Trail) -> list[Head]:
    return [Head(block.number, block.hash) for block, _ in trail]


def test_an_untouched_trail_has_no_fault(trail: Trail) -> None:
    assert faults(trail, heads_of(trail)) == []


def test_a_changed_event_is_named(trail: Trail) -> None:
    changed = event_line(event(5, trail[1][1][1].at or START, actor_name="ai khác"))
    trail[1][1][1] = replace(trail[1][1][1], line=changed)
    assert faults(trail) == [Finding(Fault.CHANGED, 2, 5)]


def test_a_changed_event_with_a_new_hash_breaks_its_block(trail: Trail) -> None:
    trail[1][1][1] = sealed(5, START + timedelta(hours=1), actor_name="ai khác")
    assert faults(trail) == [Finding(Fault.MEMBERS, 2)]


def test_a_removed_event_is_named_and_removed_with_its_seal_breaks_its_block(trail: Trail) -> None:
    trail[0][1][2] = replace(trail[0][1][2], line=None)
    del trail[2][1][0]
    assert faults(trail) == [Finding(Fault.REMOVED, 1, 3), Finding(Fault.MEMBERS, 3)]


def test_an_event_put_into_an_old_block_breaks_it(trail: Trail) -> None:
    trail[1][1].append(sealed(40, START + timedelta(hours=1)))
    assert faults(trail) == [Finding(Fault.MEMBERS, 2)]


def test_an_event_with_an_old_time_in_a_later_block_is_named() -> None:
    late = sealed(3, START)
    trail = chained([[sealed(1, START)], [], [sealed(2, START + timedelta(hours=2)), late]])
    assert faults(trail) == [Finding(Fault.ADDED, 3, 3)]


def test_an_event_that_commits_a_moment_late_is_honest() -> None:
    trail = chained([[sealed(2, START)], [sealed(1, START - timedelta(minutes=2))]])
    assert faults(trail) == []


def test_events_after_a_clock_was_set_back_are_honest() -> None:
    ahead = START + timedelta(hours=9)
    first = (sealed_over(None, [sealed(1, ahead)], ahead), [sealed(1, ahead)])
    second = (sealed_over(first[0], [sealed(2, START)], START), [sealed(2, START)])
    assert faults([first, second]) == []


def test_a_long_queue_sealed_block_by_block_is_honest() -> None:
    """The worker was away for a day: only the last block says that nothing older is left."""
    now = START + timedelta(days=1)
    events = [sealed(number, START + timedelta(hours=number)) for number in (1, 2, 3)]
    one = seal_block(None, [events[0].hash], now, whole_until=None)
    two = seal_block(one, [events[1].hash], now + timedelta(minutes=5), whole_until=None)
    three = sealed_over(two, [events[2]], now + timedelta(minutes=9))
    four = sealed_over(three, [sealed(4, START)], now + timedelta(minutes=10))
    trail = [(one, [events[0]]), (two, [events[1]]), (three, [events[2]]), (four, [sealed(4, START)])]
    assert faults(trail) == [Finding(Fault.ADDED, 4, 4)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda trail: trail[:1] + trail[2:], [Finding(Fault.MISSING, 2)]),
        (lambda trail: trail[1:], [Finding(Fault.MISSING, 1)]),
        (
            lambda trail: [trail[0], (replace(trail[1][0], sealed_at=START), trail[1][1]), trail[2]],
            [Finding(Fault.MEMBERS, 2)],
        ),
        (
            lambda trail: [trail[0], (replace(trail[1][0], whole_until=None), trail[1][1]), trail[2]],
            [Finding(Fault.MEMBERS, 2)],
        ),
        (
            lambda trail: [trail[0], (replace(trail[1][0], previous="f" * 64), trail[1][1]), trail[2]],
            [Finding(Fault.UNCHAINED, 2), Finding(Fault.MEMBERS, 2)],
        ),
        (
            lambda trail: [(replace(trail[0][0], hash="f" * 64), trail[0][1]), *trail[1:]],
            [Finding(Fault.MEMBERS, 1), Finding(Fault.UNCHAINED, 2)],
        ),
        (
            lambda trail: [trail[0], (replace(trail[1][0], format=9), trail[1][1]), trail[2]],
            [Finding(Fault.MEMBERS, 2)],
        ),
    ],
    ids=[
        "block gone",
        "first block gone",
        "other time",
        "other limit",
        "other previous",
        "other hash",
        "unknown format",
    ],
)
def test_a_changed_block_is_named(
    trail: Trail, change: Callable[[Trail], Trail], found: list[Finding]
) -> None:
    assert faults(change(trail)) == found


def test_a_rewritten_chain_is_whole_in_itself_but_not_what_was_told(trail: Trail) -> None:
    told = heads_of(trail)
    groups = [group for _, group in trail]
    groups[1] = [sealed(4, START + timedelta(hours=1), actor_name="ai khác"), *groups[1][1:]]
    rewritten = chained(groups)
    assert faults(rewritten) == []
    assert faults(rewritten, told) == [Finding(Fault.REWRITTEN, 2), Finding(Fault.REWRITTEN, 3)]


def test_a_cut_off_end_is_missed_only_by_who_knows_the_head(trail: Trail) -> None:
    assert faults(trail[:2]) == []
    assert faults(trail[:2], heads_of(trail)) == [Finding(Fault.CUT, 3)]
    assert faults([], heads_of(trail)[:1]) == [Finding(Fault.CUT, 1)]


def test_two_heads_told_for_one_block_cannot_both_be_true(trail: Trail) -> None:
    told = [*heads_of(trail), Head(2, "f" * 64)]
    assert faults(trail, told) == [Finding(Fault.REWRITTEN, 2)]


def test_numbers_with_a_point_are_written_one_way() -> None:
    assert '"new":{"a":[{"float":"0.1"}]}' in event_line(event(1, START, new={"a": [0.1]}))


def test_a_file_of_heads_is_read_line_by_line_and_rubbish_refused() -> None:
    assert read_heads('{"block":1,"hash":"a"}\n\n{"block":2,"hash":"b"}\n') == [Head(1, "a"), Head(2, "b")]
    for rubbish in ("no json", "[1]", '{"hash":"a"}'):
        with pytest.raises(ValueError):
            read_heads(rubbish)
