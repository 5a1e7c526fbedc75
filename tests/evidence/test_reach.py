"""Whose evidence a commune reaches: of what it manages and what it checks, no longer than it does."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.evidence import queries
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds.models import PUBLISHED, Participation
from survey_app.rounds.service import set_reviewing_unit
from survey_app.rules.errors import NotFound
from tests.evidence.conftest import Town
from tests.factories.evidence import make_file
from tests.factories.rounds import make_participation, make_round

TODAY = date(2027, 5, 12)


def unit(actor: Actor) -> OrganisationUnit:
    return session.get_one(OrganisationUnit, actor.unit_id)


def sees(actor: Actor, uid: str) -> bool:
    """The file itself and the list agree, whichever way it is asked for."""
    try:
        file = queries.get_visible_file(actor, uid)
    except NotFound:
        return False
    tabs = (queries.StoreFilter(), queries.StoreFilter(queries.BEFORE))
    pages = [queries.list_store(actor, file.unit_id, tab, today=TODAY) for tab in tabs]
    assert file in [row for page in pages for row in page.rows]
    return True


def opens_store(actor: Actor, school: OrganisationUnit) -> bool:
    try:
        queries.get_unit_in_reach(actor, school.uid)
    except NotFound:
        return False
    return True


def checked_by(town: Town, officer: Actor, **values: Any) -> Participation:
    """The school takes part in a round; the officer's commune checks its form."""
    department = unit(town.department)
    round_ = make_round(department, **values)
    return make_participation(round_, unit(town.head), reviewing_unit_id=officer.unit_id)


def move_away(town: Town) -> None:
    """The school comes under the commune of the stranger."""
    school = unit(town.head)
    school.parent_id = school.managing_authority_id = town.stranger.unit_id
    session.flush()


def test_a_commune_loses_the_evidence_of_a_school_that_moves_away(town: Town) -> None:
    file = make_file(town.head)
    assert sees(town.officer, file.uid) and not sees(town.stranger, file.uid)
    move_away(town)
    assert not sees(town.officer, file.uid) and sees(town.stranger, file.uid)
    assert not opens_store(town.officer, unit(town.head))


def test_it_keeps_the_evidence_of_a_form_it_still_checks(town: Town) -> None:
    checked_by(town, town.officer)
    old, late = make_file(town.head), make_file(town.head, "Bổ sung", school_year="2027-2028")
    move_away(town)
    assert sees(town.officer, old.uid) and sees(town.officer, late.uid), "the round is open"
    assert opens_store(town.officer, unit(town.head))


def test_it_loses_that_too_when_another_unit_is_to_check(town: Town, now: datetime) -> None:
    part, file = checked_by(town, town.officer), make_file(town.head)
    move_away(town)
    set_reviewing_unit(
        part, unit(town.stranger), reason="Trường đã chuyển xã", actor=town.department, now=now
    )
    assert not sees(town.officer, file.uid) and sees(town.stranger, file.uid)
    assert not opens_store(town.officer, unit(town.head))


def test_of_a_published_round_it_keeps_what_the_form_could_rest_on(town: Town) -> None:
    checked_by(town, town.officer, state=PUBLISHED)
    before, then = make_file(town.head, school_year="2025-2026"), make_file(town.head)
    later = make_file(town.head, "Năm học sau", school_year="2027-2028")
    assert sees(town.officer, later.uid), "it manages the school"
    move_away(town)
    assert sees(town.officer, before.uid) and sees(town.officer, then.uid)
    assert not sees(town.officer, later.uid)
    page = queries.list_store(town.officer, town.head.unit_id, queries.StoreFilter(), today=TODAY)
    assert (page.total, [row.uid for row in page.rows]) == (1, [then.uid])


def test_a_commune_that_checks_reaches_no_other_school_of_the_round(town: Town) -> None:
    part, file = checked_by(town, town.stranger), make_file(town.neighbour)
    assert session.scalars(select(Participation.id)).all() == [part.id]
    assert not sees(town.stranger, file.uid)


@pytest.mark.parametrize("elsewhere", ["neighbour", "viewer"])
def test_others_reach_nothing_by_a_round(town: Town, elsewhere: str) -> None:
    checked_by(town, town.officer)
    actor: Actor = getattr(town, elsewhere)
    assert not sees(actor, make_file(town.head).uid)
    assert not sees(replace(actor, unit_id=town.officer.unit_id), make_file(town.head, "Ảnh").uid)
