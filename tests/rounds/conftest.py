"""A department with schools of every kind, a set for each half of them, and what stands above this room."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.core.access import Actor
from survey_app.core.db import session as current_session
from survey_app.core.db import unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds import ports, service
from survey_app.rounds.ports import FormState
from survey_app.rounds.service import RoundPlan, VetoFacts
from survey_app.rules.framework import Named, VetoKind, Words
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.frameworks import plain_framework
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import CLOSES, OPENS, make_framework_version, make_participation, make_round

VETO_KINDS = (
    VetoKind("V1", Words("Học sinh bị thương tích nặng tại trường do lỗi quản lý của nhà trường.")),
    VetoKind("V3", Words("Ngộ độc thực phẩm tập thể do bếp ăn của trường.")),
)
NAMES = {"mam_non": "Mầm non", "tieu_hoc": "Tiểu học", "thcs": "THCS", "thpt": "THPT"}


class FormsInMemory:
    """Stands for the room of forms: remembers for which rounds it was asked, answers the given states."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.given: dict[int, list[FormState]] = {}

    def create(self, round_id: int, *, now: datetime) -> int:
        self.asked.append(round_id)
        return 0

    def states(self, participation_ids: Collection[int]) -> Mapping[int, Sequence[FormState]]:
        return {key: self.given[key] for key in participation_ids if key in self.given}


@pytest.fixture(autouse=True)
def forms(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FormsInMemory:
    """What is plugged in where this room asks for forms."""
    standing = FormsInMemory()
    monkeypatch.setattr(ports.forms, "_plug", standing)
    return standing


def set_for(*stages: str, **values: Any) -> FrameworkVersion:
    """A stored set for these stages that knows two kinds of excluding facts."""
    named = tuple(Named(stage, Words(NAMES[stage])) for stage in stages)
    return make_framework_version(plain_framework(stages=named, veto_kinds=VETO_KINDS, **values))


@dataclass
class Land:
    """A department, two wards, its schools by a short name, two sets, and people."""

    department: OrganisationUnit
    ward: OrganisationUnit
    far: OrganisationUnit
    schools: dict[str, OrganisationUnit]
    general: FrameworkVersion
    preschool: FrameworkVersion
    admin: Actor
    people: dict[str, Actor] = field(default_factory=dict)

    def sits(self, role: Role, unit: OrganisationUnit) -> Actor:
        """The person with this role at this unit, made once."""
        key = f"{role}@{unit.id}"
        if key not in self.people:
            self.people[key] = make_actor(role, unit)
        return self.people[key]

    def plan(self, **values: Any) -> RoundPlan:
        """A good plan, with `values` in place of its own."""
        start: dict[str, Any] = {
            "title": "Đánh giá cuối năm học",
            "purpose": "end_of_year",
            "school_year": "2026-2027",
            "opens_at": OPENS,
            "closes_at": CLOSES,
            "commune_closes_at": CLOSES.replace(month=6, day=10),
            "department_closes_at": CLOSES.replace(month=6, day=20),
            "sets": {self.general.id: ["tieu_hoc", "thcs", "thpt"], self.preschool.id: ["mam_non"]},
        }
        return RoundPlan(**(start | values))


def make_land() -> Land:
    """Needs an open session."""
    department = make_department(name="Sở Mẫu")
    ward = make_commune(department, name="Phường Bình Thuỷ")
    far = make_commune(department, name="Xã Đông Thuận")
    schools = {
        "thcs": make_school(ward, name="THCS Châu Văn Liêm", sites=3),
        "both": make_school(ward, ("tieu_hoc", "thcs"), name="TH và THCS Đặng Mẫu"),
        "high": make_school(ward, ("thpt",), name="THPT Ấp Mới"),
        "early": make_school(far, ("mam_non", "tieu_hoc"), name="Mầm non và Tiểu học Ánh Dương"),
        "by_hand": make_school(
            far, name="THCS Dân tộc nội trú", managing_authority_id=department.id, authority_by_hand=True
        ),
    }
    return Land(
        department,
        ward,
        far,
        schools,
        set_for("tieu_hoc", "thcs", "thpt"),
        set_for("mam_non", code="mam-non"),
        make_actor(Role.DEPARTMENT_ADMIN, department),
    )


@pytest.fixture
def land(session: Any) -> Land:
    """The department inside the open session."""
    return make_land()


@dataclass
class Site:
    """The addresses of a department's rounds, and the people who may ask for them."""

    client: FlaskClient
    seat: Any
    people: dict[str, Actor]
    uids: dict[str, str]
    ids: dict[str, int]

    def sit(self, who: str) -> None:
        self.seat.actor = self.people[who]

    def page(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address.format(**self.uids))
        assert answer.status_code == status, (address, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, address: str, status: int = 302, **data: Any) -> str:
        answer = self.client.post(address.format(**self.uids), data=data)
        text = answer.get_data(as_text=True)
        assert answer.status_code == status, (address, answer.status_code, text)
        return text


@pytest.fixture
def at_noon_in_may(now: datetime) -> Iterator[None]:
    """The pages' clock stands still in the school year of the tests."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Any, now: datetime, at_noon_in_may: None) -> Site:
    """One open round with every school, one planned round, people of each role."""
    with app.app_context(), unit_of_work():
        land, foreign = make_land(), make_land()
        open_round = make_round(land.department, [land.general, land.preschool], title="Đợt <b>mở</b>")
        parts = {name: make_participation(open_round, unit) for name, unit in land.schools.items()}
        plan = service.create_round(land.plan(title="Đợt sắp mở"), actor=land.admin, now=now)
        late = make_school(land.far, name="THCS Mới Lập")
        facts = VetoFacts(land.general.id, "V3", now.date(), "Bếp", "45/KL", now.date(), "Sở Y tế")
        veto = service.record_veto(parts["thcs"], facts, actor=land.admin, now=now)
        people = {
            "admin": land.admin,
            "head": land.sits(Role.UNIT_HEAD, land.schools["thcs"]),
            "member": land.sits(Role.UNIT_MEMBER, land.schools["thcs"]),
            "neighbour": land.sits(Role.UNIT_HEAD, land.schools["both"]),
            "officer": land.sits(Role.COMMUNE_OFFICER, land.ward),
            "leader": land.sits(Role.COMMUNE_LEADER, land.ward),
            "far leader": land.sits(Role.COMMUNE_LEADER, land.far),
            "department officer": land.sits(Role.DEPARTMENT_OFFICER, land.department),
            "department leader": land.sits(Role.DEPARTMENT_LEADER, land.department),
            "viewer": land.sits(Role.VIEWER, land.department),
            "foreign admin": foreign.admin,
        }
        uids = {
            "open": open_round.uid,
            "plan": plan.uid,
            "veto": veto.uid,
            "ward": land.ward.uid,
            "far": land.far.uid,
            "late": late.uid,
            **{name: part.uid for name, part in parts.items()},
        }
        ids = {"general": land.general.id, "far": land.far.id, "version": open_round.version}
        ids |= {f"unit {name}": unit.id for name, unit in land.schools.items()}
    site = Site(client, seat, people, uids, ids)
    site.sit("admin")
    return site


def count(app: Flask, table: Any, *where: Any) -> int:
    """How many rows are stored."""
    with app.app_context():
        return current_session.scalar(select(func.count()).select_from(table).where(*where)) or 0
