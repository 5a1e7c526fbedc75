"""Reading the list of communes that ships with the program."""

import csv
from dataclasses import dataclass
from importlib.resources import files

from survey_app.organisations.places import area_type_of

DEPARTMENT_CODE = "92"
DEPARTMENT_NAME = "Sở Giáo dục và Đào tạo thành phố Cần Thơ"


@dataclass(frozen=True)
class CommuneRow:
    """One commune or ward of the shipped list."""

    code: str
    name: str
    area_type: str


def read_communes() -> tuple[CommuneRow, ...]:
    """The 103 communes and wards of Cần Thơ (source and licences: organisations/data/README.md)."""
    text = (
        files("survey_app.organisations")
        .joinpath("data/can_tho_communes.csv")
        .read_text(encoding="utf-8-sig")
    )
    return tuple(
        CommuneRow(row["ward_code"], row["ward_full"], area_type_of(row["ward_full"]))
        for row in csv.DictReader(text.splitlines())
    )
