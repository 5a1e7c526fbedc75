"""The world behind the walls: two departments, rounds in every state, one object of every kind in each state.

Everything a row of the table names is in `World.things` by name ("form.draft", "cert.revoked").
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.accounts.passwords import hash_password
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.jobs.models import WorkerBeat
from survey_app.organisations.models import OrganisationUnit
from tests.conftest import PASSWORD
from tests.factories.accounts import make_membership, make_user
from tests.factories.certificates import Town, make_town
from tests.factories.organisations import make_commune, make_department, make_school, root_department
from tests.factories.phones import Phone
from tests.walls.actors import ACTORS
from tests.walls.uploads import UNIT_CODE

NOW = datetime(2027, 5, 15, 3, tzinfo=UTC)
# What nobody else may ever read, each in another kind of column; see test_canaries.
CANARIES = {
    "school": "Hoa Canari Lam",
    "comment": "nhan-xet-canari-lam",
    "file": "tap-tin-canari-lam",
    "plan": "viec-canari-lam",
    "phone": "0939000777",
    "address": "canari.lam@truong.example",
    "asker": "0939000888",
}
# Who answers the questions of the schools of the ward.
WHOM_TO_ASK = {"contact_name": "Người Trực Máy", "contact_phone": "0292 3000 111"}


@dataclass
class World:
    """Names of things → their public ids (or keys), of actors → how they are in the database."""

    things: dict[str, str] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)

    def name(self, thing: str, row: Any) -> Any:
        """Let the table call this row by a name; its id too, with a # before it."""
        self.things[thing], self.things[f"#{thing}"] = getattr(row, "uid", str(row.id)), str(row.id)
        return row

    def unit(self, name: str) -> OrganisationUnit:
        """The unit called `unit.<name>`."""
        return session.get_one(OrganisationUnit, int(self.things[f"#unit.{name}"]))


def make_land(world: World) -> Town:
    """Two departments with their units, and every actor at their place; returns the foreign one's town."""
    department = world.name("unit.department", make_department(name="Sở Mẫu Một"))
    ward = world.name("unit.ward", make_commune(department, name="Phường Gần", **WHOM_TO_ASK))
    far = world.name("unit.far_ward", make_commune(department, name="Xã Xa"))
    contact = {"contact_phone": CANARIES["phone"], "contact_email": CANARIES["address"]}
    name = f"THCS {CANARIES['school']}"
    world.name("unit.a", make_school(ward, name=name, code=UNIT_CODE, sites=2, **contact))
    world.name("unit.b", make_school(ward, name="THCS Láng Giềng"))
    world.name("unit.c", make_school(far, name="THCS Nơi Khác"))
    world.name("unit.k", make_school(ward, ("thpt",), name="THPT Của Sở"))
    world.name("unit.late", make_school(ward, name="THCS Đến Muộn"))
    world.name("unit.ended", make_school(ward, name="THCS Đã Thôi", valid_to=NOW.date()))
    town = make_town(1, name="Sở Mẫu Hai")
    world.name("unit.far_department", town.department)
    world.name("unit.foreign", town.parts[0].unit)
    hashed = hash_password(PASSWORD)
    for actor, who in ACTORS.items():
        if who.role is not None:
            _settle(world, actor, hashed)
    beat = {"host": "localhost", "pid": 1, "started_at": NOW, "beat_at": NOW}
    session.add(WorkerBeat(executor_id="walls", **beat))
    return town


def _settle(world: World, name: str, hashed: str) -> None:
    who, unit = ACTORS[name], world.unit(ACTORS[name].place)
    assert who.role is not None
    start = {"phone": CANARIES["phone"]} if who.place == "a" else {}
    user = make_user(login=f"tuong-{name.replace('_', '-')}", password=hashed, name=f"Người {name}", **start)
    user.must_change_password = name == "newcomer"
    role = make_membership(user, unit, who.role)
    world.name(f"account.{name}", user)
    world.things[f"membership.{name}"] = str(role.id)
    world.logins[name] = user.login
    world.people[name] = Actor(
        user.id, role.id, who.role, unit.id, unit.kind, root_department(unit).id, unit.name, user.name, 0
    )


def later(days: int) -> datetime:
    """So many days after the world's now."""
    return NOW + timedelta(days=days)
