"""The invented schools of a department, each with its wards, sites and people: the plan and its rows."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from survey_app.accounts.service import index_words as person_words
from survey_app.core.clock import local_date
from survey_app.core.db import stored_instant
from survey_app.demo.answers import chance_of
from survey_app.demo.cast import POSITIONS
from survey_app.demo.country.places import spread
from survey_app.demo.country.scene import MOST_SITES, Commune, Department, Person, Scene
from survey_app.demo.country.tables import Rows, as_json, new_uid, no_rows, uid_of
from survey_app.demo.names import KINDS, Kind, kind_of, name_of, school_code, school_name
from survey_app.organisations.models import SCHOOL
from survey_app.organisations.naming import index_words
from survey_app.organisations.service import MAIN_SITE
from survey_app.rules.authority import Authority, managing_authority
from survey_app.rules.permissions import Role

PHONE = "0292 000 0900"
HAS_A_MEMBER = 10  # every tenth school has a nurse with an account of her own


@dataclass(frozen=True)
class Spot:
    """One school before it is stored; `number` counts over the country, `place` in the department."""

    number: int
    place: int
    unit_id: int
    site_ids: tuple[int, ...]
    ward: Commune
    of_commune: bool
    head: Person
    member: Person | None

    @property
    def kind(self) -> Kind:
        """What kind of school it is."""
        return kind_of(self.place)

    @property
    def code(self) -> str:
        """The school's code, which is also its head's login."""
        return school_code(self.number)

    @property
    def name(self) -> str:
        """The school's name; another department may have the same."""
        return self.head.unit_name

    @property
    def ownership(self) -> str:
        """Whose the school is."""
        return "tu_thuc" if self.place % len(KINDS) == 6 else "cong_lap"

    @property
    def words(self) -> tuple[str, str]:
        """Search text and Vietnamese order."""
        return index_words(SCHOOL, self.name, self.code, self.ward.name)

    @cached_property
    def sites(self) -> tuple[tuple[int, str, str], ...]:
        """(id, code, name) of every site, the main one first."""
        names = [MAIN_SITE, *(f"Điểm Ấp Mẫu {number}" for number in range(1, len(self.site_ids)))]
        return tuple(
            (key, f"{at:02d}", name) for at, (key, name) in enumerate(zip(self.site_ids, names, strict=True))
        )


def spots_of(scene: Scene, department: Department) -> list[Spot]:
    """Every school of a department, ward after ward: wards differ in how many they have."""
    chance = chance_of(scene.seed, "wards", department.code)
    used = department.communes[: max(1, department.schools // 2)]  # of a small demo not every one
    weights = [chance.betavariate(2, 3) + 0.1 for _ in used]
    wards = [
        ward
        for ward, schools in zip(used, spread(weights, department.schools), strict=True)
        for _ in range(schools)
    ]
    return [_spot(scene, department, place, ward) for place, ward in enumerate(wards)]


def _spot(scene: Scene, department: Department, place: int, ward: Commune) -> Spot:
    number, kind = department.first + place, kind_of(place)
    unit_id = scene.bases.unit + 1 + number
    site = scene.bases.site + 1 + number * MOST_SITES
    user = scene.bases.user + 1 + 2 * (scene.communes + number)
    name = school_name(place)

    def person(user_id: int, role: Role) -> Person:
        return Person(user_id, _name_of(scene.seed, user_id), role.value, unit_id, name)

    return Spot(
        number,
        place,
        unit_id,
        tuple(range(site, site + 1 + kind.satellites)),
        ward,
        managing_authority(kind.stages) is Authority.COMMUNE,
        person(user, Role.UNIT_HEAD),
        person(user + 1, Role.UNIT_MEMBER) if number % HAS_A_MEMBER == 0 else None,
    )


def officer_of(scene: Scene, ward: Commune) -> Person:
    """The checking officer of a commune."""
    return _commune_person(scene, ward, 0, Role.COMMUNE_OFFICER)


def leader_of(scene: Scene, ward: Commune) -> Person:
    """The leader of a commune, who approves."""
    return _commune_person(scene, ward, 1, Role.COMMUNE_LEADER)


def _commune_person(scene: Scene, ward: Commune, step: int, role: Role) -> Person:
    user_id = scene.bases.user + 1 + 2 * ward.place + step
    return Person(user_id, _name_of(scene.seed, user_id), role.value, ward.unit_id, ward.name)


@lru_cache(maxsize=4096)
def _name_of(seed: int, user_id: int) -> str:
    return name_of(chance_of(seed, "person", user_id))


def commune_rows(scene: Scene, department: Department, spots: list[Spot]) -> Rows:
    """Accounts of the officer and the leader of every commune that has a school."""
    rows = no_rows()
    for ward in dict.fromkeys(spot.ward for spot in spots):
        phone = f"0292 0{ward.place:06d}"
        login = f"xa{ward.code}"
        officer, leader = officer_of(scene, ward), leader_of(scene, ward)
        _account(
            rows, scene, department, officer, f"{login}.canbo", "Chuyên viên Phòng Văn hóa – Xã hội", phone
        )
        _account(rows, scene, department, leader, f"{login}.lanhdao", "Trưởng phòng Văn hóa – Xã hội", "")
    return rows


def school_rows(scene: Scene, department: Department, spots: list[Spot]) -> Rows:
    """Units, stages, sites and accounts of some schools of a department."""
    rows = no_rows()
    for spot in spots:
        _unit(rows, scene, department, spot)
        position = POSITIONS.get(spot.kind.unit_type, "Hiệu trưởng")
        _account(rows, scene, department, spot.head, spot.code, position, PHONE)
        if spot.member is not None:
            _account(rows, scene, department, spot.member, f"{spot.code}.yte", "Nhân viên y tế", "")
    return rows


def _unit(rows: Rows, scene: Scene, department: Department, spot: Spot) -> None:
    day, kind = local_date(scene.founded).isoformat(), spot.kind
    address = f"Số {spot.place + 1}, đường Mẫu, {spot.ward.name}"
    authority = spot.ward.unit_id if spot.of_commune else department.unit_id
    rows["organisation_unit"].append(
        (
            spot.unit_id,
            spot.code,
            SCHOOL,
            kind.unit_type,
            spot.name,
            spot.ward.unit_id,
            authority,
            address,
            spot.ownership,
            *spot.words,
            day,
            PHONE,
            uid_of(scene.seed, "unit", spot.number),
        )
    )
    rows["unit_stage"] += [(spot.unit_id, stage) for stage in kind.stages]
    rows["site"] += [
        (key, spot.unit_id, code, name, int(code == "00"), _site_address(name, spot, address), day)
        for key, code, name in spot.sites
    ]


def _site_address(name: str, spot: Spot, address: str) -> str:
    return address if name == MAIN_SITE else f"{name.removeprefix('Điểm ')}, {spot.ward.name}"


def _account(
    rows: Rows, scene: Scene, department: Department, who: Person, login: str, position: str, phone: str
) -> None:
    at, chance = stored_instant(scene.founded), chance_of(scene.seed, "account", who.user_id)
    uid, uniquifier = new_uid(chance), new_uid(chance)
    password = scene.password_hash
    words = person_words(who.name, login)
    rows["user_account"].append(
        (who.user_id, uid, login, who.name, phone, password, uniquifier, at, at, *words)
    )
    rows["membership"].append((who.user_id, who.unit_id, who.role, position, at))
    for action, new in (
        ("account.create", {"login": login, "name": who.name}),
        ("membership.add", {"unit_id": who.unit_id, "role": who.role}),
    ):
        by = department.admin
        actor = (at, by.user_id, by.name, by.role, by.unit_id)
        rows["audit_event"].append((*actor, action, "User", uid, None, as_json(new), "", "", "done"))
