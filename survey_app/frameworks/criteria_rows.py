"""The sheet “Tiêu chí” of a workbook: one row an indicator, its area and criterion beside it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from survey_app.core.vietnamese import fold
from survey_app.frameworks.documents import HEAD, Document
from survey_app.frameworks.draft import Draft, Loc, Row
from survey_app.frameworks.sheets import CRITERIA, FIELDS

NOT_SAME = "Khác với dòng %(row)s của cùng mã. Hãy ghi giống nhau hoặc để trống."
NO_PARENT = "Chưa có mã ở dòng này và các dòng trên."
AREA, CRITERION = "area", "criterion"
# Which list of the head the words of a column come from.
_LISTS = {
    "stages": "stages",
    "unit_types": "unit_types",
    "mandatory": "unit_types",
    "evidence": "evidence_kinds",
    "evidence_policy": "evidence_policies",
}
_POLICY_WORDS = {"binh thuong": "normal", "thuong": "normal", "khong tai du lieu ca nhan": "no_personal"}


def _codes_by_name(head: Document) -> dict[str, dict[str, str]]:
    """For each column the folded names of its list and the code each stands for; codes stay themselves."""
    found = {
        column: {
            fold(part["vi"]): part["code"]
            for part in head.get(name) or ()
            if isinstance(part.get("vi"), str) and isinstance(part.get("code"), str)
        }
        for column, name in _LISTS.items()
    }
    policies = {part.get("code") for part in head.get("evidence_policies") or ()}
    found["evidence_policy"] |= {word: code for word, code in _POLICY_WORDS.items() if code in policies}
    found["scale"] = {}
    for code, points in (head.get("scales") or {}).items():
        names = [point["vi"] for point in points if isinstance(point.get("vi"), str)]
        for order in (names, names[::-1]):
            found["scale"][fold(" ".join(order))] = code
        values = [point.get("value") for point in points]
        found["scale"].setdefault(fold(f"mức {values[0]} đến {values[-1]}"), code)
        found["scale"].setdefault(fold(f"mức {values[0]}-{values[-1]}"), code)
    return found


class CriteriaRows:
    """Puts row after row; what is left empty in the upper tiers is as in the row above (merged cells)."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.fields = {field.key: field for field in FIELDS[CRITERIA]}
        self.codes = _codes_by_name(draft.documents[HEAD])
        self.current: dict[str, str] = {}
        self.first_rows: dict[tuple[str, str], Row] = {}

    def put_all(self, rows: Sequence[Row]) -> None:
        """Put every row of the sheet."""
        for row in rows:
            self._move(row)
            missing = next((tier for tier in (AREA, CRITERION) if tier not in self.current), None)
            if missing:
                self.draft.fault(row[f"{missing}.code"], NO_PARENT)
            else:
                self._put(row)

    def _move(self, row: Row) -> None:
        for tier in (AREA, CRITERION):
            code = self.draft.value(self.fields[f"{tier}.code"], row[f"{tier}.code"])
            if code is not None and code != self.current.get(tier):
                self.current[tier] = code
                if tier == AREA:
                    self.current.pop(CRITERION, None)

    def _put(self, row: Row) -> None:
        file = f"{self.current[AREA]}.yaml"
        self._upper(AREA, file, (), row)
        index = self._place_of_criterion(file)
        loc: Loc = ("criteria", index)
        self._upper(CRITERION, file, loc, row)
        members = self.draft.documents[file]["criteria"][index].setdefault("indicators", [])
        self._indicator(file, (*loc, "indicators", len(members)), row)

    def _place_of_criterion(self, file: str) -> int:
        codes = [criterion["code"] for criterion in self.draft.documents[file].get("criteria", [])]
        code = self.current[CRITERION]
        return codes.index(code) if code in codes else len(codes)

    def _upper(self, tier: str, file: str, loc: Loc, row: Row) -> None:
        """Name and weight of an area or criterion from its first row; later rows may only repeat them."""
        code = self.current[tier]
        keys = [key for key in self.fields if key.startswith(f"{tier}.") and key != f"{tier}.code"]
        if (tier, code) in self.first_rows:
            for key in keys:
                first = self.first_rows[tier, code][key]
                if not row[key].empty and row[key].value != first.value:
                    self.draft.fault(row[key], NOT_SAME % {"row": first.row})
            return
        self.first_rows[tier, code] = row
        self.draft.put(file, (*loc, "code"), code, row[f"{tier}.code"])
        for key in keys:
            self.draft.put_field(file, (*loc, key.partition(".")[2]), self.fields[key], row)
        if tier == AREA:
            self.draft.documents[file].setdefault("weight", 1)
            areas = self.draft.documents[HEAD].setdefault("areas", [])
            self.draft.put(HEAD, ("areas", len(areas)), code, row[f"{tier}.code"])

    def _with_codes(self, key: str, row: Row) -> Row:
        """The row with codes where officials wrote the names of the lists ("Ảnh chụp", "Đạt, Chưa đạt")."""
        names, cell = self.codes.get(key), row[key]
        if not names or not isinstance(cell.value, str):
            return row
        whole = names.get(fold(cell.value))
        parts = [part.strip() for part in re.split(r"[,;\n]", cell.value) if part.strip()]
        text = whole or ", ".join(names.get(fold(part), part) for part in parts)
        return {**row, key: replace(cell, value=text)} if text != cell.value else row

    def _indicator(self, file: str, loc: Loc, row: Row) -> None:
        self.draft.put(file, (*loc, "mandatory"), False, row["mandatory"])
        for key, field in self.fields.items():
            if "." not in key:
                self.draft.put_field(file, (*loc, key), field, self._with_codes(key, row))
        filled = {key for key in row if key.startswith("level.") and not row[key].empty}
        for index, value in enumerate(sorted({int(key.split(".")[1]) for key in filled})):
            self._level(file, (*loc, "levels", index), value, row)

    def _level(self, file: str, loc: Loc, value: int, row: Row) -> None:
        sentence = row[f"level.{value}.vi"]
        self.draft.put(file, (*loc, "value"), value, sentence)
        for name in ("vi", "en", "next_vi", "next_en"):
            field = self.fields.get(f"level.{value}.{name}")
            if field:
                self.draft.put_field(file, (*loc, name), field, row)
        if sentence.empty:
            self.draft.put(file, (*loc, "vi"), None, sentence)
