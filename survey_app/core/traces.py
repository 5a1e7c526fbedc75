"""The trace of an exception for the log: where it happened, without the values it happened to."""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

FRAMES = 25  # of each exception, the innermost; a recursion without end has a thousand
CHAIN = 5
LONGEST = 300
ROOT = f"{Path(__file__).parents[2]}/"
_TYPED = re.compile(
    r"\".*\"|'.*'"  # from the first quotation mark to the last
    r"|\S*[@/]\S*|\S+\?\S+"  # addresses, of pages and of people
    r"|\S*[^\x00-\x7f]\S*"  # libraries speak English
    r"|\d[\d .-]{7,}",  # telephone and identity numbers
    re.DOTALL,
)


def masked(text: str) -> str:
    """A library's sentence without what somebody may have typed."""
    return _TYPED.sub("…", text)[:LONGEST]


def trace_of(error: BaseException, *, words: bool = False) -> str:
    """Lines of the program from the cause to the effect, each exception as `facts_of` says it.

    Of the exception's own words nothing is told but with `words`: they quote what was typed
    (`invalid literal for int(): '0912…'`, `Key (login)=(…) already exists`). Values of variables never are.
    """
    parts = []
    for one in reversed(list(_chain(error))):
        frames = [_line(frame) for frame in traceback.extract_tb(one.__traceback__)[-FRAMES:]]
        told = f"{facts_of(one)}: {one_line(str(one))}" if words and str(one) else facts_of(one)
        parts.append("\n".join([*frames, told]))
    return "\n↓\n".join(parts)


def _line(frame: traceback.FrameSummary) -> str:
    place = frame.filename.rpartition("/site-packages/")[2].removeprefix(ROOT)
    return f"  {place}:{frame.lineno} {frame.name}: {frame.line}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(CHAIN):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def facts_of(error: BaseException) -> str:
    """What an exception is without any value: its class, and what a database or the system names."""
    kind = type(error)
    facts = [kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"]
    if isinstance(error, OSError) and error.strerror:
        facts.append(f"[{error.errno}] {error.strerror}")
    cause: Any = getattr(error, "orig", None)  # of SQLAlchemy: what the driver raised
    if cause is not None:
        facts += [type(cause).__name__, *_named(cause, "sqlite_errorname", "sqlstate")]
        facts += _named(getattr(cause, "diag", None), "constraint_name")
        facts += [" ".join(statement.split())[:LONGEST] for statement in _named(error, "statement")]
    if isinstance(error, OperationalError):  # away, locked, full: nothing of what was typed
        facts.append(masked(str(cause).partition("\n")[0]))
    return " ".join(facts)


def _named(holder: object, *names: str) -> list[str]:
    return [str(value) for name in names if (value := getattr(holder, name, None))]


def one_line(text: str) -> str:
    """The text with everything escaped that could begin a line or speak to a terminal."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
