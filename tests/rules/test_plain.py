"""A criteria set written as plain values comes back equal, and its bytes are the same each time."""

import json
from dataclasses import replace

from hypothesis import given

from survey_app.rules.canonical import canonical_json
from survey_app.rules.framework import (
    CountRule,
    Definition,
    Framework,
    LegalAnchor,
    NumberToCheck,
    PassRule,
    VetoKind,
    Words,
)
from survey_app.rules.plain import plain_framework as write
from survey_app.rules.plain import read_framework as read
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.rules.test_score_properties import frameworks


@given(frameworks())
def test_a_set_comes_back_equal(framework: Framework) -> None:
    assert read(json.loads(json.dumps(write(framework)))) == framework


def test_every_kind_of_field_comes_back() -> None:
    member = plain_indicator(
        "AT1.1",
        stages=frozenset({"thcs", "thpt"}),
        evidence_required_from=2,
        legal_anchors=(LegalAnchor("Nghị định 80/2017/NĐ-CP", "Điều 3", True),),
    )
    framework = replace(
        plain_framework([("AT", 1, [member])]),
        pass_rule=PassRule(counts={"truong": CountRule(40, 20)}),
        veto_kinds=(VetoKind("V1", Words("Sự việc", "Event")),),
        texts={"note": (Words("Bản dự thảo", "Draft"),)},
        definitions=(Definition(Words("Học sinh"), Words("Gồm cả học viên."), proposal=True),),
        numbers_to_check=(NumberToCheck(("AT1.1",), Words("1,5 m là đề xuất.")),),
        marks={"veto": "proposal"},
    )
    assert read(write(framework)) == framework


def test_the_bytes_do_not_depend_on_the_order_of_a_set_of_codes() -> None:
    one = plain_framework([("AT", 1, [plain_indicator("AT1.1", stages=frozenset(["b", "a"]))])])
    other = plain_framework([("AT", 1, [plain_indicator("AT1.1", stages=frozenset(["a", "b"]))])])
    assert canonical_json(write(one)) == canonical_json(write(other))
