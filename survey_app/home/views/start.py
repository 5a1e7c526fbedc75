"""The first page, by role."""

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.accounts.queries import contact_of
from survey_app.assessments.following import recognitions
from survey_app.assessments.queries import list_forms_of_unit
from survey_app.certificates.queries import latest_certificates
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.home import authority, queries
from survey_app.home.blueprint import bp
from survey_app.home.school import form_cards, forms_to_show, given_back_first, in_turn
from survey_app.notices.queries import latest_notices
from survey_app.organisations.queries import unit_with_place
from survey_app.results.queries import (
    OverviewFilter,
    completion_by_ward,
    results_of_forms,
    rounds_to_pick,
    total_of,
)
from survey_app.results.views.frame import PART_NAMES
from survey_app.rounds.models import PLANNED
from survey_app.rounds.queries import latest_round, review_deadline_for
from survey_app.rules.permissions import ADMIN, LEADERS, OFFICERS, ROLE_NAMES, SCHOOL

NOTICES, YEARS, CERTIFICATES = 5, 5, 3


@bp.get("/")
@requires("home.see")
def start() -> ResponseReturnValue:
    """What matters now for this person."""
    actor, now = acting(), clock.now()
    return _school(actor, now) if actor.role in SCHOOL else _authority(actor, now)


def _school(actor: Actor, now: datetime) -> str:
    forms = list_forms_of_unit(actor)
    current = given_back_first(form_cards(forms_to_show(forms), actor, now))
    results = results_of_forms([form.assessment.id for form in forms])
    asked = forms[0].participation.reviewing_unit if forms else None
    checker = asked or unit_with_place(actor.unit_id).managing_authority
    return render_template(
        "home/school.html",
        current=current,
        recognised=recognitions([found.form for found in current]),
        tasks=in_turn(current),
        years=[(form, results[form.assessment.id]) for form in forms if form.assessment.id in results][
            :YEARS
        ],
        certificates=latest_certificates(actor, CERTIFICATES, today=clock.local_date(now)) if results else (),
        notices=latest_notices(actor, NOTICES),
        checker=checker,
        contact=contact_of(checker) if checker else None,
    )


def _authority(actor: Actor, now: datetime) -> str:
    found = latest_round(actor, now)
    round_ = found if found and found.state != PLANNED else None
    by_ward = completion_by_ward(actor, round_.id, OverviewFilter()) if round_ else {}
    beginnings = queries.beginnings(actor) if actor.role in ADMIN and not round_ else None
    return render_template(
        "home/authority.html",
        role_name=ROLE_NAMES[actor.role],
        round=round_,
        planned=found if found and not round_ else None,
        tasks=[
            *(authority.tasks_of(actor, round_, now) if round_ else ()),
            *authority.asked_of(actor),
        ],
        total=total_of(by_ward.values()),
        part_names=PART_NAMES,
        review_deadline=review_deadline_for(round_, actor.unit_kind) if round_ else None,
        checks=actor.role in OFFICERS | LEADERS,
        steps=authority.first_steps(beginnings) if beginnings else [],
        notices=latest_notices(actor, NOTICES),
        rounds=rounds_to_pick(actor, YEARS),
        today=clock.local_date(now),
        at=now,
        local_date=clock.local_date,
    )
