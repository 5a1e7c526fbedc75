"""`flask data copy`: every row arrives, between both databases and back."""

import pytest
from sqlalchemy import func, select

from survey_app.core.db import Base, session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from tests.factories.organisations import make_school
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import content, copy, fill_every_table, make_installation

WAYS = [
    pytest.param(SQLITE, SQLITE, id="sqlite to sqlite"),
    pytest.param(SQLITE, POSTGRESQL, id="sqlite to postgresql", marks=pytest.mark.postgres),
    pytest.param(POSTGRESQL, SQLITE, id="postgresql to sqlite", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_every_table_arrives_row_for_row(places: Places, open_app: OpenApp, start: str, end: str) -> None:
    source, target = places.laid(start), places.bare(end)
    app = open_app(source)
    counted = fill_every_table(app)
    assert set(counted) == set(Base.metadata.tables) and min(counted.values()) > 0
    code, said = copy(app, target)
    assert code == 0, said
    for table, rows in counted.items():
        assert any(line.split()[:2] == [table, str(rows)] and "khớp" in line for line in said.splitlines())
    assert content(target) == content(source)


@pytest.mark.postgres
def test_an_installation_goes_to_postgresql_and_back_and_works_there(
    places: Places, open_app: OpenApp
) -> None:
    first, second, third = places.laid(SQLITE), places.bare(POSTGRESQL), places.bare(SQLITE)
    app = open_app(first)
    make_installation(app)
    assert copy(app, second)[0] == 0
    assert content(second) == content(first)
    moved = open_app(second)
    with moved.app_context(), unit_of_work():
        before = session.scalar(select(func.max(OrganisationUnit.id))) or 0
        assert make_school().id > before  # the sequences go on after the largest
    assert copy(moved, third)[0] == 0
    assert content(third) == content(second) != content(first)
