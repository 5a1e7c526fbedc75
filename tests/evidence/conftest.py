"""A ward with two schools, and who acts there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.evidence.ports import NoUses, Use, uses
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_commune, make_school


@dataclass
class Town:
    """The actors of a ward: two schools, its officer; an officer elsewhere; the department."""

    head: Actor
    member: Actor
    neighbour: Actor
    officer: Actor
    stranger: Actor
    department: Actor
    viewer: Actor


def make_town() -> Town:
    """The people, in the open session."""
    ward = make_commune(name="Phường Mẫu")
    school = make_school(ward, name="THCS Hoa Sen", sites=2)
    home = ward.parent
    assert home is not None
    return Town(
        make_actor(Role.UNIT_HEAD, school, name="Nguyễn Thị Mẫu"),
        make_actor(Role.UNIT_MEMBER, school),
        make_actor(Role.UNIT_HEAD, make_school(ward)),
        make_actor(Role.COMMUNE_OFFICER, ward, name="Trần Văn Kiểm"),
        make_actor(Role.COMMUNE_OFFICER, make_commune(home)),
        make_actor(Role.DEPARTMENT_ADMIN, home),
        make_actor(Role.VIEWER, home),
    )


@pytest.fixture
def town(session: Any) -> Town:
    """The people, in the test's own session."""
    return make_town()


@pytest.fixture
def stored_town(app: Flask) -> Town:
    """The people, committed, for tests over HTTP."""
    with app.app_context(), unit_of_work():
        return make_town()


@pytest.fixture
def seated(stored_town: Town, seat: Seat) -> Town:
    """The people, committed; the head of the school sits."""
    seat.actor = stored_town.head
    return stored_town


@dataclass
class UsesForTest(NoUses):
    """What a test says of the uses of files; remembers what it was told."""

    by_file: dict[int, list[Use]] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    told: list[tuple[str, int]] = field(default_factory=list)

    def uses_of(self, file_ids: Collection[int]) -> Mapping[int, Sequence[Use]]:
        return {key: self.by_file[key] for key in file_ids if key in self.by_file}

    def is_locked(self, file_id: int) -> bool:
        return file_id in self.locked

    def release(self, file_id: int, *, actor: Actor, now: datetime) -> None:
        self.told.append(("release", file_id))

    def recount(self, file_id: int, *, now: datetime) -> None:
        self.told.append(("recount", file_id))


@pytest.fixture
def used(app: Flask) -> Iterator[UsesForTest]:
    """The uses of files, as the test sets them; the app's own come back afterwards."""
    before, mine = uses.get(), UsesForTest()
    uses.plug(mine)
    yield mine
    uses.plug(before)
