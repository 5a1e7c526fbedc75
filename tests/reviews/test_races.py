"""Two officers at the same moment, the form locked as the desk locks it: nothing acknowledged may be lost.

The canary comes first: with the guard off the loss happens, so the test can see it.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from survey_app.assessments.queries import form_of
from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.reviews import queries, service
from survey_app.reviews.service import Verdict, verifying
from survey_app.rules.errors import RuleError
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.reviews import Scene, make_scene

THREADS, EACH = 4, 10


def at_once(app: Flask, work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Run `work(n)` in threads that start together, each in an app context of its own; what they return."""
    barrier, done = threading.Barrier(threads), [None] * threads

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            done[number] = work(number)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    assert not any(thread.is_alive() for thread in running)
    return done


def ids_of(app: Flask, state: State) -> tuple[int, list[Actor]]:
    """A form with two officers who may have it."""
    with app.app_context(), unit_of_work():
        scene: Scene = make_scene(state=state)
        other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
        return scene.row.id, [scene.officer, other]


def add_words(app: Flask, form_id: int, officer: Actor, now: datetime) -> int:
    """Every thread adds words to one remark, each on the version it has read; how many words are lost.

    All have read before any of them saves; whoever is refused reads again and saves again.
    """
    all_have_read = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        acknowledged = []
        for turn in range(EACH):
            word = f"chữ{number}x{turn}"
            read = _read(form_id)
            all_have_read.wait(60)
            while not _added(form_id, word, read, officer, now):
                read = _read(form_id)
            acknowledged.append(word)
        return acknowledged

    said = [word for words in at_once(app, work) for word in words]
    with app.app_context():
        row = queries.find_verified(form_id, "AT1.1")
        assert row is not None
        return len(set(said) - set(row.reason.split()))


def _read(form_id: int) -> tuple[int, str]:
    with unit_of_work():
        row = queries.find_verified(form_id, "AT1.1")
        return (row.version, row.reason) if row else (0, "")


def _added(form_id: int, word: str, read: tuple[int, str], officer: Actor, now: datetime) -> bool:
    version, text = read
    verdict = Verdict("AT1.1", 2, f"{text} {word}", version)
    try:
        with unit_of_work():
            service.verify_score(form_of(form_id, lock=True), verdict, actor=officer, now=now)
    except service.StaleScore:
        return False
    return True


def test_without_the_guard_words_are_lost(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    form_id, (officer, _) = ids_of(app, State.IN_REVIEW)
    with app.app_context(), unit_of_work():
        service.verify_score(form_of(form_id), Verdict("AT1.1", 2, "", 0), actor=officer, now=now)
    monkeypatch.setattr(verifying, "_unchanged", lambda base_version: true())
    assert add_words(app, form_id, officer, now) > 0


def test_with_the_guard_no_word_is_lost(app: Flask, now: datetime) -> None:
    form_id, (officer, _) = ids_of(app, State.IN_REVIEW)
    assert add_words(app, form_id, officer, now) == 0


def test_of_two_who_start_at_once_one_has_the_form(app: Flask, now: datetime) -> None:
    form_id, officers = ids_of(app, State.SUBMITTED)

    def start(number: int) -> str:
        try:
            with unit_of_work():
                service.start_review(form_of(form_id, lock=True), actor=officers[number], now=now)
        except RuleError as refusal:
            return str(refusal.status)
        return "started"

    answers = at_once(app, start, threads=2)
    assert sorted(answers) == ["409", "started"]
    with app.app_context():
        review = queries.find_review(form_id)
        assert review is not None and review.officer_id == officers[answers.index("started")].user_id
