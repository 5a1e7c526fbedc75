"""Which function does which kind of job, and what that function is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from survey_app.core.access import Actor


class Engine(Protocol):
    """What carries a job: runs a step once and keeps its answer, tells how far the job is."""

    def step(self, key: str, action: Callable[[], Any]) -> Any:
        """See `JobCall.step`."""

    def progress(self, done: int, total: int) -> None:
        """See `JobCall.progress`."""


@dataclass(frozen=True)
class JobCall:
    """One run of one job: what was asked, by whom, and the ways to act."""

    uid: str
    params: dict[str, Any]
    actor: Actor | None
    engine: Engine = field(repr=False)

    def step(self, key: str, action: Callable[[], Any]) -> Any:
        """Run `action` in one transaction and return its plain-JSON answer.

        The mark "done" is committed with the action's own rows: after a crash the job is run again
        from its start, and a step that took effect answers what it answered before, without acting.
        Slow work that touches no row (drawing a PDF) belongs before the step, not inside it.
        """
        return self.engine.step(key, action)

    def progress(self, done: int, total: int) -> None:
        """Say how far the job is; committed at once, so not from inside a step."""
        self.engine.progress(done, total)


Handler = Callable[[JobCall], dict[str, Any] | None]
HANDLERS: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Declare the function that does jobs of this kind. Raises ValueError when another one does already."""

    def declare(handler: Handler) -> Handler:
        known = HANDLERS.get(kind)
        if known is not None and known.__qualname__ != handler.__qualname__:
            raise ValueError(f"two functions for jobs of kind {kind!r}")
        HANDLERS[kind] = handler
        return handler

    return declare
