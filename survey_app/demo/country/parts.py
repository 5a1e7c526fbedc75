"""The parts that are written in bulk, each from plain values alone: made in any process, in any order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from survey_app.demo.country.answering import answer_rows, evidence_rows
from survey_app.demo.country.case import cases_of, entry_of, participation_row, profile_row
from survey_app.demo.country.checking import check, checking_rows
from survey_app.demo.country.concluding import assessment_row, result_rows
from survey_app.demo.country.scene import Scene
from survey_app.demo.country.schools import Spot, commune_rows, school_rows, spots_of
from survey_app.demo.country.tables import Rows, no_rows
from survey_app.demo.country.telling import history_rows

CHUNK = 200  # schools in one transaction
PEOPLE, SCHOOLS, FORMS = "people", "schools", "forms"


class Part(NamedTuple):
    """Some rows to be made: of which department, for which of its schools, in which round (FORMS)."""

    kind: str
    department: int
    start: int = 0
    stop: int = 0
    round: int = 0

    @property
    def key(self) -> str:
        """What a part is remembered by once it is written."""
        return f"{self.kind}-{self.round}-{self.department}-{self.start}"


def chunks(kind: str, department: int, schools: int, round_: int = 0) -> Iterator[Part]:
    """The parts that the schools of a department fall into."""
    for start in range(0, schools, CHUNK):
        yield Part(kind, department, start, min(start + CHUNK, schools), round_)


@dataclass
class Maker:
    """Makes the rows of parts; remembers the schools of the department it is at."""

    scene: Scene
    at: int = -1
    spots: list[Spot] | None = None

    def make(self, part: Part) -> Rows:
        """The rows of one part: the same for the same scene, whoever makes them."""
        department = self.scene.departments[part.department]
        if self.at != part.department or self.spots is None:
            self.at, self.spots = part.department, spots_of(self.scene, department)
        if part.kind == PEOPLE:
            return commune_rows(self.scene, department, self.spots)
        chosen = self.spots[part.start : part.stop]
        if part.kind == SCHOOLS:
            return school_rows(self.scene, department, chosen)
        rows = no_rows()
        for spot in chosen:
            self._forms(rows, part, spot)
        rows["audit_event"].sort(key=lambda row: str(row[0]))
        return rows

    def _forms(self, rows: Rows, part: Part, spot: Spot) -> None:
        scene = self.scene
        round_ = scene.rounds[part.round][part.department]
        entry = entry_of(scene, scene.departments[part.department], round_, spot)
        rows["participation"].append(participation_row(entry))
        cases = cases_of(entry)
        if profile := profile_row(entry, cases):
            rows["school_profile"].append(profile)
        shows = next((case for case in cases if case.made), None)
        for case in cases:
            answer_rows(rows, case)
            if case is shows:  # the school's pictures serve one of its forms
                evidence_rows(rows, case)
            rows["assessment"].append(assessment_row(case))
            checked = check(case)
            checking_rows(rows, case, checked)
            result_rows(rows, case, checked)
            history_rows(rows, case, checked)
