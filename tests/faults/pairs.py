"""Two acts at the same moment: one stops where it has read what it decides on, the other goes on meanwhile.

Each pair is run in both orders. With the guards on the second act waits, or one of the two is refused. The
canary takes the guards off: rows are read without a lock, and the reading ends before the pause, as if the
program asked in one transaction and acted in the next. Then both acts succeed, and the judge must see it.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import patch

from flask import Flask, request
from sqlalchemy import update

from survey_app.accounts.cookies import load_actor
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.edge import set_actor_loader

WHO = "X-Actor"
MOST_SECONDS = 60


@dataclass(frozen=True)
class Act:
    """What one of the two does, and the function after which it has read what it decides on."""

    name: str
    do: Callable[[], int]
    reads: str


@dataclass(frozen=True)
class Answers:
    """What came back to the two: a status, 0 for an exception; `overtaken` is the one that was too slow."""

    statuses: tuple[int, int]
    overtaken: int | None = None

    @property
    def done(self) -> tuple[bool, bool]:
        """Which of the acts were acknowledged."""
        first, second = (200 <= status < 400 for status in self.statuses)
        return first, second


@dataclass
class Verdict:
    """What is wrong in the database after both acts."""

    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How much that is."""
        return self.lost + self.doubled + len(self.wrong)


@dataclass(frozen=True)
class Scene:
    """Rows for one meeting of two acts, and who judges what came of it; `ready` once they are committed."""

    acts: tuple[Act, Act]
    judge: Callable[[Answers], Verdict]
    ready: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Pair:
    """Two acts that must not both decide on the same state. `make` lays the rows in an open unit of work."""

    name: str
    make: Callable[[], Scene]
    without: Sequence[Callable[[], AbstractContextManager[Any]]]


PAIRS: dict[str, Pair] = {}


def pair(
    name: str, *without: Callable[[], AbstractContextManager[Any]]
) -> Callable[[Callable[[], Scene]], Callable[[], Scene]]:
    """Register a pair with what its canary switches off."""

    def declare(make: Callable[[], Scene]) -> Callable[[], Scene]:
        PAIRS[name] = Pair(name, make, without)
        return make

    return declare


# ---- who asks ----

people: dict[str, Actor] = {}


def open_doors(app: Flask) -> None:
    """Let requests of this app name their actor in a header; without it the cookie counts as always."""
    app.config["WTF_CSRF_ENABLED"] = False
    set_actor_loader(app, lambda: people.get(request.headers.get(WHO, "")) or load_actor())


def post(app: Flask, path: str, actor: Actor, **fields: Any) -> int:
    """Send a form as this person; the status."""
    name = str(actor.membership_id)
    people[name] = actor
    return app.test_client().post(path, data=fields, headers={WHO: name}).status_code


# ---- meetings ----


def meet(app: Flask, scene: Scene, slow: int, patience: float, *, detached: bool = False) -> Answers:
    """Run both acts; number `slow` waits at its pause until the other is done, at most `patience` seconds."""
    meeting = _Meeting(patience, detached)
    first, second = scene.acts[slow], scene.acts[1 - slow]
    with _replaced(first.reads, meeting.pausing):
        answers: dict[int, int] = {}
        threads = [
            threading.Thread(target=_run, args=(app, first, answers, slow, meeting.begin), daemon=True),
            threading.Thread(target=_run, args=(app, second, answers, 1 - slow, meeting.follow), daemon=True),
        ]
        for thread in threads:
            thread.start()
        threads[1].join(MOST_SECONDS)
        meeting.second_is_done.set()
        threads[0].join(MOST_SECONDS)
    assert not any(thread.is_alive() for thread in threads), f"{first.name} and {second.name} hang"
    return Answers((answers[0], answers[1]), slow if meeting.overtaken else None)


def meet_at_the_door(app: Flask, scene: Scene) -> Answers:
    """Run both acts from the same instant on, as they come."""
    together, answers = threading.Barrier(2), dict[int, int]()
    threads = [
        threading.Thread(target=_run, args=(app, act, answers, place, together.wait), daemon=True)
        for place, act in enumerate(scene.acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(MOST_SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return Answers((answers[0], answers[1]))


def _run(app: Flask, act: Act, answers: dict[int, int], place: int, first: Callable[[], object]) -> None:
    with app.app_context():
        try:
            first()
            answers[place] = act.do()
        except Exception:
            app.logger.exception("%s raised", act.name)
            answers[place] = 0
        finally:
            session.remove()


class _Meeting:
    def __init__(self, patience: float, detached: bool) -> None:
        self.patience, self.detached = patience, detached
        self.slow: int | None = None
        self.paused, self.second_is_done = threading.Event(), threading.Event()
        self.overtaken = False

    def begin(self) -> None:
        self.slow = threading.get_ident()

    def follow(self) -> None:
        self.paused.wait(MOST_SECONDS / 4)

    def pausing(self, read: Callable[..., Any]) -> Callable[..., Any]:
        """`read`, after which the slow act stops once."""

        def reading(*args: Any, **values: Any) -> Any:
            found = read(*args, **values)
            if threading.get_ident() == self.slow and not self.paused.is_set():
                kept = _let_go() if self.detached else []
                self.paused.set()
                self.overtaken = self.second_is_done.wait(self.patience)
                session.add_all(kept)
            return found

        return reading


def _let_go() -> list[Any]:
    """End the transaction but keep what was read as it was."""
    kept = list(session)
    session.expunge_all()
    session.rollback()
    return kept


# ---- guards off ----


@contextmanager
def _replaced(dotted: str, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """The function at module.name is another one inside the block, in every module that took it by name."""
    module, _, name = dotted.rpartition(".")
    before = getattr(import_module(module), name)
    after = change(before)
    with ExitStack() as stack:
        for place in _holders(before, name):
            stack.enter_context(patch.object(place, name, after))
        yield


def _holders(function: Callable[..., Any], name: str) -> list[ModuleType]:
    """The loaded modules of the program in which `name` is this very function."""
    ours = [module for dotted, module in sys.modules.items() if dotted.startswith("survey_app.")]
    return [module for module in ours if vars(module).get(name) is function]


FORM = "survey_app.assessments.queries.get_visible_form"
HOLD = "survey_app.core.db.hold"


def unlocked(dotted: str) -> Callable[[], AbstractContextManager[None]]:
    """A reading function that is asked for a lock takes none."""

    def without(read: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **values: read(
            *args, **{**values, **dict.fromkeys({"lock"} & set(values), False)}
        )

    return partial(_replaced, dotted, without)


class _Loose:
    """An UPDATE that goes by the key alone: whatever else its WHERE asks is forgotten."""

    def __init__(self, entity: Any) -> None:
        self.entity = entity

    def where(self, key: Any, *_conditions: Any) -> Any:
        return update(self.entity).where(key)


def loose(module: str) -> Callable[[], AbstractContextManager[Any]]:
    """The conditional UPDATEs of a module lose their conditions."""
    return lambda: patch.object(import_module(module), "update", _Loose)


def instead(dotted: str, other: Callable[..., Any]) -> Callable[[], AbstractContextManager[Any]]:
    """Another function in its place."""
    return partial(_replaced, dotted, lambda _before: other)
