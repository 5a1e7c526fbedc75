"""The shipped criteria: without fault, complete, in clean Vietnamese, and as the schema file says."""

import json
import re
from pathlib import Path

import pytest

from survey_app.frameworks.checking import check_path
from survey_app.frameworks.loader import find_folders, load_folder, write_files
from survey_app.frameworks.schema import json_schema
from survey_app.rules.framework import Framework

ROOT = Path(__file__).parents[2] / "criteria"


def read(key: str) -> Framework:
    framework = load_folder(ROOT / key).framework
    assert framework is not None
    return framework


@pytest.fixture(scope="module")
def general() -> Framework:
    return read("pho-thong/0.2")


@pytest.fixture(scope="module")
def preschool() -> Framework:
    return read("mam-non/0.2")


def test_every_file_is_without_fault() -> None:
    checked = check_path(ROOT)
    assert [str(fault) for fault in checked.faults] == []
    assert {folder.path.parent.name for folder in checked.folders} >= {"pho-thong", "mam-non"}


def test_the_files_are_written_as_the_program_writes_them() -> None:
    """So that an exported or imported edition and a hand-made one differ only where their content does."""
    for folder in find_folders(ROOT):
        framework = load_folder(folder).framework
        assert framework is not None
        for name, content in write_files(framework).items():
            assert (folder / name).read_bytes() == content, folder / name


def test_the_schema_for_editors_is_current() -> None:
    assert json.loads((ROOT / "schema.json").read_text(encoding="utf-8")) == json_schema()


def counts(framework: Framework) -> dict[str, int]:
    members = framework.by_code.values()
    return {
        "areas": len(framework.areas),
        "criteria": len(framework.criteria),
        "indicators": len(members),
        "mandatory": sum("*" in indicator.mandatory_for for indicator in members),
        "mandatory_for_some": sum(bool(i.mandatory_for) and "*" not in i.mandatory_for for i in members),
        "per_site": sum(indicator.per_site for indicator in members),
        "conditional": sum(bool(indicator.applies_when) for indicator in members),
        "limited_stage": sum(bool(indicator.stages) for indicator in members),
        "limited_type": sum(bool(indicator.unit_types) for indicator in members),
        "evidence_required": sum(indicator.evidence_required_from is not None for indicator in members),
        "no_personal": sum(indicator.evidence_policy == "no_personal" for indicator in members),
        "anchors": sum(len(indicator.legal_anchors) for indicator in members),
        "unverified_anchors": sum(not a.verified for i in members for a in i.legal_anchors),
        "levels": sum(len(indicator.levels) for indicator in members),
        "two_point": sum(indicator.scale.code == "pass2" for indicator in members),
    }


def test_the_general_set_has_its_numbers(general: Framework) -> None:
    assert counts(general) == {
        "areas": 4,
        "criteria": 18,
        "indicators": 80,
        "mandatory": 38,
        "mandatory_for_some": 0,
        "per_site": 19,
        "conditional": 13,
        "limited_stage": 6,
        "limited_type": 0,
        "evidence_required": 23,
        "no_personal": 16,
        "anchors": 137,
        "unverified_anchors": 37,
        "levels": 318,
        "two_point": 1,
    }
    assert [area.weight for area in general.areas] == [35, 25, 25, 15]


def test_the_preschool_set_has_its_numbers(preschool: Framework) -> None:
    assert counts(preschool) == {
        "areas": 4,
        "criteria": 11,
        "indicators": 56,
        "mandatory": 27,
        "mandatory_for_some": 3,
        "per_site": 20,
        "conditional": 14,
        "limited_stage": 0,
        "limited_type": 3,
        "evidence_required": 14,
        "no_personal": 14,
        "anchors": 87,
        "unverified_anchors": 34,
        "levels": 224,
        "two_point": 0,
    }
    assert [area.weight for area in preschool.areas] == [35, 30, 20, 15]


@pytest.mark.parametrize("key", ["pho-thong/0.2", "mam-non/0.2"])
def test_the_scheme_is_data(key: str) -> None:
    framework = read(key)
    rule = framework.pass_rule
    assert (rule.min_met_percent, rule.all_mandatory_met, rule.no_veto_event) == (80, True, True)
    assert [(b.code, b.min_quality, b.min_each_area) for b in framework.bands] == [
        ("chua_dat", None, None),
        ("dat", None, None),
        ("kha", 75, 65),
        ("tot", 90, 80),
    ]
    (award,) = framework.awards
    assert (award.title.vi, award.bands, award.valid_years, award.proposal) == (
        "Nhà trường an toàn, lành mạnh, thân thiện",
        ("dat", "kha", "tot"),
        2,
        True,
    )
    assert framework.site_rule == "lowest" and framework.is_draft and len(framework.veto_kinds) == 4
    assert framework.marks["veto"] == framework.marks["safeguards"] == "proposal"


BANNED = re.compile(
    r"tự chấm|thẩm định|\bnhóm tiêu chí|chỉ báo(?! bằng lời)|\bngưng\b|(?-i:trạm y tế)|  |!|\"|\bcô\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("key", ["pho-thong/0.2", "mam-non/0.2"])
def test_the_words_are_those_of_the_house(key: str) -> None:
    for name in (ROOT / key).glob("*.yaml"):
        for number, line in enumerate(name.read_text(encoding="utf-8").splitlines(), start=1):
            if re.match(r"\s*(- )?(next_)?vi: ", line):
                text = line.partition("vi: ")[2].strip("'\"")
                assert not BANNED.search(text), (name.name, number, text)


def test_every_next_step_says_which_level_it_leads_to(general: Framework, preschool: Framework) -> None:
    for indicator in (*general.by_code.values(), *preschool.by_code.values()):
        for level in indicator.levels[:-1]:
            assert level.next_step is not None
            asked = (
                "Để đạt cần: " if indicator.scale.code == "pass2" else f"Để đạt mức {level.value + 1} cần: "
            )
            assert level.next_step.vi.startswith(asked), (indicator.code, level.value)


def test_evidence_is_named_in_both_languages(general: Framework) -> None:
    kinds = ["photo", "list", "visit", "log", "minutes", "stat", "doc", "cert", "survey", "link"]
    assert list(general.evidence_kinds) == kinds
    assert all(words.vi and words.en for words in general.evidence_kinds.values())
