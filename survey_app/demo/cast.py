"""The people of the demo: one or more of every role, schools with heads; all share one known password."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from survey_app.accounts import service as accounts
from survey_app.accounts.models import User
from survey_app.core.access import Actor
from survey_app.demo.names import people
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role

PASSWORD = "an-toan-2027-demo"
POSITIONS = {"truong": "Hiệu trưởng", "trung_tam": "Giám đốc trung tâm", "lop_doc_lap": "Chủ cơ sở"}


@dataclass
class Cast:
    """Who acts in the demo: actors by unit id, and the administrator."""

    admin: Actor
    department_officer: Actor
    heads: dict[int, Actor] = field(default_factory=dict)
    officers: dict[int, Actor] = field(default_factory=dict)
    leaders: dict[int, Actor] = field(default_factory=dict)


class Hiring:
    """Makes accounts with one password hash and invented names."""

    def __init__(self, password_hash: str, seed: int, now: datetime) -> None:
        self.password_hash, self.now = password_hash, now
        self.names: Iterator[str] = people(seed)

    def hire(
        self,
        login: str,
        role: Role,
        unit: OrganisationUnit,
        department_id: int,
        *,
        position: str = "",
        phone: str = "",
    ) -> Actor:
        """A person with `role` at `unit`, as services see them."""
        name = next(self.names)
        user: User = accounts.create_user(
            login,
            name,
            phone=phone,
            password_hash=self.password_hash,
            of_unit=unit,
            actor=None,
            now=self.now,
        )
        membership = accounts.add_membership(user, unit, role, position=position, actor=None, now=self.now)
        return Actor(user.id, membership.id, role, unit.id, unit.kind, department_id, unit.name, name, 0)


def hire_department(hiring: Hiring, department: OrganisationUnit, prefix: str = "so") -> Cast:
    """The department's people: administrator, leader, officer, viewer; `prefix` begins their logins."""

    def hire(login: str, role: Role, position: str, phone: str = "") -> Actor:
        login = f"{prefix}.{login}"
        return hiring.hire(login, role, department, department.id, position=position, phone=phone)

    admin = hire("quantri", Role.DEPARTMENT_ADMIN, "Chuyên viên", "0292 000 0101")
    leader = hire("lanhdao", Role.DEPARTMENT_LEADER, "Phó Giám đốc")
    officer = hire("canbo", Role.DEPARTMENT_OFFICER, "Chuyên viên", "0292 000 0102")
    hire("nguoixem", Role.VIEWER, "Chuyên viên")
    cast = Cast(admin, officer)
    cast.officers[department.id], cast.leaders[department.id] = officer, leader
    return cast


def office_phone(place: int) -> str:
    """The number of the room of a commune that checks."""
    return f"0292 000 02{place:02d}"


def hire_commune(
    hiring: Hiring, cast: Cast, commune: OrganisationUnit, department_id: int, place: int
) -> None:
    """The checking officer and the leader of a commune."""
    phone = office_phone(place)
    cast.officers[commune.id] = hiring.hire(
        f"xa{commune.code}.canbo",
        Role.COMMUNE_OFFICER,
        commune,
        department_id,
        position="Chuyên viên Phòng Văn hóa – Xã hội",
        phone=phone,
    )
    cast.leaders[commune.id] = hiring.hire(
        f"xa{commune.code}.lanhdao",
        Role.COMMUNE_LEADER,
        commune,
        department_id,
        position="Trưởng phòng Văn hóa – Xã hội",
    )


def hire_head(hiring: Hiring, cast: Cast, school: OrganisationUnit, department_id: int) -> None:
    """The head of a school: signs in with the school's code."""
    position = POSITIONS.get(school.unit_type, "Hiệu trưởng")
    cast.heads[school.id] = hiring.hire(
        school.code, Role.UNIT_HEAD, school, department_id, position=position, phone="0292 000 0900"
    )


def hire_member(hiring: Hiring, school: OrganisationUnit, department_id: int) -> None:
    """A nurse who fills in her part; she cannot submit."""
    hiring.hire(f"{school.code}.yte", Role.UNIT_MEMBER, school, department_id, position="Nhân viên y tế")
