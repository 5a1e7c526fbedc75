"""The usual lists of a set: what a workbook without its own lists gets, and what the template shows."""

from typing import Any

from survey_app.frameworks.documents import Document

TIERS = {"areas": "Lĩnh vực", "criteria": "Nội dung", "indicators": "Tiêu chí"}
STAGES = {
    "mam_non": "Mầm non",
    "tieu_hoc": "Tiểu học",
    "thcs": "Trung học cơ sở",
    "thpt": "Trung học phổ thông",
    "gdtx": "Giáo dục thường xuyên",
}
UNIT_TYPES = {
    "truong": "Trường",
    "trung_tam": "Trung tâm",
    "lop_doc_lap": "Nhóm trẻ, lớp, cơ sở độc lập",
}
EVIDENCE_KINDS = {
    "photo": "Ảnh chụp",
    "list": "Danh sách",
    "visit": "Xem tại chỗ",
    "log": "Sổ ghi chép",
    "minutes": "Biên bản",
    "stat": "Số liệu thống kê",
    "doc": "Văn bản",
    "cert": "Giấy chứng nhận, chứng chỉ",
    "survey": "Kết quả khảo sát",
    "link": "Đường dẫn trang thông tin",
}
EVIDENCE_POLICIES = {
    "normal": "Được tải minh chứng theo loại đã nêu; ảnh không lộ mặt, giấy tờ che tên học sinh.",
    "no_personal": "Chỉ tải quy trình, biểu mẫu trống, số liệu tổng hợp; bản gốc xem tại trường.",
}
SCALES: dict[str, tuple[tuple[str, bool], ...]] = {
    "pass2": (("Chưa đạt", False), ("Đạt", True)),
    "level4": (
        ("Mức 0 – Chưa có", False),
        ("Mức 1 – Có nhưng còn thiếu", False),
        ("Mức 2 – Đạt", True),
        ("Mức 3 – Duy trì và cải tiến", True),
    ),
}


def standard_lists() -> Document:
    """Stages, types of unit, kinds of evidence, policies and scales, in the shape of a head."""
    return {
        "stages": _coded(STAGES),
        "unit_types": _coded(UNIT_TYPES),
        "evidence_kinds": _coded(EVIDENCE_KINDS),
        "evidence_policies": _coded(EVIDENCE_POLICIES),
        "scales": {
            code: [{"value": value, "vi": name, "met": met} for value, (name, met) in enumerate(points)]
            for code, points in SCALES.items()
        },
    }


def _coded(names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"code": code, "vi": name} for code, name in names.items()]
