"""Words of the filters: the school year is said once."""

import pytest
from flask import Flask

from survey_app.core.filters import write_round


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Đánh giá năm học 2026 – 2027", "Đánh giá năm học 2026 – 2027"),
        ("Đánh giá năm học 2026-2027", "Đánh giá năm học 2026-2027"),
        ("Đánh giá năm học 2026–2027", "Đánh giá năm học 2026–2027"),
        ("Đánh giá giữa năm", "Đánh giá giữa năm, năm học 2026 – 2027"),
    ],
)
def test_a_round_says_its_school_year_once(app: Flask, title: str, said: str) -> None:
    with app.test_request_context():
        assert write_round(title, "2026-2027") == said
