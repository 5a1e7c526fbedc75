"""The sheets of a workbook beside “Tiêu chí”: entries, lists, questions and terms become the head."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.core.vietnamese import fold
from survey_app.frameworks.cells import Cell
from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.draft import Draft, Loc, Row
from survey_app.frameworks.sheets import (
    CHECKED,
    ENTRIES,
    FIELDS,
    INFO,
    LIST_NAMES,
    LISTS,
    PROFILE,
    PROPOSED,
    RULES,
    SITE_RULES,
    TERM_NAMES,
    TERMS,
    UNCHECKED,
    Entry,
    Field,
)
from survey_app.frameworks.standard import standard_lists

NO_ENTRY = "Không có mục nào tên “%(name)s”. Các mục có thể ghi nằm ở trang “Hướng dẫn”."
ENTRY_TWICE = "Mục này đã ghi ở dòng %(row)s."
BAD_MARK = "Chỉ ghi %(marks)s, hoặc để trống."
BAD_SITE_RULE = "Chỉ ghi thấp nhất hoặc điểm chính."


def read_head(draft: Draft, tables: Mapping[str, Sequence[Row]]) -> None:
    """Put what the sheets beside “Tiêu chí” say; without a sheet of lists the usual lists hold."""
    for sheet in (INFO, RULES):
        _entries(draft, sheet, tables[sheet])
    if LISTS in tables:
        _lists(draft, tables[LISTS])
    else:
        draft.documents[HEAD] |= standard_lists()
    _questions(draft, tables.get(PROFILE, ()))
    _terms(draft, tables.get(TERMS, ()))


def _entries(draft: Draft, sheet: str, rows: Sequence[Row]) -> None:
    known = {fold(entry.label): entry for entry in ENTRIES[sheet]}
    fields = {field.key: field for field in FIELDS[sheet]}
    seen: dict[Loc, int] = {}
    for row in rows:
        label = row["label"]
        if all(cell.empty for key, cell in row.items() if key != "label"):
            continue
        entry = known.get(fold(str(label.value)))
        if entry is None:
            draft.fault(label, NO_ENTRY % {"name": label.value})
            continue
        repeats = entry.repeats or entry.kind in ("count", "band", "award", "event", "answer")
        if not repeats and entry.path in seen:
            draft.fault(label, ENTRY_TWICE % {"row": seen[entry.path]})
            continue
        seen[entry.path] = label.row
        _entry(draft, entry, {key: (fields[key], cell) for key, cell in row.items()})


Typed = Mapping[str, tuple[Field, Cell]]


def _entry(draft: Draft, entry: Entry, row: Typed) -> None:
    label = row["label"][1]
    loc: Loc = entry.path
    _mark(draft, entry, row)
    if entry.kind in ("code", "yes", "site_rule"):
        _single(draft, entry, row)
    elif entry.kind == "percent":
        draft.put(HEAD, loc, draft.value(*row["first"]), row["first"][1])
    elif entry.kind == "count":
        code = draft.value(*row["code"]) or ""
        for key, name in (("first", "min_met"), ("second", "min_mandatory_met")):
            draft.put(HEAD, (*loc, code, name), draft.value(*row[key]), row[key][1])
        draft.note(HEAD, (*loc, code), row["code"][1])
    else:
        if entry.repeats or entry.kind != "said":
            loc = (*loc, len(_held(draft, loc)))
        draft.note(HEAD, loc, label)
        _said(draft, loc, row)
        _extras(draft, entry, loc, row)


def _held(draft: Draft, loc: Loc) -> list[Any]:
    held: Any = draft.documents[HEAD]
    for step in loc:
        held = held.get(step, {}) if isinstance(held, dict) else {}
    return held if isinstance(held, list) else []


def _single(draft: Draft, entry: Entry, row: Typed) -> None:
    cell = row["vi"][1]
    value = draft.value(Field("vi", "", "text" if entry.kind == "site_rule" else entry.kind), cell)
    if entry.kind == "site_rule" and value is not None:
        rules = {fold(words): rule for rule, words in SITE_RULES.items()}
        if fold(value) not in rules:
            draft.fault(cell, BAD_SITE_RULE)
        value = rules.get(fold(value), "lowest")
    if value is not None or cell.empty:
        draft.put(HEAD, entry.path, value, cell)


def _said(draft: Draft, loc: Loc, row: Typed) -> None:
    draft.put(HEAD, (*loc, "vi"), draft.value(*row["vi"]), row["vi"][1])
    english = draft.value(*row["en"])
    if english is not None:
        draft.put(HEAD, (*loc, "en"), english, row["en"][1])
    draft.note(HEAD, (*loc, "en"), row["en"][1])


_EXTRAS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "band": (("code", "code"), ("first", "min_quality"), ("second", "min_each_area")),
    "award": (("code", "code"), ("first", "valid_years"), ("codes", "bands")),
    "event": (("code", "code"),),
    "answer": (("code", "code"),),
}


def _extras(draft: Draft, entry: Entry, loc: Loc, row: Typed) -> None:
    for key, name in _EXTRAS.get(entry.kind, ()):
        field, cell = row[key]
        value = draft.value(field, cell)
        if value is not None or key == "code" or name == "valid_years":
            draft.put(HEAD, (*loc, name), value, cell)
    if entry.kind == "band":
        draft.put(HEAD, (*loc, "requires_pass"), loc[-1] != 0, row["label"][1])
    if entry.kind in ("band", "award") and _has_mark(draft, row["mark"][1], (PROPOSED,)):
        draft.put(HEAD, (*loc, "proposal"), True, row["mark"][1])


def _mark(draft: Draft, entry: Entry, row: Typed) -> None:
    if entry.kind in ("band", "award"):
        return
    cell = row["mark"][1]
    wanted = (entry.marked[0],) if entry.marked else ()
    if _has_mark(draft, cell, wanted) and entry.marked:
        draft.put(HEAD, entry.marked[1], True, cell)


def _has_mark(draft: Draft, cell: Cell, wanted: Sequence[str]) -> bool:
    """True when the cell carries one of these marks; any other word in it is a fault."""
    if cell.empty:
        return False
    found = fold(str(cell.value))
    if found in {fold(mark) for mark in wanted}:
        return True
    opposites = {fold(UNCHECKED)} if CHECKED in wanted else set()
    if found not in opposites:
        draft.fault(cell, BAD_MARK % {"marks": " / ".join(wanted) or "–"})
    return False


def _lists(draft: Draft, rows: Sequence[Row]) -> None:
    names = {fold(label): name for name, label in LIST_NAMES.items()}
    fields = {field.key: field for field in FIELDS[LISTS]}
    for name in ("stages", "unit_types", "evidence_kinds", "evidence_policies"):
        draft.documents[HEAD][name] = []
    draft.documents[HEAD]["scales"] = {}
    for row in rows:
        name = names.get(fold(str(row["label"].value)), "")
        if not name:
            draft.fault(row["label"], NO_ENTRY % {"name": row["label"].value})
            continue
        path: Loc = (name,)
        if name == "scales":
            code = draft.value(fields["code"], row["code"]) or ""
            path = (name, code)
            draft.documents[HEAD]["scales"].setdefault(code, [])
        loc = (*path, len(_held(draft, path)))
        keys = ("vi", "en", "value", "met") if name == "scales" else ("code", "vi", "en")
        for key in keys:
            draft.put_field(HEAD, (*loc, key), fields[key], row)


def _questions(draft: Draft, rows: Sequence[Row]) -> None:
    fields = {field.key: field for field in FIELDS[PROFILE]}
    for index, row in enumerate(rows):
        loc: Loc = ("profile", "questions", index)
        for key in ("code", "vi", "en", "comparison_only"):
            draft.put_field(HEAD, (*loc, key), fields[key], row)
        for key, name in (("help_vi", "vi"), ("help_en", "en")):
            draft.put_field(HEAD, (*loc, "help", name), fields[key], row)


def _terms(draft: Draft, rows: Sequence[Row]) -> None:
    names = {fold(label): name for name, label in TERM_NAMES.items()}
    fields = {field.key: field for field in FIELDS[TERMS]}
    for row in rows:
        name = names.get(fold(str(row["label"].value)), "")
        if not name:
            draft.fault(row["label"], NO_ENTRY % {"name": row["label"].value})
            continue
        loc = (name, len(_held(draft, (name,))))
        for key in ("vi", "en"):
            draft.put_field(HEAD, (*loc, key), fields[key], row)
        if name == "definitions":
            for key, part in (("term", "vi"), ("term_en", "en")):
                draft.put_field(HEAD, (*loc, "term", part), fields[key], row)
            if _has_mark(draft, row["mark"], (PROPOSED,)):
                draft.put(HEAD, (*loc, "proposal"), True, row["mark"])
        else:
            codes = draft.value(Field("term", "", "list"), row["term"])
            draft.put(HEAD, (*loc, "codes"), codes, row["term"])
            draft.put(HEAD, (*loc, "verified"), _has_mark(draft, row["mark"], (CHECKED,)), row["mark"])
