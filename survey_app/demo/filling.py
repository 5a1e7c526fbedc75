"""Filling the demo's forms: the school's answers, and what the authority finds, written in bulk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from survey_app.assessments import queries, service
from survey_app.assessments.models import Answer, AnswerChange, SchoolProfile
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import recount
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.demo.answers import (
    MadeAnswer,
    chance_of,
    character_of,
    make_answers,
    make_profile,
    make_size,
    reason_for,
)
from survey_app.reviews.models import VerifiedScore
from survey_app.rules.scoring import SITE_RULES


@dataclass(frozen=True)
class Filled:
    """A form with the answers made for it."""

    form: Form
    answers: tuple[MadeAnswer, ...]


def fill_form(form: Form, seed: int, head: Actor, *, until: float, now: datetime) -> Filled:
    """Answer the profile and the first `until` (0–1) of the indicators of an empty form."""
    unit, ward = form.participation.unit, form.participation.ward
    chance = chance_of(seed, unit.code, form.round.school_year, form.framework.code)
    character = character_of(seed, unit.code, ward.code)
    facts = make_profile(chance, form.framework)
    stored = session.get(SchoolProfile, form.participation.id)
    known = dict(stored.facts) if stored else {}
    row = {"facts": facts | known, "version": 1, "updated_at": now, "updated_by_id": head.user_id}
    row |= make_size(seed, unit.code)
    session.merge(SchoolProfile(participation_id=form.participation.id, **row))
    session.flush()
    form = queries.form_of(form.assessment.id)
    made = tuple(make_answers(form.framework, form.facts, character, chance, seed))
    kept = made[: round(len(made) * until)]
    _write_answers(form, kept, head, now)
    recount(form)
    return Filled(form, kept)


def _write_answers(form: Form, answers: Iterable[MadeAnswer], head: Actor, now: datetime) -> None:
    rows = [
        {
            "assessment_id": form.assessment.id,
            "indicator": answer.code,
            "site_id": answer.site_id,
            "value": answer.value,
            "comment": answer.comment,
            "version": 1,
            "confirmed": True,
            "updated_at": now + timedelta(seconds=20 * place),
            "updated_by_id": head.user_id,
        }
        for place, answer in enumerate(answers)
    ]
    if rows:
        session.execute(insert(Answer), rows)
        _write_history(form, head)


def _write_history(form: Form, head: Actor) -> None:
    """One change for each answer, so that its history tells who chose it and when."""
    rows = [
        {
            "answer_id": answer.id,
            "key": f"demo-{answer.id}",
            "base_version": 0,
            "version": 1,
            "old_value": None,
            "new_value": answer.value,
            "old_comment": "",
            "new_comment": answer.comment,
            "actor_id": head.user_id,
            "at": answer.updated_at,
        }
        for answer in queries.answers_of(form.assessment.id).values()
    ]
    session.execute(insert(AnswerChange), rows)


def hand_in(filled: Filled, head: Actor, *, now: datetime) -> Form:
    """Confirm the sentence about excluding facts and submit, through the room's own door."""
    form = queries.form_of(filled.form.assessment.id)
    if form.framework.veto_answers:
        code = form.framework.veto_answers[0].code
        service.confirm_veto(form, code, "", actor=head, now=now)
    service.submit_assessment(form, signatory=head.name, actor=head, now=now)
    return form


def verify(filled: Filled, seed: int, officer: Actor, *, until: float, now: datetime) -> None:
    """Write the authority's value, and reasons where it differs, for the first `until` (0–1) indicators."""
    form = filled.form
    chance = chance_of(seed, "review", form.participation.unit.code, form.round.school_year)
    rule = SITE_RULES[form.framework.site_rule]
    by_code: dict[str, list[MadeAnswer]] = {}
    for answer in filled.answers:
        by_code.setdefault(answer.code, []).append(answer)
    rows = []
    for code, answers in list(by_code.items())[: round(len(by_code) * until)]:
        claimed, found = rule([a.value for a in answers]), rule([a.found for a in answers])
        rows.append(_verified(form, code, found, reason_for(chance, claimed, found), officer, now))
    if rows:
        session.execute(insert(VerifiedScore), rows)


def _verified(
    form: Form, code: str, value: int, reason: str, officer: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "assessment_id": form.assessment.id,
        "indicator": code,
        "value": value,
        "reason": reason,
        "version": 1,
        "updated_at": now,
        "updated_by_id": officer.user_id,
    }
