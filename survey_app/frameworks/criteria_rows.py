"""The sheet “Tiêu chí” of a workbook: one row an indicator, its area and criterion beside it."""

from collections.abc import Sequence

from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.draft import Draft, Loc, Row
from survey_app.frameworks.sheets import CRITERIA, FIELDS

NOT_SAME = "Khác với dòng %(row)s của cùng mã. Hãy ghi giống nhau hoặc để trống."
NO_PARENT = "Chưa có mã ở dòng này và các dòng trên."
AREA, CRITERION = "area", "criterion"


class CriteriaRows:
    """Puts row after row; what is left empty in the upper tiers is as in the row above (merged cells)."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.fields = {field.key: field for field in FIELDS[CRITERIA]}
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

    def _indicator(self, file: str, loc: Loc, row: Row) -> None:
        self.draft.put(file, (*loc, "mandatory"), False, row["mandatory"])
        for key, field in self.fields.items():
            if "." not in key:
                self.draft.put_field(file, (*loc, key), field, row)
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
