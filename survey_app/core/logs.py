"""What the processes write of themselves: one line per request and per job, failures with their trace.

Lines go to standard error, as JSON (production) or as words for a person at a terminal. They name a request
by its id, rule and status and a person by number and role; never by name, and they hold no text that anybody
typed, no address with its codes, no token. What libraries say is masked, and in production the words of an
exception are left out, because they quote what was typed. Whatever could begin a line or speak to a terminal
is escaped (trust rows 52 and 58).
"""

import json
import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from datetime import datetime
from functools import partial
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter

from survey_app.core import clock
from survey_app.core.traces import masked, one_line, trace_of

Event = MutableMapping[str, Any]
OURS = "survey_app"
# Printable ASCII without blanks and quotation marks; what a library may fill in as it is.
_PLAIN_WORD, _HARMLESS = re.compile(r"[!#-~]+\Z"), re.compile(r"[A-Za-z0-9_.:\[\]()-]{1,40}\Z")
_reporters: list[Callable[[BaseException], None]] = []

log: structlog.stdlib.BoundLogger = structlog.get_logger(OURS)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment: a test may have put another in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)


def configure(form: str, level: str, *, words: bool = False) -> logging.Handler:
    """Send everything this process logs through one handler; may be called again, the last call counts.

    Only our own lines are written from `level` on: libraries speak from "warning" on, since at "info" some
    tell of statements and their values. `words`: write the words of exceptions too (not in production).
    """
    shared: list[Any] = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, _stamp]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    handler = next((found for found in root.handlers if isinstance(found, _Stderr)), None) or _Stderr()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, _mask],
            processors=[partial(_trace, words=words), _as_json if form == "json" else _as_words],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    if handler not in root.handlers:
        root.addHandler(handler)
    logging.getLogger(OURS).setLevel(level.upper())
    engine = logging.getLogger("dbos")  # gives itself a handler unless it has one
    engine.handlers[:], engine.propagate = [handler], False
    # Tells of each style it does not know; what it cannot draw it raises.
    logging.getLogger("weasyprint").propagate = False
    return handler


def bind(**facts: Any) -> None:
    """Put these facts, and no earlier ones, into every line of the present request or job."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**facts)


def bound() -> dict[str, Any]:
    """The facts of the present request or job."""
    return structlog.contextvars.get_contextvars()


def failure(event: str, error: BaseException, **facts: Any) -> None:
    """Write an error with its trace, and tell whoever else wants to know of errors."""
    log.error(event, exc_info=error, **facts)
    for report in _reporters:
        report(error)


def report_to(*reporters: Callable[[BaseException], None]) -> None:
    """Tell these, and no earlier ones, of every failure."""
    _reporters[:] = reporters


def _stamp(_logger: object, _method: str, event: Event) -> Event:
    event["at"] = clock.now().isoformat(timespec="milliseconds")
    return event


def _mask(_logger: object, _method: str, event: Event) -> Event:
    """The sentence of a library: its words stay; what it fills in stays when a number or a plain name."""
    given = event.pop("positional_args", None) or ()
    said = str(event["event"])
    filled: Any = {k: _fill(v) for k, v in given.items()} if isinstance(given, dict) else None
    try:
        event["event"] = masked(said % (filled or tuple(map(_fill, given))) if given else said)
    except (TypeError, ValueError, KeyError):
        event["event"] = masked(said)
    return event


def _fill(value: object) -> Any:
    if isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    text = str(value)
    return text if _HARMLESS.match(text) else "…"


def _trace(_logger: object, _method: str, event: Event, *, words: bool) -> Event:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    error = event.pop("exc_info", None)
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        event["error"], event["trace"] = type(error).__name__, trace_of(error, words=words)
    return event


def _as_json(_logger: object, _method: str, event: Event) -> str:
    ordered = {name: event.pop(name) for name in ("at", "level", "event") if name in event}
    return json.dumps({**ordered, **event}, default=lambda value: type(value).__name__)


def _as_words(_logger: object, _method: str, event: Event) -> str:
    trace = event.pop("trace", "")
    at = clock.to_local(datetime.fromisoformat(event.pop("at")))
    level, said = event.pop("level").upper(), one_line(str(event.pop("event")))
    facts = [f"{name}={_word(value)}" for name, value in event.items()]
    first = " ".join([f"{at:%H:%M:%S}", level.ljust(7), said, *facts])
    return f"{first}\n{trace}" if trace else first


def _word(value: object) -> str:
    text = str(value)
    return text if _PLAIN_WORD.match(text) else json.dumps(text)
