"""A department with schools of every kind, a set for each half of them, and what stands above this room."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from survey_app.core.access import Actor
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds import ports
from survey_app.rounds.ports import FormState
from survey_app.rounds.service import RoundPlan
from survey_app.rules.framework import Named, VetoKind, Words
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.frameworks import plain_framework
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import CLOSES, OPENS, make_framework_version

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
