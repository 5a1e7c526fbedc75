"""A list of people from Excel: checked row by row, then accounts, roles and codes for all of them at once.

For the officers and leaders of a hundred communes, whom nobody should have to type in one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from survey_app.accounts import codes, queries, scope, service
from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import BadText, clean, fold
from survey_app.invitations.people_columns import BY_FIELD, COLUMNS, read_role
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit
from survey_app.organisations.spreadsheet import Table
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.permissions import GRANTABLE, Role

MOST = 500


@dataclass(frozen=True)
class NewPerson:
    """One row that can be written: who, where, as what."""

    row: int
    unit_id: int
    unit_name: str
    ward_name: str
    role: Role
    name: str
    login: str
    position: str
    phone: str
    email: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class PeoplePlan:
    """What a list would do: people to add, rows to mend, and how many are there already."""

    people: Sequence[NewPerson]
    faults: Sequence[Fault]
    known: int


class MissingColumns(BadInput):
    """Columns without which a list cannot be read."""

    message = N_("Thiếu cột: %(columns)s. Hãy dùng mẫu Excel.")


class TooManyPeople(BadInput):
    """More rows than are written at once."""

    message = N_("Danh sách có hơn %(most)s dòng. Hãy chia thành nhiều tệp.")


def plan_people(table: Table, *, actor: Actor) -> PeoplePlan:
    """Check every row of a list against the units the actor looks after; writes nothing.

    Somebody of the same name with the same role at the unit counts as there already. Raises
    `MissingColumns`, `TooManyPeople`.
    """
    rows = _read_rows(table)
    units = _units({cells["code"] for _, cells in rows}, actor)
    there = _there(unit.id for unit in units.values())
    reader = _Reader(actor, units)
    people, known = [], 0
    for number, cells in rows:
        person = reader.read(number, cells)
        if person is not None and (person.unit_id, person.role, fold(person.name)) in there:
            known += 1
        elif person is not None:
            people.append(person)
    return PeoplePlan(people, reader.faults, known)


def _read_rows(table: Table) -> list[tuple[int, dict[str, str]]]:
    keys = [fold(heading) for heading in table.headings]
    places = {
        column.field: next((keys.index(key) for key in column.headings() if key in keys), None)
        for column in COLUMNS
    }
    missing = [column.heading for column in COLUMNS if column.required and places[column.field] is None]
    if missing:
        raise MissingColumns(columns=", ".join(missing))
    if len(table.rows) > MOST:
        raise TooManyPeople(most=MOST)
    rows = [
        (number, {field: _cell(cells, place) for field, place in places.items()})
        for number, cells in table.rows
    ]
    return [(number, cells) for number, cells in rows if cells["name"]]  # the template's rows not filled in


def _cell(cells: Sequence[str], place: int | None) -> str:
    return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""


def _units(found: Iterable[str], actor: Actor) -> Mapping[str, OrganisationUnit]:
    unit = OrganisationUnit
    where = (
        unit.code.in_({code.upper() for code in found}),
        scope.managed_units(actor),
        unit.valid_to.is_(None),
    )
    return {one.code: one for one in session.scalars(select(unit).where(*where))}


def _there(unit_ids: Iterable[int]) -> set[tuple[int, str, str]]:
    rows = session.execute(
        select(Membership.unit_id, Membership.role, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.unit_id.in_(list(unit_ids)), Membership.ends_at.is_(None))
    )
    return {(unit_id, role, fold(name)) for unit_id, role, name in rows}


class _Reader:
    """Takes one row after the other and collects every fault rather than the first."""

    def __init__(self, actor: Actor, units: Mapping[str, OrganisationUnit]) -> None:
        self.actor, self.units = actor, units
        self.faults: list[Fault] = []
        self.logins: set[str] = set()
        self.emails: set[str] = set()
        self.heads: set[int] = set()

    def read(self, row: int, cells: Mapping[str, str]) -> NewPerson | None:
        before = len(self.faults)
        values = {field: self._text(row, field, text) for field, text in cells.items()}
        unit = self.units.get(cells["code"].upper())
        if unit is None:
            self._fault(row, "code", N_("Không có đơn vị mang mã này trong phạm vi quản lý."))
            return None
        role = self._role(row, unit, values["role"])
        login = self._login(row, unit, role, values)
        email = self._email(row, values["email"])
        if role is None or len(self.faults) > before:
            return None
        ward = unit.parent.name if unit.kind == SCHOOL and unit.parent else ""
        words = values["name"], login, values["position"], values["phone"], email
        return NewPerson(row, unit.id, unit.name, ward, role, *words)

    def _fault(self, row: int, field: str, text: str) -> None:
        self.faults.append(Fault(row, BY_FIELD[field].heading, text))

    def _text(self, row: int, field: str, text: str) -> str:
        column = BY_FIELD[field]
        try:
            text = clean(text)
        except BadText as error:
            self._fault(row, field, str(error))
            return ""
        if len(text) > column.longest or (text and column.shape and not column.shape.match(text)):
            self._fault(row, field, column.wrong)
        return text

    def _role(self, row: int, unit: OrganisationUnit, text: str) -> Role | None:
        role = read_role(text, unit.kind)
        if role is None:
            self._fault(row, "role", N_("Chưa rõ vai trò. Hãy ghi như trong mẫu, ví dụ Cán bộ kiểm tra."))
        elif role not in GRANTABLE[self.actor.role]:
            self._fault(row, "role", N_("Tài khoản này không được giao vai trò đó."))
        elif role is Role.UNIT_HEAD:
            if queries.head_membership(unit.id) is not None or unit.id in self.heads:
                self._fault(row, "role", N_("Đơn vị đã có thủ trưởng."))
            self.heads.add(unit.id)
        return role

    def _login(self, row: int, unit: OrganisationUnit, role: Role | None, values: Mapping[str, str]) -> str:
        wanted = values["login"] or (unit.code if role is Role.UNIT_HEAD else "")
        if not wanted:
            return self._free_login(values["name"], unit.code)
        if wanted.lower() in self.logins or queries.login_taken(wanted):
            self._fault(row, "login", N_("Tên đăng nhập này đã có người dùng."))
        self.logins.add(wanted.lower())
        return wanted

    def _free_login(self, name: str, code: str) -> str:
        """Given name, initials of the rest, the unit's code: annv.31135; a number where it is taken."""
        *rest, given = fold(name).split() or ["nguoi"]
        stem = "".join(char for char in given + "".join(word[0] for word in rest) if char.isalnum())[:20]
        number = 1
        while True:
            login = f"{stem}{number if number > 1 else ''}.{code.lower()}"
            if login not in self.logins and not queries.login_taken(login):
                self.logins.add(login)
                return login
            number += 1

    def _email(self, row: int, text: str) -> str:
        email = text.lower()
        if email and (email in self.emails or queries.email_taken(email)):
            self._fault(row, "email", N_("Thư điện tử này đã dùng cho tài khoản khác."))
        self.emails.add(email)
        return email


class NobodyNew(RuleError):
    """Everybody of the list is there already (409)."""

    message = N_("Không còn ai mới trong danh sách này.")


class RowsToMend(RuleError):
    """Some rows are wrong: nobody is written (409)."""

    message = N_("Danh sách còn dòng cần sửa nên chưa tạo tài khoản nào. Hãy sửa tệp rồi nhập lại.")


def create_people(plan: PeoplePlan, drawn: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Make the accounts, roles and codes of a plan made under the write lock: all of them or none.

    `drawn` are the codes, one for each person in order. Raises `RowsToMend`, `NobodyNew` and what the
    services of one person raise.
    """
    if plan.faults:
        raise RowsToMend()
    if not plan.people:
        raise NobodyNew()
    for person, code in zip(plan.people, drawn, strict=True):
        user = service.create_user(
            person.login, person.name, email=person.email or None, phone=person.phone, actor=actor, now=now
        )
        unit = session.get_one(OrganisationUnit, person.unit_id)
        service.add_membership(user, unit, person.role, position=person.position, actor=actor, now=now)
        codes.issue(user, code, actor=actor, now=now)


def vacant_roles(actor: Actor) -> list[tuple[str, str, Role]]:
    """(code, name, role) of the communes that nobody holds a role at yet, for the template's rows."""
    unit, wanted = OrganisationUnit, [Role.COMMUNE_LEADER, Role.COMMUNE_OFFICER]
    where = scope.managed_units(actor), unit.kind == COMMUNE, unit.valid_to.is_(None)
    found = []
    for role in (role for role in wanted if role in GRANTABLE[actor.role]):
        held = aliased(Membership)
        holds = exists().where(held.unit_id == unit.id, held.role == role, held.ends_at.is_(None))
        rows = session.execute(select(unit.code, unit.name, unit.sort_key).where(*where, ~holds))
        found += [(key, code, name, role) for code, name, key in rows]
    return [(code, name, role) for _, code, name, role in sorted(found, key=lambda row: (row[0], row[3]))]
