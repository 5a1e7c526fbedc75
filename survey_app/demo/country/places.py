"""The provinces and communes of Vietnam, and how many schools the demo gives each department."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from survey_app.organisations.loader import DEPARTMENT_CODE, CommuneRow, read_communes
from survey_app.organisations.places import area_type_of

HOME = DEPARTMENT_CODE  # the first department: its people keep the logins of the small demo
# Schools as the departments told the press for the school year 2025-2026; Cần Thơ as its list of 20/8/2025.
KNOWN = {"79": 3_517, "01": 2_954, HOME: 1_215}
PER_COMMUNE = 15.5  # of the others, so that the whole country has about 53,000


@dataclass(frozen=True)
class Province:
    """One province or city with its communes and wards in the order of their codes."""

    code: str
    name: str
    communes: tuple[CommuneRow, ...]

    @property
    def department(self) -> str:
        """The name of its department ("Sở Giáo dục và Đào tạo tỉnh Cao Bằng")."""
        return f"Sở Giáo dục và Đào tạo {self.name[0].lower()}{self.name[1:]}"


def read_provinces() -> tuple[Province, ...]:
    """All 34, Cần Thơ first (source and licences: demo/data/README.md)."""
    communes: dict[str, list[CommuneRow]] = defaultdict(list, {HOME: list(read_communes())})
    for row in _rows("communes.csv"):
        name = row["ward_full"]
        communes[row["province_code"]].append(CommuneRow(row["ward_code"], name, area_type_of(name)))
    found = [
        Province(row["code"], row["name"], tuple(communes[row["code"]])) for row in _rows("provinces.csv")
    ]
    return tuple(sorted(found, key=lambda province: (province.code != HOME, province.code)))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("survey_app.demo").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def share_schools(provinces: Sequence[Province], schools: int) -> list[int]:
    """How many of `schools` each department has, at least one: what is known of it, else by its communes."""
    weights = [KNOWN.get(province.code, PER_COMMUNE * len(province.communes)) for province in provinces]
    return spread(weights, schools)


def spread(weights: Sequence[float], whole: int) -> list[int]:
    """`whole` things in proportion to the weights, at least one each while there are enough; adds up."""
    free = max(whole - len(weights), 0)
    exact = [free * weight / sum(weights) for weight in weights]
    parts = [int(share) + (place < whole) for place, share in enumerate(exact)]
    by_rest = sorted(range(len(weights)), key=lambda place: int(exact[place]) - exact[place])
    for place in by_rest[: whole - sum(parts)]:
        parts[place] += 1
    return parts
