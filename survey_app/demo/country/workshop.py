"""Making parts in several processes, handed over in order and never far ahead of the writing."""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from survey_app.demo.country.parts import Maker, Part
from survey_app.demo.country.scene import Scene
from survey_app.demo.country.tables import Rows

AHEAD = 2  # parts that lie ready for each process: memory does not grow with the country
_makers: list[Maker] = []  # of a worker process


def make_in_order(scene: Scene, parts: Iterable[Part], processes: int) -> Iterator[tuple[Part, Rows]]:
    """Each part with its rows, in the order of `parts`; with 0 processes they are made here."""
    if processes == 0:
        maker = Maker(scene)
        for part in parts:
            yield part, maker.make(part)
        return
    # A new interpreter for each: a forked one would share this one's connections to the database.
    context = multiprocessing.get_context("spawn")
    waiting: deque[tuple[Part, Future[Rows]]] = deque()
    with ProcessPoolExecutor(processes, context, _set_up, (scene,)) as pool:
        for part in parts:
            waiting.append((part, pool.submit(_make, part)))
            if len(waiting) > processes * AHEAD:
                first, made = waiting.popleft()
                yield first, made.result()
        while waiting:
            first, made = waiting.popleft()
            yield first, made.result()


def _set_up(scene: Scene) -> None:
    _makers[:] = [Maker(scene)]


def _make(part: Part) -> Rows:
    return _makers[0].make(part)
