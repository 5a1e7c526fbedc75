"""Names of wards as people write them."""

import pytest

from survey_app.organisations.places import Ward, WardBook, area_type_of, place_key, province_in

BOOK = WardBook.of(
    [
        Ward(1, "31207", "Phường Thốt Nốt"),
        Ward(2, "31228", "Phường Thuận Hưng"),
        Ward(3, "31168", "Phường Bình Thuỷ"),
        Ward(4, "31340", "Phường Ngã Bảy"),
        Ward(5, "31342", "Xã Tân Hoà"),
    ]
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phường Bình Thuỷ", "Phường Bình Thủy"),
        ("Xã Hoà An", "Xã Hòa An"),
        ("Xã Ea H'leo", "Xã Ea H’leo"),
        ("Xã Vĩnh Tường", "Xa\u0303 Vi\u0303nh Tươ\u0300ng"),
        ("PHƯỜNG  THỐT NỐT", "Phường Thốt Nốt"),
    ],
)
def test_spellings_of_one_place_are_equal(one: str, other: str) -> None:
    assert place_key(one) == place_key(other)


@pytest.mark.parametrize(("one", "other"), [("Xã Tân Hòa", "Xã Tân Hóa"), ("Xã Đại Hải", "Xã Đại Hài")])
def test_another_tone_is_another_place(one: str, other: str) -> None:
    assert place_key(one) != place_key(other)


def test_a_ward_is_found_by_code_and_name_together() -> None:
    found = BOOK.find("31168", "Phường Bình Thủy")
    assert found.ward is not None and found.ward.unit_id == 3 and not found.note


def test_a_code_of_the_other_list_is_refused_with_the_right_code() -> None:
    found = BOOK.find("31207", "Phường Thuận Hưng")
    assert found.ward is None
    assert "31207 là Phường Thốt Nốt" in found.reason and "31228" in found.reason


def test_an_unknown_code_names_the_code_of_that_name() -> None:
    assert "31207" in BOOK.find("31212", "Phường Thốt Nốt").reason
    assert "31999" in BOOK.find("31999", "Phường Không Có").reason


def test_a_commune_that_became_a_ward_is_taken_with_a_note() -> None:
    found = BOOK.find("31340", "Xã Ngã Bảy")
    assert found.ward is not None and "Phường Ngã Bảy" in found.note


def test_another_tone_under_the_right_code_is_refused() -> None:
    assert BOOK.find("31342", "Xã Tân Hóa").ward is None


def test_the_type_is_read_from_the_name() -> None:
    assert area_type_of("Phường Cái Khế") == "phuong"
    assert area_type_of("Xã Phong Điền") == "xa"


def test_the_province_is_read_from_the_departments_name() -> None:
    assert province_in("Sở Giáo dục và Đào tạo thành phố Cần Thơ") == "thành phố Cần Thơ"
    assert province_in("Sở Giáo dục và Đào tạo tỉnh An Giang") == "tỉnh An Giang"
    assert province_in("Sở Mẫu số 1") == ""
