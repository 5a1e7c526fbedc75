"""Planted faults: each is named with its line, its column and a sentence, and all of them at once."""

from pathlib import Path
from typing import NamedTuple

import pytest

from survey_app.frameworks.loader import FileFault, load_folder
from tests.factories.whole_framework import make_folder


class Plant(NamedTuple):
    """Replace the first `old` by `new` in a file; the fault stands where `at` begins."""

    old: str
    new: str
    at: str
    sentence: str
    file: str = "AT.yaml"


HEAD = "framework.yaml"
PLANTS = {
    # types and keys, one place is enough to see them
    "code_without_quotes": Plant("code: AT1.1", "code: 1.1", "1.1", 'Hãy đặt trong dấu nháy: "1.1"'),
    "version_without_quotes": Plant("'1.0'", "1.0", "1.0", 'Hãy đặt trong dấu nháy: "1.0"', HEAD),
    "weight_as_text": Plant("weight: 2", "weight: '2'", "'2'", "Phải là số nguyên"),
    "weight_with_fraction": Plant("weight: 2", "weight: 1.5", "1.5", "Phải là số nguyên"),
    "weight_zero": Plant("weight: 60", "weight: 0", "0", "Phải lớn hơn 0"),
    "per_site_as_word": Plant("per_site: true", "per_site: yes", "yes", "Phải là true hoặc false"),
    "mandatory_as_word": Plant(
        "mandatory: true", "mandatory: bắt buộc", "bắt buộc", "true, false hoặc danh sách"
    ),
    "list_as_word": Plant("[bep_an]", "bep_an", "bep_an", "Phải là danh sách"),
    "missing_statement": Plant("        vi: Câu của AT1.1.\n", "", "code: AT1.1", "Thiếu mục “vi”"),
    "missing_mandatory": Plant("        mandatory: true\n", "", "code: AT1.1", "Thiếu mục “mandatory”"),
    "misspelt_key": Plant("per_site: true", "per_sites: true", "per_sites", "Có phải là “per_site”?"),
    "unknown_key": Plant("per_site: true", "mau: đỏ", "mau", "Không có mục nào tên “mau”"),
    "empty_statement": Plant("vi: Câu của AT1.1.", "vi:", "vi:\n", "Để trống"),
    "blank_at_end": Plant("vi: Câu của AT1.1.", "vi: 'Câu của AT1.1. '", "'Câu của", "Có dấu cách"),
    "two_blanks": Plant("vi: Câu của AT1.1.", "vi: Câu  của AT1.1.", "Câu  của", "hai dấu cách"),
    "not_nfc": Plant("vi: Câu của AT1.1.", "vi: Cha\u0302u lu\u0323c.", "Cha\u0302u", "NFC"),
    "escaped_control": Plant("vi: Câu của AT1.1.", 'vi: "Câu\\x07 của"', '"Câu\\x07', "ký tự điều khiển"),
    "too_long": Plant("vi: Sân trường", "vi: " + "Sân " * 64 + "chơi", "Sân Sân", "Dài quá 255 ký tự"),
    "bad_area_code": Plant("code: AT\n", "code: at\n", "at\n", "chữ cái in hoa"),
    "bad_indicator_code": Plant("code: AT1.1", "code: AT1-1", "AT1-1", "Mã tiêu chí phải là"),
    "bad_set_code": Plant("code: thu", "code: Thu", "Thu", "Mã bộ tiêu chí phải gồm", HEAD),
    "percent_over_100": Plant(
        "min_met_percent: 80", "min_met_percent: 120", "120", "Không được lớn hơn 100", HEAD
    ),
    "percent_negative": Plant(
        "min_met_percent: 80", "min_met_percent: -1", "-1", "Không được nhỏ hơn 0", HEAD
    ),
    "years_zero": Plant("valid_years: 2", "valid_years: 0", "0\n", "Không được nhỏ hơn 1", HEAD),
    "unknown_site_rule": Plant(
        "site_rule: lowest", "site_rule: mean", "mean", "Chỉ được là lowest hoặc main", HEAD
    ),
    "head_as_list": Plant("title:\n  vi: Bộ tiêu chí thử\n", "title: [a]\nx:\n", "[a]", "nhóm mục", HEAD),
    "no_stages": Plant("areas: [AT, LM]", "areas: []", "[]", "Phải có ít nhất 1 mục", HEAD),
    # the tree
    "code_twice": Plant(
        "code: AT1.2", "code: AT1.1", "AT1.1\n        vi: Câu của AT1.2.", "đã dùng ở AT.yaml"
    ),
    "code_outside_tree": Plant("code: AT1.2", "code: AT2.2", "AT2.2", "phải bắt đầu bằng “AT1.”"),
    "criterion_outside": Plant("code: LM1\n", "code: AT9\n", "AT9\n", "phải bắt đầu bằng “LM”", "LM.yaml"),
    "area_in_wrong_file": Plant("code: LM\n", "code: AT\n", "AT\n", "mang tên mã lĩnh vực", "LM.yaml"),
    "area_without_file": Plant("[AT, LM]", "[AT, LM, TT]", "TT]", "Thiếu tệp TT.yaml", HEAD),
    "area_not_listed": Plant("[AT, LM]", "[AT]", "LM\nvi: Lành mạnh", "chưa có trong mục areas", HEAD),
    "area_listed_twice": Plant("[AT, LM]", "[AT, LM, AT]", "AT]", "ghi hai lần", HEAD),
    "same_sentence": Plant(
        "Câu của AT1.2.",
        "Câu của AT1.1.",
        "Câu của AT1.1.\n        en: 'English: Câu của AT1.2",
        "trùng với câu của AT1.1",
    ),
    # references
    "unknown_stage": Plant("stages: [thcs]", "stages: [thcs, thcz]", "thcz", "danh mục cấp học (stages)"),
    "stage_twice": Plant("stages: [thcs]", "stages: [thcs, thcs]", "thcs]", "ghi hai lần"),
    "unknown_type": Plant("unit_types: [truong]", "unit_types: [lop]", "lop]", "loại đơn vị (unit_types)"),
    "mandatory_elsewhere": Plant(
        "mandatory: [truong]", "mandatory: [trung_tam]", "trung_tam]", "không thể bắt buộc"
    ),
    "unknown_fact": Plant(
        "applies_when: [bep_an]", "applies_when: [bep]", "bep]", "câu hỏi đặc điểm (profile)"
    ),
    "unknown_evidence": Plant(
        "evidence: [photo]", "evidence: [anh]", "anh]", "loại minh chứng (evidence_kinds)"
    ),
    "unknown_policy": Plant("no_personal\n", "kin\n", "kin\n", "quy định minh chứng", "LM.yaml"),
    "unknown_scale": Plant("scale: level3", "scale: level4", "level4", "thang (scales)"),
    "evidence_value_outside": Plant(
        "evidence_required_from: 1", "evidence_required_from: 3", "3\n", "Thang level3 không có mức 3"
    ),
    "evidence_without_kind": Plant(
        "        evidence: [photo]\n", "", "1\n        legal_anchors", "nêu loại minh chứng"
    ),
    "number_of_no_indicator": Plant(
        "[AT1.1, LM1.1]", "[AT1.1, LM1.9]", "LM1.9", "Không có tiêu chí LM1.9", HEAD
    ),
    # levels
    "level_missing": Plant(
        "          - value: 2\n            vi: AT1.1 ở mức 2.\n            en: 'English: AT1.1 ở mức 2.'\n",
        "",
        "- value: 0",
        "Thiếu câu của mức 2",
    ),
    "level_twice": Plant("value: 1", "value: 0", "0\n            vi: AT1.1 ở mức 1.", "Mức 0 ghi hai lần"),
    "level_outside": Plant("value: 2", "value: 5", "5\n", "Thang level3 không có mức 5"),
    "no_next_step": Plant(
        "            next_vi: 'Để đạt mức 1 cần: làm thêm.'\n"
        "            next_en: 'English: Để đạt mức 1 cần: làm thêm.'\n",
        "",
        "value: 0",
        "Thiếu việc cần làm để lên mức trên",
    ),
    "next_step_at_top": Plant(
        "en: 'English: AT1.1 ở mức 2.'",
        "en: 'English: AT1.1 ở mức 2.'\n            next_vi: Thêm.\n            next_en: More.",
        "Thêm.",
        "Mức cao nhất không có",
    ),
    "english_missing": Plant(
        "        en: 'English: Câu của AT1.1.'\n", "", "code: AT1.1", "Thiếu bản tiếng Anh (en)"
    ),
    "english_step_missing": Plant(
        "            next_en: 'English: Để đạt mức 1 cần: làm thêm.'\n",
        "",
        "value: 0",
        "Thiếu bản tiếng Anh (next_en)",
    ),
    "english_not_promised": Plant(
        "version: '1.0'", "version: '1.0'\nenglish: false", "en: 'English: Bộ", "không có bản tiếng Anh", HEAD
    ),
    # the scheme
    "scale_with_gap": Plant("    - value: 1", "    - value: 3", "- value: 0", "0, 1, 2", HEAD),
    "scale_met_downwards": Plant(
        "      met: false", "      met: true", "- value: 0", "mức thấp nhất chưa đạt", HEAD
    ),
    "scale_value_twice_code": Plant(
        "- code: thpt", "- code: thcs", "thcs\n    vi: Trung học phổ", "ghi hai lần trong mục này", HEAD
    ),
    "unused_question": Plant("      comparison_only: true\n", "", "hai_buoi", "Chưa tiêu chí nào dùng", HEAD),
    "used_question_for_comparison": Plant(
        "        en: 'English: Kể cả thuê nấu.'",
        "        en: 'English: Kể cả thuê nấu.'\n      comparison_only: true",
        "true\n    - code: hai_buoi",
        "chỉ để so sánh",
        HEAD,
    ),
    "no_rule_at_all": Plant(
        "  min_met_percent: 80\n  counts:\n    truong:\n      min_met: 2\n      min_mandatory_met: 1\n"
        "    trung_tam:\n      min_met: 1\n      min_mandatory_met: 1\n",
        "",
        "all_mandatory_met",
        "Phải có tỷ lệ",
        HEAD,
    ),
    "counts_not_satisfiable": Plant("min_met: 2", "min_met: 9", "9\n", "chỉ có 3 tiêu chí áp dụng", HEAD),
    "mandatory_not_satisfiable": Plant(
        "      min_met: 2\n      min_mandatory_met: 1",
        "      min_met: 3\n      min_mandatory_met: 3",
        "3\n    trung_tam",
        "chỉ có 2 tiêu chí bắt buộc",
        HEAD,
    ),
    "more_mandatory_than_met": Plant(
        "      min_met: 2\n      min_mandatory_met: 1",
        "      min_met: 1\n      min_mandatory_met: 2",
        "2\n    trung_tam",
        "không được lớn hơn số tiêu chí phải đạt",
        HEAD,
    ),
    "count_of_unknown_type": Plant(
        "    trung_tam:\n      min_met",
        "    lop:\n      min_met",
        "lop:\n",
        "Không có loại đơn vị “lop”",
        HEAD,
    ),
    "count_missing": Plant(
        "    trung_tam:\n      min_met: 1\n      min_mandatory_met: 1\n",
        "",
        "truong:\n      min_met",
        "Thiếu số lượng của loại đơn vị “trung_tam”",
        HEAD,
    ),
    "veto_unused": Plant("  no_veto_event: true\n", "", "veto:", "Đã nêu sự việc loại trừ", HEAD),
    "first_band_passes": Plant(
        "requires_pass: false", "requires_pass: true", "code: chua_dat", "kết quả thấp nhất", HEAD
    ),
    "later_band_without_pass": Plant(
        "requires_pass: true\n    min_quality",
        "requires_pass: false\n    min_quality",
        "false\n    min_quality",
        "phải đòi đạt",
        HEAD,
    ),
    "band_thresholds_fall": Plant(
        "    requires_pass: true\n  - code: tot",
        "    requires_pass: true\n    min_quality: 95\n  - code: tot",
        "90\n",
        "Ngưỡng phải tăng dần",
        HEAD,
    ),
    "area_minimum_over_all": Plant(
        "min_each_area: 80", "min_each_area: 95", "95\n", "không được cao hơn ngưỡng chung", HEAD
    ),
    "award_of_unknown_band": Plant("bands: [dat, tot]", "bands: [dat, kha]", "kha]", "mang mã “kha”", HEAD),
    "award_for_failing": Plant(
        "bands: [dat, tot]", "bands: [chua_dat]", "chua_dat]", "Không trao danh hiệu", HEAD
    ),
    # the folder
    "other_version_than_folder": Plant(
        "version: '1.0'", "version: '1.1'", "'1.1'", "trùng tên thư mục: 1.0", HEAD
    ),
    "other_code_than_folder": Plant("code: thu", "code: khac", "khac", "trùng tên thư mục: thu", HEAD),
}
# The place of these is in another file than the plant.
ELSEWHERE = {"area_not_listed": "LM.yaml"}


def plant_in(folder: Path, name: str) -> None:
    """Write one planted fault into the files."""
    plant = PLANTS[name]
    file = folder / plant.file
    text = file.read_text(encoding="utf-8")
    assert plant.old in text, name
    file.write_text(text.replace(plant.old, plant.new, 1), encoding="utf-8")


def where(file: Path, snippet: str, after: str) -> tuple[int, int]:
    """Line and column where `snippet` begins, looked for from where `after` begins."""
    text = file.read_text(encoding="utf-8")
    offset = text.index(snippet, max(text.find(after), 0) if after else 0)
    line = text.count("\n", 0, offset)
    return line + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_is_named_where_it_stands(tmp_path: Path, name: str) -> None:
    plant, folder = PLANTS[name], make_folder(tmp_path)
    plant_in(folder, name)
    file = folder / ELSEWHERE.get(name, plant.file)
    found = load_folder(folder)
    assert found.framework is None
    fitting = [fault for fault in found.faults if plant.sentence in fault.sentence]
    assert fitting, [str(fault) for fault in found.faults]
    start = plant.new if plant.new and name not in ELSEWHERE else ""
    expected = where(file, plant.at, start if plant.at in plant.new + "\n" else "")
    assert expected in [(fault.line, fault.column) for fault in fitting if fault.file == str(file)], [
        str(fault) for fault in fitting
    ]


TOGETHER = (
    "weight_zero",
    "code_without_quotes",
    "unknown_fact",
    "same_sentence",
    "unknown_policy",
    "percent_over_100",
    "years_zero",
    "band_thresholds_fall",
    "unknown_key",
    "english_step_missing",
)


def test_all_faults_are_named_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    for name in TOGETHER:
        plant_in(folder, name)
    faults = load_folder(folder).faults
    for name in TOGETHER:
        if name != "same_sentence":  # its twin has no readable code
            assert any(PLANTS[name].sentence in fault.sentence for fault in faults), name
    assert list(faults) == sorted(faults)
    assert str(faults[0]).startswith(f"{folder}/AT.yaml:5:9: weight: Phải lớn hơn 0")


def test_a_fault_is_printed_with_file_line_column_path_and_sentence() -> None:
    fault = FileFault(
        "criteria/thu/1.0/AT.yaml", 13, 17, "criteria[0].indicators[1].weight", "Phải lớn hơn 0."
    )
    assert str(fault) == "criteria/thu/1.0/AT.yaml:13:17: criteria[0].indicators[1].weight: Phải lớn hơn 0."


def test_the_untouched_files_have_no_fault(tmp_path: Path) -> None:
    assert load_folder(make_folder(tmp_path)).faults == ()
