"""The columns of a list of schools: which headings are understood, and which must be there.

A heading is compared without marks, case and signs, so "Mã trường", "ma_truong" and "MÃ TRƯỜNG" are one.
Where a list has several headings of one column, the one named first here wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.core.vietnamese import fold


@dataclass(frozen=True)
class Column:
    """One column: field name, heading in the template, headings understood, limits, an example."""

    field: str
    heading: str
    aliases: tuple[str, ...]
    required: bool = False
    longest: int = 255
    example: str = ""
    note: str = ""


COLUMNS: tuple[Column, ...] = (
    Column(
        "code",
        "Mã trường",
        ("ma don vi", "ma co so", "ma dinh danh", "ma"),
        True,
        32,
        "92000F99",
        "Mã của ngành, để kiểu Văn bản: giữ số 0 đầu và chữ cái.",
    ),
    Column("name", "Tên trường", ("ten don vi", "ten co so", "ten"), True, 255, "THCS Mẫu Hướng Dương"),
    Column(
        "stages",
        "Cấp",
        ("cap hoc", "cap truong", "loai cap"),
        True,
        120,
        "THCS",
        "Mầm non, TH, THCS, THPT, GDTX; nhiều cấp thì ghi đủ, ví dụ TH và THCS.",
    ),
    Column("address", "Địa chỉ", ("dia chi truong",), False, 500, "Số 1, đường Mẫu"),
    Column(
        "ward_code",
        "Mã xã 2026",
        ("ma xa", "ma phuong xa", "ma xa phuong", "ma phuong"),
        True,
        16,
        "31135",
        "Mã 5 chữ số theo danh mục 2026; được so cùng với tên xã.",
    ),
    Column(
        "ward_name",
        "Tên xã 2026",
        ("ten xa", "ten phuong xa", "ten xa phuong", "xa phuong", "phuong xa"),
        True,
        120,
        "Phường Ninh Kiều",
    ),
    Column(
        "unit_type",
        "Loại đơn vị",
        ("loai co so", "loai truong"),
        False,
        60,
        "Trường",
        "Trường, Trung tâm, Lớp độc lập; để trống thì theo tên.",
    ),
    Column(
        "ownership",
        "Loại hình",
        ("hinh thuc so huu", "cong lap tu thuc"),
        False,
        60,
        "Công lập",
        "Công lập hoặc Tư thục.",
    ),
    Column("specialised", "Trường chuyên", ("chuyen",), False, 10, "", "Ghi 1 nếu là trường chuyên."),
    Column(
        "sites",
        "Điểm lẻ",
        ("cac diem le", "diem truong", "danh sach diem le"),
        False,
        4000,
        "Điểm Ấp Mẫu 1 | Ấp Mẫu 1; Điểm Ấp Mẫu 2",
        "Tên các điểm lẻ, cách nhau bằng dấu chấm phẩy; sau dấu | là địa chỉ của điểm.",
    ),
    Column(
        "authority",
        "Cơ quan quản lý",
        ("co quan quan ly truc tiep", "don vi quan ly"),
        False,
        60,
        "",
        "Sở hoặc Xã, chỉ ghi khi khác quy tắc chung (có THPT, GDTX hoặc chuyên thì Sở, còn lại xã).",
    ),
    Column("contact_name", "Người liên hệ", ("hieu truong", "thu truong", "nguoi dai dien"), False, 120, ""),
    Column(
        "contact_phone",
        "Điện thoại",
        ("so dien thoai", "dien thoai co quan"),
        False,
        32,
        "",
        "Số của cơ quan, không phải số riêng.",
    ),
    Column("contact_email", "Thư điện tử", ("email", "e mail", "thu dien tu truong"), False, 254, ""),
)
BY_FIELD = {column.field: column for column in COLUMNS}


@dataclass(frozen=True)
class Headings:
    """Where each field stands in the file, and what was missing, twice there or not understood."""

    places: dict[str, int]
    titles: dict[str, str]
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    ignored: tuple[str, ...]


def read_headings(row: Sequence[str]) -> Headings:
    """Match one row of headings with `COLUMNS`."""
    keys = [fold(cell) for cell in row]
    doubled = tuple(row[i] for i, key in enumerate(keys) if key and key in keys[:i])
    places: dict[str, int] = {}
    for column in COLUMNS:
        known = (fold(column.heading), *column.aliases)
        place = next((keys.index(key) for key in known if key in keys), None)
        if place is not None:
            places[column.field] = place
    return Headings(
        places=places,
        titles={field: row[place] for field, place in places.items()},
        missing=tuple(c.heading for c in COLUMNS if c.required and c.field not in places),
        doubled=doubled,
        ignored=tuple(row[i] for i, key in enumerate(keys) if key and i not in places.values()),
    )
