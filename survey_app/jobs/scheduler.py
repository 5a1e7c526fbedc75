"""The worker's side of the timetable: on each beat, begin what is due, each on a thread of its own."""

import threading

from flask import Flask

from survey_app.core import clock
from survey_app.core.db import abandon, session, unit_of_work
from survey_app.jobs import turns
from survey_app.jobs.timetable import TIMETABLE


class Scheduler:
    """Does what is due in the name of one worker; a long backup holds up neither the beat nor the seals."""

    def __init__(self, app: Flask, executor_id: str) -> None:
        self.app, self.executor_id = app, executor_id
        self._threads: dict[str, threading.Thread] = {}

    def start(self) -> None:
        """Take back what a worker of this name left when it ended: there is only one of that name."""
        with self.app.app_context(), unit_of_work():
            turns.release(self.executor_id)

    def turn(self) -> list[str]:
        """Keep what is under way, begin what is due; returns the names of what was begun."""
        now = clock.now()
        with self.app.app_context():
            at_it = [name for name, thread in self._threads.items() if thread.is_alive()]
            if at_it:
                with unit_of_work():
                    turns.keep(self.executor_id, at_it, now=now)
            if new := turns.list_unknown(TIMETABLE.values()):
                with unit_of_work():
                    turns.note(new, now=now)
            due = [name for name in turns.list_due(now) if name not in at_it]
            begun = [name for name in due if self._claim(name)]
            session.remove()
        for name in begun:
            self._threads[name] = threading.Thread(target=self._do, args=(name,), name=name, daemon=True)
            self._threads[name].start()
        return begun

    def wait(self, seconds: float) -> None:
        """Wait until everything under way has ended."""
        for thread in self._threads.values():
            thread.join(seconds)

    def _claim(self, name: str) -> bool:
        with unit_of_work():
            return turns.claim(name, self.executor_id, now=clock.now())

    def _do(self, name: str) -> None:
        error = ""
        with self.app.app_context():
            try:
                TIMETABLE[name].act()
            except Exception as fault:
                abandon()
                self.app.logger.exception("%s of the timetable failed", name)
                error = f"{type(fault).__name__}: {fault}"
            finally:
                self._end(name, error)
                session.remove()

    def _end(self, name: str, error: str) -> None:
        """When this fails the lease runs out by itself, and the turn is taken again."""
        try:
            with unit_of_work():
                turns.end(name, self.executor_id, error, now=clock.now())
        except Exception:
            self.app.logger.exception("the end of %s could not be noted", name)
