"""What changed between two editions: nothing overlooked, everything said once."""

from dataclasses import replace
from typing import Any

import pytest

from survey_app.frameworks.compare import Change, Kind, compare, word_runs
from survey_app.rules.framework import Award, Criterion, Framework, Indicator, PassRule, Words
from survey_app.rules.plain import plain_framework as write
from tests.factories.whole_framework import whole_framework, whole_indicator

OLD = whole_framework()


def with_first(**values: Any) -> Framework:
    """The set with its first indicator changed."""
    area = OLD.areas[0]
    first, *rest = area.criteria[0].indicators
    return with_members([replace(first, **values), *rest])


def with_members(members: list[Indicator]) -> Framework:
    """The set with other indicators in its first criterion."""
    area = OLD.areas[0]
    criterion = replace(area.criteria[0], indicators=tuple(members))
    return replace(OLD, areas=(replace(area, criteria=(criterion,)), OLD.areas[1]))


def kinds(changes: list[Change]) -> list[tuple[Kind, str, str]]:
    return [(change.kind, change.code, change.part) for change in changes]


def test_equal_sets_have_no_change() -> None:
    assert compare(OLD, replace(OLD, version="1.1", status="published")) == []


def test_added_removed_and_moved_indicators() -> None:
    first, second = OLD.areas[0].criteria[0].indicators
    new = with_members([replace(first, code="AT1.7"), whole_indicator("AT1.8", first.scale)])
    assert kinds(compare(OLD, new)) == [
        (Kind.MOVED, "AT1.7", "place"),
        (Kind.ADDED, "AT1.8", "statement"),
        (Kind.REMOVED, "AT1.2", "statement"),
    ]


def test_a_moved_and_rescored_indicator_says_both() -> None:
    first, second = OLD.areas[0].criteria[0].indicators
    changes = compare(OLD, with_members([replace(first, code="AT1.7", weight=3), second]))
    assert kinds(changes) == [(Kind.MOVED, "AT1.7", "place"), (Kind.RESCORED, "AT1.7", "weight")]
    assert (changes[0].old, changes[0].new, changes[1].old, changes[1].new) == ("AT1.1", "AT1.7", "1", "3")


@pytest.mark.parametrize(
    ("values", "part", "old", "new"),
    [
        ({"weight": 4}, "weight", "1", "4"),
        ({"scale": OLD.scales["pass2"]}, "scale", "level3", "pass2"),
        ({"mandatory_for": frozenset()}, "mandatory", "có", "không"),
        ({"mandatory_for": frozenset({"truong"})}, "mandatory", "có", "truong"),
        ({"stages": frozenset({"thpt"})}, "stages", "tất cả", "thpt"),
        ({"unit_types": frozenset({"truong"})}, "unit_types", "tất cả", "truong"),
        ({"applies_when": ("bep_an",)}, "applies_when", "–", "bep_an"),
        ({"per_site": False}, "per_site", "có", "không"),
        ({"evidence": ("doc",)}, "evidence", "photo, normal, ≥ 1", "doc, normal, ≥ 1"),
        ({"evidence_required_from": None}, "evidence", "photo, normal, ≥ 1", "photo, normal"),
        ({"evidence_policy": "no_personal"}, "evidence", "photo, normal, ≥ 1", "photo, no_personal, ≥ 1"),
    ],
)
def test_what_decides_a_score_is_rescored(values: dict[str, Any], part: str, old: str, new: str) -> None:
    assert compare(OLD, with_first(**values)) == [Change(Kind.RESCORED, "AT1.1", part, old, new)]


def test_sentences_of_every_kind_are_reworded() -> None:
    first = OLD.by_code["AT1.1"]
    levels = (
        replace(first.levels[0], sentence=Words("Khác.", "Other.")),
        replace(first.levels[1], next_step=Words("Làm khác.", "Do other.")),
        replace(first.levels[2], sentence=Words(first.levels[2].sentence.vi, "Only English.")),
    )
    changes = compare(OLD, with_first(statement=Words("Câu mới.", "New."), levels=levels, legal_anchors=()))
    assert [(c.kind, c.part, c.value) for c in changes] == [
        (Kind.REWORDED, "statement", None),
        (Kind.REWORDED, "level", 0),
        (Kind.REWORDED, "next", 1),
        (Kind.REWORDED, "level", 2),
        (Kind.REWORDED, "anchors", None),
    ]
    assert changes[1].part_name == "Câu của mức 0" and changes[3].new == "Only English."


def test_areas_and_criteria_are_compared() -> None:
    area = OLD.areas[0]
    renamed = replace(area, name=Words("An toàn hơn", "Safer"), weight=50)
    extra = Criterion("AT2", Words("Thêm"), (whole_indicator("AT2.1", OLD.scales["pass2"]),))
    new = replace(OLD, areas=(replace(renamed, criteria=(*area.criteria, extra)),))
    assert kinds(compare(OLD, new)) == [
        (Kind.REWORDED, "AT", "name"),
        (Kind.RESCORED, "AT", "weight"),
        (Kind.ADDED, "AT2", "name"),
        (Kind.REMOVED, "LM", "name"),
        (Kind.REMOVED, "LM1", "name"),
        (Kind.ADDED, "AT2.1", "statement"),
        (Kind.REMOVED, "LM1.1", "statement"),
    ]


HEADS: dict[str, Any] = {
    "title": Words("Tên khác", "Other"),
    "tiers": OLD.tiers[:2],
    "stages": OLD.stages[:1],
    "unit_types": OLD.unit_types[:1],
    "scales": {"level3": OLD.scales["level3"]},
    "profile": (replace(OLD.profile[0], help=Words("Khác")), OLD.profile[1]),
    "pass_rule": PassRule(min_met_percent=75),
    "bands": OLD.bands[:2],
    "awards": (Award("khac", Words("Khác"), ("dat",), 3),),
    "veto_kinds": OLD.veto_kinds[:1],
    "veto_answers": (),
    "site_rule": "main",
    "evidence_kinds": {"photo": Words("Hình")},
    "evidence_policies": {"normal": Words("Khác")},
    "texts": {**OLD.texts, "note": (Words("Bản thử.", "Other English"),)},
    "definitions": OLD.definitions[:1],
    "numbers_to_check": (replace(OLD.numbers_to_check[0], verified=True),),
    "marks": {},
}


@pytest.mark.parametrize("name", HEADS)
def test_no_part_of_the_head_can_change_unnoticed(name: str) -> None:
    new = replace(OLD, **{name: HEADS[name]})
    assert write(new) != write(OLD)
    changes = compare(OLD, new)
    assert changes and all(change.code == "" and change.old != change.new for change in changes)


def test_every_field_of_a_set_is_tried_above() -> None:
    known = {"code", "version", "status", "areas"} | set(HEADS)
    assert set(vars(OLD)) - {"by_code", "area_of", "criterion_of", "criteria", "band_of"} == known


def test_words_that_went_and_came_are_marked() -> None:
    runs = [(run.kind, run.text) for run in word_runs("mỗi năm một lần", "mỗi học kỳ một lần")]
    assert runs == [("same", "mỗi "), ("old", "năm"), ("new", "học kỳ"), ("same", " một lần")]
    assert [run.kind for run in word_runs("", "mới")] == ["new"]
