"""Pairs at the school's side: handing in, saving in two tabs, the same save twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask, current_app
from sqlalchemy import bindparam, func, select, update

from survey_app.assessments import fill_views, saving
from survey_app.assessments.models import Answer, AnswerChange, Assessment, AssessmentEvent, SchoolProfile
from survey_app.assessments.queries import Form, form_of
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.rules.framework import Framework
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import LATER, all_at, make_assessment
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_school
from tests.factories.rounds import make_framework_version, make_open_round
from tests.faults import guards
from tests.faults.pairs import FORM, HOLD, Act, Answers, Scene, Verdict, instead, loose, pair, post, unlocked

SERVICE = "survey_app.assessments.service"
QUERIES = "survey_app.assessments.queries"
ANSWERS = f"{QUERIES}.answers_of_indicator"
HELD = f"{QUERIES}.lock_forms"
CODE = "AT1.1"


def the_app() -> Flask:
    """The app whose context is open."""
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


class Desk:
    """A school whose form is complete and not handed in, and the requests of its head."""

    def __init__(
        self, framework: Framework | None = None, *, empty: bool = False, **round_values: Any
    ) -> None:
        school = make_school()
        version = make_framework_version(framework)
        round_, participation = make_open_round(school, versions=[version], **round_values)
        values = {} if empty else all_at(version, 2)
        row = make_assessment(participation, values, veto_answer="xac_nhan", veto_confirmed_at=LATER)
        self.form_id, self.uid, self.participation_id = row.id, row.uid, participation.id
        self.school_id, self.round_id = school.id, round_.id
        self.head: Actor = make_actor(Role.UNIT_HEAD, school)
        self.officer = make_actor(Role.COMMUNE_OFFICER, participation.reviewing_unit)
        self.app = the_app()

    def submit(self) -> int:
        """Hand the form in."""
        return post(self.app, f"/assessments/{self.uid}/submit", self.head, signatory="Lê Mẫu", agreed="y")

    def save(self, value: int | None, key: str, base: int = 1) -> int:
        """Save the answer of `CODE`."""
        fields = {"indicator": CODE, "site": 0, "value": "" if value is None else value, "comment": key}
        path = f"/assessments/{self.uid}/answers"
        return post(self.app, path, self.head, **fields, base_version=base, key=key)

    def profile(self, kitchen: str) -> int:
        """Say whether the school has a kitchen, on the profile's first version."""
        path = f"/assessments/{self.uid}/profile"
        return post(self.app, path, self.head, bep_an=kitchen, base_version=1)

    def events(self, *actions: str) -> int:
        """How many steps of these kinds the form has made."""
        where = AssessmentEvent.assessment_id == self.form_id, AssessmentEvent.action.in_(actions)
        return session.scalar(select(func.count(AssessmentEvent.id)).where(*where)) or 0

    def row(self) -> Assessment:
        """The form as it is stored."""
        return session.get_one(Assessment, self.form_id, populate_existing=True)

    def miscounted(self, _answers: Answers) -> Verdict:
        """What the form's row counts is what counting anew gives."""
        kept = _counts(form_of(self.form_id))
        session.rollback()
        with unit_of_work():
            form = form_of(self.form_id)
            saving.recount(form)
            true = _counts(form)
        return Verdict(wrong=[] if kept == true else [f"counts {kept} instead of {true}"])

    def answer(self) -> Answer:
        """The answer of `CODE` as it is stored."""
        where = Answer.assessment_id == self.form_id, Answer.indicator == CODE
        return session.scalars(select(Answer).where(*where)).one()

    def changes(self) -> int:
        """How many changes that answer has seen."""
        where = AnswerChange.answer_id == self.answer().id
        return session.scalar(select(func.count(AnswerChange.id)).where(where)) or 0


def _counts(form: Form) -> dict[str, int]:
    return {name: getattr(form.assessment, name) for name in saving.COUNTED}


@pair("submit_submit", unlocked(FORM), loose(SERVICE))
def submit_submit() -> Scene:
    """The button is pressed twice: one receipt, one step."""
    desk = Desk()

    def judge(answers: Answers) -> Verdict:
        steps = desk.events("submit")
        return Verdict(doubled=max(0, steps - 1), lost=int(any(answers.done) and not steps))

    act = Act("submit", desk.submit, FORM)
    return Scene((act, act), judge)


@pair("save_submit", unlocked(FORM), loose(SERVICE))
def save_submit() -> Scene:
    """An answer is taken back while the form is handed in: no form is handed in without it."""
    desk = Desk()

    def judge(answers: Answers) -> Verdict:
        handed_in = desk.row().state == State.SUBMITTED
        gap = ["handed in with an open answer"] * (handed_in and desk.answer().value is None)
        return Verdict(lost=int(answers.done[1] and not handed_in), wrong=gap)

    save = Act("save", lambda: desk.save(None, "trong"), FORM)
    return Scene((save, Act("submit", desk.submit, f"{QUERIES}.answers_of")), judge)


@contextmanager
def onto_any_version() -> Iterator[None]:
    """The UPDATE of an answer goes by its key alone."""
    answers = Answer.__table__
    by_key = update(answers).where(answers.c.id == bindparam("stored_id"))
    with patch.object(saving, "_UPDATE_IF_UNCHANGED", by_key):
        yield


@pair("save_save", unlocked(FORM), onto_any_version)
def save_save() -> Scene:
    """Two tabs save another value each on the same version: one is refused and shown the other's."""
    desk = Desk()

    def judge(answers: Answers) -> Verdict:
        taken = sum(answers.done)
        return Verdict(lost=taken - (desk.answer().version - 1), doubled=desk.changes() - taken)

    first = Act("save", lambda: desk.save(1, "mot"), ANSWERS)
    return Scene((first, Act("save", lambda: desk.save(3, "ba"), ANSWERS)), judge)


@contextmanager
def forgetful() -> Iterator[None]:
    """Neither version nor key of a save is looked at."""
    with patch.object(fill_views, "save_answer", saving.save_answer):
        guards.switch_off(current_app, ["version", "key"])
        yield


@pair("same_save_twice", forgetful)
def same_save_twice() -> Scene:
    """The same save comes twice at once: both are told the same, one change is stored."""
    desk = Desk()

    def judge(answers: Answers) -> Verdict:
        missing = [] if all(answers.done) else [f"answered {answers.statuses}"]
        return Verdict(doubled=desk.changes() - 1, wrong=missing)

    act = Act("save", lambda: desk.save(3, "nhu-nhau"), ANSWERS)
    return Scene((act, act), judge)


@pair("profile_profile", instead(HOLD, lambda _rows: None))
def profile_profile() -> Scene:
    """Two tabs save other facts about the school on the same version: one is asked to look again."""
    desk = Desk()

    def judge(answers: Answers) -> Verdict:
        stored = session.get_one(SchoolProfile, desk.participation_id)
        return Verdict(lost=sum(answers.done) - (stored.version - 1))

    first = Act("profile", lambda: desk.profile("yes"), HELD)
    return Scene((first, Act("profile", lambda: desk.profile("no"), HELD)), judge)


@pair("profile_save", unlocked(FORM))
def profile_save() -> Scene:
    """An answer is saved while the school says that the indicator does not apply: the counts stay true."""
    needs_kitchen = [plain_indicator("AT1.1", applies_when=("bep_an",)), plain_indicator("AT1.2")]
    desk = Desk(plain_framework([("AT", 100, needs_kitchen)]))
    profile = Act("profile", lambda: desk.profile("no"), f"{QUERIES}.values_of")
    return Scene((Act("save", lambda: desk.save(None, "trong"), FORM), profile), desk.miscounted)
