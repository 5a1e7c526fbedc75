"""Writing the documented workbook: the empty template and a set filled in; `spreadsheet` reads both back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from survey_app.documents.xlsx import Column, Sheet, write_book
from survey_app.frameworks.documents import HEAD, Document, documents_of
from survey_app.frameworks.sheets import (
    CHECKED,
    CRITERIA,
    CRITERIA_FIELDS,
    ENTRIES,
    FIELDS,
    GUIDE,
    INFO,
    LEVEL_NOTE,
    LIST_NAMES,
    LISTS,
    NO,
    PROFILE,
    PROPOSED,
    RULES,
    SHEETS,
    SITE_RULES,
    TERM_NAMES,
    TERMS,
    UNCHECKED,
    YES,
    Entry,
    Field,
    level_fields,
)
from survey_app.frameworks.standard import TIERS, standard_lists
from survey_app.rules.framework import Framework

Line = dict[str, Any]
BLANK_LINES = 60
TITLE = "Mẫu bộ tiêu chí"


def template_bytes(now: datetime) -> bytes:
    """The empty workbook: what every set has is filled in, the rest is left to the department."""
    head: Document = {
        "code": "",
        "version": "",
        "english": False,
        "tiers": {name: {"vi": words} for name, words in TIERS.items()},
        "site_rule": "lowest",
        "bands": [{"code": "chua_dat", "vi": "Chưa đạt"}, {"code": "dat", "vi": "Đạt"}],
        "pass_rule": {"min_met_percent": 80, "all_mandatory_met": True},
        **standard_lists(),
    }
    return _book(head, (), TITLE, now, blank=BLANK_LINES)


def workbook_bytes(framework: Framework, now: datetime) -> bytes:
    """The workbook of a set: `spreadsheet.read_workbook` makes an equal set of it (its status aside)."""
    documents = documents_of(framework)
    areas = [documents[f"{area.code}.yaml"] for area in framework.areas]
    return _book(
        documents[HEAD], areas, framework.title.vi, now, mark="BẢN NHÁP" if framework.is_draft else ""
    )


def _book(
    head: Document, areas: Sequence[Document], title: str, now: datetime, *, blank: int = 0, mark: str = ""
) -> bytes:
    highest = max(len(points) for points in head["scales"].values()) - 1
    lines: Mapping[str, tuple[Sequence[Field], list[Line]]] = {
        INFO: (FIELDS[INFO], list(_entries(INFO, head, keep_empty=blank > 0))),
        CRITERIA: ((*CRITERIA_FIELDS, *level_fields(highest)), list(_criteria(areas))),
        RULES: (FIELDS[RULES], list(_entries(RULES, head, keep_empty=False))),
        PROFILE: (FIELDS[PROFILE], list(_questions(head))),
        LISTS: (FIELDS[LISTS], list(_lists(head))),
        TERMS: (FIELDS[TERMS], list(_terms(head))),
    }
    sheets = [_guide()] + [_sheet(name, *lines[name], blank, mark) for name in SHEETS if name in lines]
    made = write_book(sheets, title=title, now=now)
    assert made is not None
    return made


def _sheet(name: str, fields: Sequence[Field], lines: list[Line], blank: int, mark: str) -> Sheet:
    columns = [
        Column(field.heading, "integer" if field.kind == "whole" else "text", field.width) for field in fields
    ]
    rows = [[_cell(line.get(field.key)) for field in fields] for line in lines]
    rows += [[None] * len(fields)] * blank  # formatted as text, so that codes typed there keep their form
    return Sheet(name, columns, rows, frozen=1, mark=mark)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return ", ".join(value)
    return value if value != "" else None


def _guide() -> Sheet:
    columns = [
        Column("Trang", width=20),
        Column("Cột hoặc mục", width=40),
        Column("Cách ghi", width=90),
    ]
    rows: list[list[str]] = [[name, "", words] for name, words in _PURPOSE.items()]
    for sheet, entries in ENTRIES.items():
        rows += [[sheet, entry.label, entry.note] for entry in entries]
    rows += [[LISTS, label, "Mỗi dòng một mã."] for label in LIST_NAMES.values()]
    rows += [[TERMS, label, ""] for label in TERM_NAMES.values()]
    for sheet in (INFO, LISTS, PROFILE, TERMS):
        rows += [[sheet, field.heading, _how(field)] for field in FIELDS[sheet] if field.note]
    rows += [[CRITERIA, field.heading, _how(field)] for field in CRITERIA_FIELDS]
    rows.append([CRITERIA, "Mức 0, Mức 1 …", LEVEL_NOTE])
    return Sheet(GUIDE, columns, rows)


_PURPOSE: Mapping[str, str] = {
    GUIDE: (
        "Ghi các trang sau rồi nhập tệp ở mục Bộ tiêu chí. Hệ thống kiểm tra hết tệp và cho xem trước; "
        "có chỗ sai thì chưa nhập gì. Không đổi tên trang, tên cột; cột riêng đặt tên bắt đầu bằng Ghi chú."
    ),
    INFO: "Mã, phiên bản, tên bộ và các đoạn văn chung. Mục nào không có thì để trống hoặc xóa dòng.",
    CRITERIA: "Mỗi dòng một tiêu chí, theo thứ tự của danh mục chính thức.",
    RULES: "Khi nào đạt, các kết quả, danh hiệu và sự việc loại trừ.",
    PROFILE: "Câu hỏi có hoặc không về đơn vị, quyết định tiêu chí nào áp dụng. Không cần thì để trống.",
    LISTS: "Các mã dùng ở trang khác. Hãy xóa cấp học, loại đơn vị mà bộ này không áp dụng.",
    TERMS: "Từ ngữ được định nghĩa và số liệu còn cần đối chiếu. Không cần thì để trống.",
}


def _how(field: Field) -> str:
    return " ".join(part for part in ("Bắt buộc." if field.required else "", field.note) if part)


def _entries(sheet: str, head: Document, *, keep_empty: bool) -> Iterator[Line]:
    for entry in ENTRIES[sheet]:
        found = list(_lines_of(entry, head))
        yield from found
        if keep_empty and not found:
            yield {"label": entry.label}


def _lines_of(entry: Entry, head: Document) -> Iterator[Line]:
    value: Any = head
    for step in entry.path:
        value = value.get(step) if isinstance(value, dict) else None
    if value in (None, [], {}):
        if entry.path == ("english",):
            yield {"label": entry.label, "vi": True}
        return
    for line in _LINES[entry.kind](value if entry.repeats or entry.kind in _WHOLE else [value]):
        yield {"label": entry.label, "mark": _mark(entry, head), **line}


def _mark(entry: Entry, head: Document) -> str:
    if entry.marked is None:
        return ""
    mark, path = entry.marked
    value: Any = head
    for step in path:
        value = value.get(step, {}) if isinstance(value, dict) else {}
    return mark if value is True else UNCHECKED if mark == CHECKED else ""


def _said(part: Document) -> Line:
    return {"vi": part.get("vi"), "en": part.get("en")}


def _single(values: Iterable[Any]) -> Iterator[Line]:
    yield from ({"vi": SITE_RULES.get(value, value) if isinstance(value, str) else value} for value in values)


def _counts(counts: Document) -> Iterator[Line]:
    for code, count in counts.items():
        yield {"code": code, "first": count["min_met"], "second": count["min_mandatory_met"]}


def _coded(parts: Iterable[Document]) -> Iterator[Line]:
    for part in parts:
        yield {
            "code": part["code"],
            **_said(part),
            "first": part.get("min_quality", part.get("valid_years")),
            "second": part.get("min_each_area"),
            "codes": part.get("bands"),
            **({"mark": PROPOSED} if part.get("proposal") else {}),
        }


_WHOLE = ("count", "band", "award", "event", "answer")
_LINES: Mapping[str, Any] = {
    "said": lambda parts: (_said(part) for part in parts),
    "code": _single,
    "yes": _single,
    "site_rule": _single,
    "percent": lambda values: ({"first": value} for value in values),
    "count": _counts,
    **dict.fromkeys(("band", "award", "event", "answer"), _coded),
}


def _lists(head: Document) -> Iterator[Line]:
    for name, label in LIST_NAMES.items():
        if name != "scales":
            yield from ({"label": label, "code": part["code"], **_said(part)} for part in head.get(name, ()))
            continue
        for code, points in head["scales"].items():
            for point in points:
                line = {"label": label, "code": code, **_said(point)}
                yield line | {"value": point["value"], "met": point["met"]}


def _questions(head: Document) -> Iterator[Line]:
    for question in head.get("profile", {}).get("questions", ()):
        hint = question.get("help", {})
        yield {
            "code": question["code"],
            **_said(question),
            "help_vi": hint.get("vi"),
            "help_en": hint.get("en"),
            "comparison_only": question.get("comparison_only") or None,
        }


def _terms(head: Document) -> Iterator[Line]:
    for definition in head.get("definitions", ()):
        term = definition["term"]
        yield {
            "label": TERM_NAMES["definitions"],
            "term": term["vi"],
            "term_en": term.get("en"),
            **_said(definition),
            "mark": PROPOSED if definition.get("proposal") else None,
        }
    for number in head.get("numbers_to_check", ()):
        yield {
            "label": TERM_NAMES["numbers_to_check"],
            "term": number["codes"],
            **_said(number),
            "mark": CHECKED if number["verified"] else UNCHECKED,
        }


def _criteria(areas: Iterable[Document]) -> Iterator[Line]:
    for area in areas:
        for criterion in area["criteria"]:
            for indicator in criterion["indicators"]:
                line = {f"area.{key}": area.get(key) for key in ("code", "vi", "en", "weight")}
                line |= {f"criterion.{key}": criterion.get(key) for key in ("code", "vi", "en")}
                yield line | _indicator(indicator)


def _indicator(indicator: Document) -> Line:
    line = {key: value for key, value in indicator.items() if key not in ("levels", "legal_anchors")}
    anchors = indicator.get("legal_anchors", ())
    line["legal_anchors"] = "\n".join(
        f"{a['document']} | {a['article']} | {CHECKED if a['verified'] else UNCHECKED}" for a in anchors
    )
    for level in indicator.get("levels", ()):
        for name in ("vi", "en", "next_vi", "next_en"):
            line[f"level.{level['value']}.{name}"] = level.get(name)
    return line
