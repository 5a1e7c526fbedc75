"""What can be exported, what each file is called, and the words in its cells."""

from datetime import date
from enum import StrEnum

from survey_app.rules.errors import N_

KEPT_DAYS = 7


class Kind(StrEnum):
    """Which sheets a workbook has."""

    WARDS = "wards"
    SCHOOLS = "schools"
    INDICATORS = "indicators"
    FULL = "full"


KIND_NAMES: dict[Kind, str] = {
    Kind.WARDS: N_("Tổng hợp theo phường, xã"),
    Kind.SCHOOLS: N_("Danh sách trường"),
    Kind.INDICATORS: N_("Chi tiết từng tiêu chí"),
    Kind.FULL: N_("Đầy đủ"),
}
KIND_HINTS: dict[Kind, str] = {
    Kind.WARDS: N_("Mỗi phường, xã một dòng: tiến độ, kết quả, số trường chưa đạt từng tiêu chí."),
    Kind.SCHOOLS: N_("Mỗi phiếu một dòng: trạng thái, số tiêu chí đạt, kết quả."),
    Kind.INDICATORS: N_("Mỗi phiếu một dòng, mỗi tiêu chí hai cột: tự đánh giá và kết quả kiểm tra."),
    Kind.FULL: N_("Tất cả các trang trên và trang giải thích các tiêu chí."),
}
_FILE_NAMES: dict[Kind, str] = {
    Kind.WARDS: "TongHop_DanhGia",
    Kind.SCHOOLS: "DanhSach_Truong",
    Kind.INDICATORS: "ChiTiet_TieuChi",
    Kind.FULL: "DayDu_DanhGia",
}


def file_name(kind: Kind, school_year: str, on: date) -> str:
    """ "TongHop_DanhGia_2026-2027_20270512.xlsx": no marks, no blanks."""
    return f"{_FILE_NAMES[kind]}_{school_year}_{on:%Y%m%d}.xlsx"
