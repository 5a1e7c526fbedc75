"""A result in words: every term of every kind, with numbers that do not lie at their threshold."""

import re
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask, render_template_string

from survey_app.rules.framework import CountRule, PassRule
from survey_app.rules.levels import Term, TermKind, level_for
from survey_app.rules.scoring import score
from tests.factories.frameworks import plain_facts, plain_framework

PAGE = '{% from "macros/score.html" import explain, area_table, headline, sentence %}'


def words(app: Flask, template: str, **context: Any) -> str:
    with app.test_request_context():
        html = render_template_string(PAGE + template, **context)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def said(app: Flask, term: Term) -> str:
    return words(app, "{{ sentence(term, areas) }}", term=term, areas={"AT": "An toàn"})


def result(app: Flask, values: dict[str, int | None], vetoes: tuple[str, ...] = (), **rule: Any) -> str:
    framework = plain_framework(**rule)
    card = score(framework, plain_facts(), {(code, 0): value for code, value in values.items()})
    outcome = level_for(framework, card, vetoes)
    return words(app, "{{ explain(f, c, o) }}", f=framework, c=card, o=outcome)


ALL = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}


def test_a_whole_result_is_told_from_the_pass_rule_to_the_highest_band(app: Flask) -> None:
    text = result(app, ALL)
    assert text.startswith("Kết quả: Đạt, xếp loại Tốt . Điều kiện để đạt")
    for sentence in (
        "Đã có kết quả của tất cả 4 tiêu chí áp dụng.",
        "Đạt 4/4 tiêu chí áp dụng (100%); cần ít nhất 80%, tức 4 tiêu chí.",
        "Đạt 1/1 tiêu chí bắt buộc áp dụng; cần đạt tất cả.",
        "Không có sự việc loại trừ được ghi nhận.",
        "Đạt, xếp loại Khá: đủ điều kiện",
        "Điểm chất lượng chung 100,0/100; cần ít nhất 90.",
        "Lĩnh vực AT: điểm chất lượng 100,0/100; cần ít nhất 80.",
    ):
        assert sentence in text


def test_what_is_missing_is_told(app: Flask) -> None:
    text = result(app, ALL | {"LM1.1": None})
    assert "Chưa xếp được kết quả vì còn 1 tiêu chí chưa có mức." in text
    assert "Mới có kết quả của 3/4 tiêu chí áp dụng." in text
    text = result(app, ALL | {"AT1.1": 1}, vetoes=("V1", "V2"))
    assert "Đạt 3/4 tiêu chí áp dụng (75%); cần ít nhất 80%, tức 4 tiêu chí." in text
    assert "Có 2 sự việc loại trừ được ghi nhận." in text
    assert "Không xét vì chưa đủ điều kiện để đạt." in text


def test_a_rule_in_counts_is_told_in_counts(app: Flask) -> None:
    rule = PassRule(counts={"truong": CountRule(min_met=3, min_mandatory_met=1)})
    text = result(app, ALL, pass_rule=rule)
    assert "Đạt 4/4 tiêu chí áp dụng; cần ít nhất 3." in text
    assert "Đạt 1/1 tiêu chí bắt buộc; cần ít nhất 1." in text


@pytest.mark.parametrize(
    ("have", "written"),
    [(Fraction(7499, 100), "74,990"), (Fraction(754, 10), "75,4"), (Fraction(75), "75,0")],
)
def test_rounding_never_hides_on_which_side_of_a_threshold_a_number_is(
    app: Flask, have: Fraction, written: str
) -> None:
    text = said(app, Term(TermKind.QUALITY, have, 75, have >= 75))
    assert text == f"Điểm chất lượng chung {written}/100; cần ít nhất 75."


def test_a_share_is_written_with_the_count_that_was_needed(app: Flask) -> None:
    text = said(app, Term(TermKind.MET_SHARE, 58, 80, True, 62))
    assert text == "Đạt 58/62 tiêu chí áp dụng (93,5%); cần ít nhất 80%, tức 50 tiêu chí."
    assert said(app, Term(TermKind.MET_SHARE, 0, 80, True, 0)) == "Không có tiêu chí nào áp dụng."


def test_every_kind_of_term_has_a_sentence(app: Flask) -> None:
    for kind in TermKind:
        assert said(app, Term(kind, 1, 1, True, 1, "AT")).endswith("."), kind


def test_the_headline_counts_before_it_scores(app: Flask) -> None:
    framework = plain_framework()
    card = score(framework, plain_facts(), {(code, 0): value for code, value in ALL.items()})
    assert words(app, "{{ headline(c.tally) }}", c=card) == "Đạt 4/4 tiêu chí áp dụng · bắt buộc 1/1"
    text = words(app, "{{ area_table(f, c) }}", f=framework, c=card)
    assert "100,0/100" in text and "Lĩnh vực LM 2/2 40 100,0" in text
