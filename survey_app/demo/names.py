"""Invented names of schools and people; "Mẫu" in every school name marks it as an example.

Pure and repeatable: the same seed gives the same names in the same order.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

FLOWERS = (
    "Hướng Dương",
    "Phượng Vĩ",
    "Sen Hồng",
    "Bằng Lăng",
    "Hoa Súng",
    "Hoa Mai",
    "Hoa Ban",
    "Hoa Cúc",
    "Thiên Lý",
    "Dạ Lan",
    "Ngọc Lan",
    "Bông Điên Điển",
    "Cẩm Tú",
    "Hoa Sứ",
    "Mộc Miên",
    "Osaka Vàng",
    "Bạch Đàn",
    "Cây Đước",
    "Cây Tràm",
    "Dừa Nước",
    "Hoa Nắng",
    "Sao Biển",
    "Cánh Cò",
    "Đồng Lúa",
    "Phù Sa",
    "Măng Non",
    "Ánh Dương",
    "Bình Minh Xanh",
    "Sông Xanh",
    "Vườn Cây",
    "Chim Én",
    "Hoa Lục Bình",
    "Trăng Rằm",
    "Cầu Vồng",
    "Hạt Giống",
    "Lá Xanh",
)
FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Huỳnh",
    "Phan",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Thạch",
    "Sơn",
    "Lâm",
    "Danh",
)
MIDDLE = ("Thị Mẫu", "Văn Mẫu", "Minh Mẫu", "Thanh Mẫu", "Ngọc Mẫu", "Hoàng Mẫu")
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dung",
    "Giang",
    "Hà",
    "Hạnh",
    "Hiếu",
    "Hòa",
    "Khánh",
    "Lan",
    "Linh",
    "Mai",
    "Minh",
    "Nam",
    "Ngân",
    "Nhung",
    "Phúc",
    "Phương",
    "Quân",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thủy",
    "Trang",
    "Tú",
    "Vân",
    "Yến",
)


@dataclass(frozen=True)
class Kind:
    """A kind of school the demo has: words before the name, stages, unit type, how many satellite sites."""

    prefix: str
    stages: tuple[str, ...]
    unit_type: str = "truong"
    satellites: int = 0


KINDS: tuple[Kind, ...] = (
    Kind("THCS", ("thcs",)),
    Kind("Tiểu học", ("tieu_hoc",), satellites=2),
    Kind("Mầm non", ("mam_non",), satellites=1),
    Kind("THPT", ("thpt",)),
    Kind("TH và THCS", ("tieu_hoc", "thcs"), satellites=1),
    Kind("Tiểu học", ("tieu_hoc",)),
    Kind("Mầm non", ("mam_non",)),
    Kind("THCS và THPT", ("thcs", "thpt")),
    Kind("THCS", ("thcs",), satellites=1),
    Kind("Trung tâm GDNN-GDTX", ("gdtx",), "trung_tam"),
    Kind("Mầm non và Tiểu học", ("mam_non", "tieu_hoc")),  # fills in both sets
)

# Real wards of Cần Thơ (public administrative names); two stay together so that each has several schools.
WARDS = ("31135", "31168", "31299", "31207", "31321", "31528")


@dataclass(frozen=True)
class SchoolPlan:
    """One invented school before it is stored. Codes start with 99, which no province has."""

    code: str
    name: str
    kind: Kind
    ward_code: str
    place: int


def plan_schools(count: int) -> list[SchoolPlan]:
    """`count` invented schools spread over the demo's wards, names never repeated inside one kind."""
    plans = []
    for place in range(count):
        ward = WARDS[(place // 3) % len(WARDS)]
        plans.append(SchoolPlan(school_code(place), school_name(place), kind_of(place), ward, place))
    return plans


def kind_of(place: int) -> Kind:
    """The kinds of school take turns."""
    return KINDS[place % len(KINDS)]


def school_code(place: int) -> str:
    """The code of the school at this place; one has a letter in it, as real lists have."""
    return f"99000F{place + 1:02d}" if place == 3 else f"99{place + 1:06d}"


def school_name(place: int) -> str:
    """The name of the school at this place of a list: a flower, with a number once all are used."""
    flower = FLOWERS[(place + place // len(FLOWERS)) % len(FLOWERS)]
    again = place // (len(FLOWERS) * 5)
    return f"{kind_of(place).prefix} Mẫu {flower}" + (f" {again + 1}" if again else "")


def people(seed: int) -> Iterator[str]:
    """An endless row of invented full names."""
    chance = random.Random(seed)
    for _ in itertools.count():
        yield name_of(chance)


def name_of(chance: random.Random) -> str:
    """One invented full name."""
    return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"
