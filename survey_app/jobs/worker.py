"""The worker process: takes jobs from the queue, says that it lives, takes over from dead workers."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask_babel import gettext

from survey_app.core import clock, logs
from survey_app.core.db import db, unit_of_work
from survey_app.jobs import engine, queries, service
from survey_app.jobs.runner import run_job
from survey_app.jobs.scheduler import Scheduler

BEAT_SECONDS = 5.0
FRESH = timedelta(seconds=3 * BEAT_SECONDS)
REAP_EVERY = 4


def work(app: Flask, executor_id: str, *, parent: int | None = None) -> None:
    """Do jobs until SIGTERM or SIGINT, or until the process `parent` is gone.

    `executor_id` names this worker for good: two at the same time would run each other's jobs again,
    so the second waits until the first is silent.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with app.app_context():
        database = db.engine
    _wait_for_namesake(app, executor_id, ended)
    scheduler = Scheduler(app, executor_id)
    if not ended.is_set():
        _beat(app, executor_id)
        scheduler.start()
        engine.launch(database, executor_id, lambda uid: run_job(app, uid))
        logs.log.info("worker began", worker=executor_id)
    turn = 0
    while not ended.wait(BEAT_SECONDS) and (parent is None or os.getppid() == parent):
        turn += 1
        _survive_outage(lambda: _beat(app, executor_id))
        if turn % REAP_EVERY == 1:
            _survive_outage(lambda: reap(app, executor_id))
        _survive_outage(scheduler.turn)
    # Jobs run on threads that would hold the process back; one in flight is taken up again at the next start.
    engine.stop()
    os._exit(0)


def reap(app: Flask, executor_id: str) -> list[str]:
    """Take over the jobs of workers that went silent; mark jobs that killed their worker too often."""
    with app.app_context():
        taken = []
        for silent in queries.list_silent_workers(clock.now(), but=executor_id):
            taken += engine.take_over(silent)
            with unit_of_work():
                service.forget_worker(silent)
        for uid in queries.unfinished(engine.list_given_up()):
            _give_up(uid)
    return taken


def _give_up(uid: str) -> None:
    sentence = gettext("Việc này làm hệ thống dừng nhiều lần nên đã bị ngừng. Hãy báo quản trị.")
    with unit_of_work():
        service.fail(queries.get_job(uid), sentence, now=clock.now())


def _beat(app: Flask, executor_id: str) -> None:
    with app.app_context(), unit_of_work():
        service.beat(executor_id, socket.gethostname(), os.getpid(), now=clock.now())


def _survive_outage(act: Callable[[], object]) -> None:
    """A database that is away for a moment must not end the worker."""
    try:
        act()
    except Exception as error:
        logs.failure("worker could not reach the database; trying again", error)


def _wait_for_namesake(app: Flask, executor_id: str, ended: threading.Event) -> None:
    while _namesake_lives(app, executor_id) and not ended.is_set():
        logs.log.warning("another worker has this name; waiting until it ends", worker=executor_id)
        ended.wait(2)


def _namesake_lives(app: Flask, executor_id: str) -> bool:
    with app.app_context():
        row = queries.find_beat(executor_id)
        if row is None or clock.now() - row.beat_at > FRESH or row.pid == os.getpid():
            return False
        return row.host != socket.gethostname() or _process_exists(row.pid)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
