"""Stored form, search key and alphabetical order of Vietnamese text."""

import pytest

from survey_app.core.vietnamese import BadText, clean, fold, sort_key


def test_names_sort_as_in_a_vietnamese_dictionary() -> None:
    names = ["Đông", "Dương", "An", "Ân", "Ăn", "Bà", "Bá", "Ba", "Bả", "Bã", "Bạ", "Trường 10", "Trường 2"]
    assert sorted(names, key=sort_key) == [
        "An",
        "Ăn",
        "Ân",
        "Ba",
        "Bà",
        "Bả",
        "Bã",
        "Bá",
        "Bạ",
        "Dương",
        "Đông",
        "Trường 2",
        "Trường 10",
    ]


def test_letters_weigh_before_tones() -> None:
    assert sorted(["Bá Anh", "Bà Yên", "Ba Minh"], key=sort_key) == ["Bá Anh", "Ba Minh", "Bà Yên"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("chau van liem", "Châu Văn Liêm"), ("Bình Thuỷ", "Bình Thủy"), ("ia đ’rai", "Ia Đ'rai")],
)
def test_search_key_ignores_marks_their_place_and_apostrophes(typed: str, stored: str) -> None:
    assert fold(typed) == fold(stored)


def test_clean_composes_and_keeps_lines() -> None:
    assert clean("  Tru\u031bo\u031b\u0300ng\r\nhai\t ") == "Trường\nhai"


@pytest.mark.parametrize("bad", ["a\x00b", "a\x07b", "a\u202eb", "a\ud800b", "a\ue000b"])
def test_clean_refuses_characters_nobody_types(bad: str) -> None:
    with pytest.raises(BadText):
        clean(bad)
