"""The documented workbook of a criteria set: its sheets, their columns and the entries they hold.

Headings and entries are compared without marks, case and signs. `spreadsheet` reads it, `workbook` writes it;
both go through the documents of `schema`, so that a workbook and a folder of files are checked alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GUIDE, INFO, CRITERIA = "Hướng dẫn", "Thông tin", "Tiêu chí"
RULES, PROFILE, LISTS, TERMS = "Quy tắc", "Câu hỏi đặc điểm", "Danh mục", "Định nghĩa"
REQUIRED_SHEETS = (INFO, CRITERIA, RULES)
SHEETS = (GUIDE, INFO, CRITERIA, RULES, PROFILE, LISTS, TERMS)
MAX_ROWS: Mapping[str, int] = {CRITERIA: 500, **dict.fromkeys((INFO, RULES, PROFILE, LISTS, TERMS), 300)}

Path = tuple[str, ...]
YES, NO = "có", "không"
PROPOSED, CHECKED, UNCHECKED = "đề xuất", "đã xác minh", "chưa xác minh"


@dataclass(frozen=True)
class Field:
    """One column. `kind`: text, code (must be a text cell), whole, yes, list, mandatory, anchors."""

    key: str
    heading: str
    kind: str = "text"
    required: bool = False
    note: str = ""
    width: int = 24


@dataclass(frozen=True)
class Entry:
    """One kind of line in a sheet of entries: its label, the place of its text in the head, how it is read.

    `kind`: said (Vietnamese and English), code, yes, site_rule, percent, count, band, award, event, answer.
    `repeats`: the text is one of a list. `marked`: (mark, place of a yes/no it sets).
    """

    label: str
    path: Path
    kind: str = "said"
    repeats: bool = False
    marked: tuple[str, Path] | None = None
    note: str = ""


INFO_FIELDS = (
    Field("label", "Mục", required=True, width=34),
    Field("vi", "Tiếng Việt", width=80),
    Field("en", "Tiếng Anh", width=60),
    Field("mark", "Đánh dấu", width=16, note="Ghi “đề xuất” nếu chưa có căn cứ trong văn bản."),
)
INFO_ENTRIES = (
    Entry("Mã bộ tiêu chí", ("code",), "code", note="Chữ thường không dấu, ví dụ tt18-2023."),
    Entry("Phiên bản", ("version",), "code", note="Số và dấu chấm, ô kiểu Văn bản, ví dụ 1.0."),
    Entry("Có bản tiếng Anh", ("english",), "yes", note="Ghi không thì để trống mọi cột tiếng Anh."),
    Entry("Tên bộ tiêu chí", ("title",)),
    Entry("Ghi chú chung", ("note",)),
    Entry("Dòng ghi trên giấy chứng nhận", ("certificate_line",)),
    Entry("Tên gọi bậc 1", ("tiers", "areas"), note="Thường là Lĩnh vực."),
    Entry("Tên gọi bậc 2", ("tiers", "criteria"), note="Thường là Nội dung."),
    Entry("Tên gọi bậc 3", ("tiers", "indicators"), note="Thường là Tiêu chí."),
    Entry("Mức của trường nhiều điểm", ("site_rule",), "site_rule", note="thấp nhất hoặc điểm chính."),
    Entry("Ghi chú về cấp học", ("stages_note",)),
    Entry("Ghi chú về loại đơn vị", ("unit_types_note",)),
    Entry("Tên gọi khi không áp dụng", ("not_applicable", "name")),
    Entry("Quy tắc không áp dụng", ("not_applicable", "rule")),
    Entry("Quy tắc theo đặc điểm", ("applies_when_rule",)),
    Entry("Cách đọc mức", ("reading_rule",), repeats=True),
    Entry(
        "Bảo vệ trẻ em, người báo tin",
        ("safeguards", "rules"),
        repeats=True,
        marked=(PROPOSED, ("safeguards", "proposal")),
    ),
    Entry("Mở đầu câu hỏi đặc điểm", ("profile", "intro")),
    Entry("Câu hỏi chưa quyết", ("open_questions",), repeats=True),
)
SITE_RULES: Mapping[str, str] = {"lowest": "thấp nhất", "main": "điểm chính"}

RULE_FIELDS = (
    Field("label", "Mục", required=True, width=34),
    Field("code", "Mã", "code", width=16),
    Field("vi", "Tiếng Việt", width=70),
    Field("en", "Tiếng Anh", width=50),
    Field("first", "Số thứ nhất", "whole", width=12),
    Field("second", "Số thứ hai", "whole", width=12),
    Field("codes", "Các kết quả", "list", width=20),
    Field("mark", "Đánh dấu", width=16),
)
_VETO = (PROPOSED, ("veto", "proposal"))
RULE_ENTRIES = (
    Entry(
        "Tỷ lệ tiêu chí đạt (%)",
        ("pass_rule", "min_met_percent"),
        "percent",
        note="Số thứ nhất: ví dụ 80. Bỏ dòng này nếu bộ tính theo số lượng.",
    ),
    Entry(
        "Số tiêu chí đạt, bắt buộc đạt",
        ("pass_rule", "counts"),
        "count",
        note="Mã: loại đơn vị. Số thứ nhất: số phải đạt. Số thứ hai: số bắt buộc phải đạt.",
    ),
    Entry("Mọi tiêu chí bắt buộc đạt", ("pass_rule", "all_mandatory_met"), "yes", note="có hoặc không."),
    Entry("Không có sự việc loại trừ", ("pass_rule", "no_veto_event"), "yes", note="có hoặc không."),
    Entry("Câu quy tắc đạt", ("pass_rule", "sentence")),
    Entry("Cơ sở của quy tắc đạt", ("pass_rule", "basis"), marked=(CHECKED, ("pass_rule", "basis_verified"))),
    Entry("Ghi chú của quy tắc đạt", ("pass_rule", "notes"), repeats=True),
    Entry(
        "Cách tính điểm chất lượng",
        ("quality_score", "formula"),
        repeats=True,
        marked=(PROPOSED, ("quality_score", "proposal")),
    ),
    Entry("Cách nêu điểm chất lượng", ("quality_score", "display")),
    Entry(
        "Kết quả",
        ("bands",),
        "band",
        note="Xếp từ thấp lên cao. Số thứ nhất: điểm chất lượng chung, số thứ hai: điểm từng lĩnh vực.",
    ),
    Entry(
        "Danh hiệu",
        ("awards",),
        "award",
        note="Số thứ nhất: số năm hiệu lực. Các kết quả: mã các kết quả được trao.",
    ),
    Entry("Sự việc loại trừ: tên gọi", ("veto", "name"), marked=_VETO),
    Entry("Sự việc loại trừ: cơ sở", ("veto", "basis"), marked=(CHECKED, ("veto", "basis_verified"))),
    Entry("Sự việc loại trừ: phạm vi", ("veto", "scope")),
    Entry("Sự việc loại trừ: cách ghi nhận", ("veto", "record")),
    Entry("Sự việc loại trừ: vai trò của đơn vị", ("veto", "school_role")),
    Entry("Sự việc loại trừ: vụ chưa kết luận", ("veto", "pending")),
    Entry("Sự việc", ("veto", "events"), "event", note="Mã: V1, V2 …"),
    Entry("Câu trả lời của đơn vị", ("veto", "school_answers"), "answer"),
)

LIST_FIELDS = (
    Field("label", "Danh mục", required=True),
    Field("code", "Mã", "code", required=True),
    Field("vi", "Tên", required=True, width=60),
    Field("en", "Tên (tiếng Anh)", width=50),
    Field("value", "Giá trị", "whole", width=10, note="Chỉ cho Thang: 0, 1, 2 …"),
    Field("met", "Đạt", "yes", width=8, note="Chỉ cho Thang: có hoặc không."),
)
LIST_NAMES: Mapping[str, str] = {
    "stages": "Cấp học",
    "unit_types": "Loại đơn vị",
    "scales": "Thang",
    "evidence_kinds": "Loại minh chứng",
    "evidence_policies": "Quy định minh chứng",
}

PROFILE_FIELDS = (
    Field("code", "Mã", "code", required=True),
    Field("vi", "Câu hỏi", required=True, width=70),
    Field("en", "Câu hỏi (tiếng Anh)", width=60),
    Field("help_vi", "Giải thích", width=50),
    Field("help_en", "Giải thích (tiếng Anh)", width=50),
    Field("comparison_only", "Chỉ để so sánh", "yes", width=14),
)

TERM_FIELDS = (
    Field("label", "Loại", required=True, width=18),
    Field("term", "Từ hoặc mã", required=True, width=30),
    Field("term_en", "Từ (tiếng Anh)", width=30),
    Field("vi", "Nội dung", required=True, width=80),
    Field("en", "Nội dung (tiếng Anh)", width=60),
    Field("mark", "Đánh dấu", width=16),
)
TERM_NAMES: Mapping[str, str] = {"definitions": "Định nghĩa", "numbers_to_check": "Số cần kiểm tra"}

CRITERIA_FIELDS = (
    Field("area.code", "Mã lĩnh vực", "code", True, "Chữ in hoa, ví dụ AT. Để trống thì như dòng trên.", 12),
    Field("area.vi", "Lĩnh vực", required=True, note="Để trống thì như dòng trên."),
    Field("area.en", "Lĩnh vực (tiếng Anh)"),
    Field("area.weight", "Trọng số lĩnh vực", "whole", width=12, note="Để trống là 1."),
    Field("criterion.code", "Mã nội dung", "code", True, "Mã lĩnh vực rồi số, ví dụ AT1.", 12),
    Field("criterion.vi", "Nội dung", required=True),
    Field("criterion.en", "Nội dung (tiếng Anh)"),
    Field("code", "Mã tiêu chí", "code", True, "Mã nội dung, dấu chấm, số: AT1.2.", 12),
    Field("vi", "Tiêu chí", required=True, width=70),
    Field("en", "Tiêu chí (tiếng Anh)", width=60),
    Field("mandatory", "Bắt buộc", "mandatory", note="có, không, hoặc mã loại đơn vị.", width=14),
    Field("stages", "Cấp học", "list", note="Tên hoặc mã cấp học; để trống là mọi cấp."),
    Field("unit_types", "Loại đơn vị", "list", note="Tên hoặc mã loại đơn vị; để trống là mọi loại."),
    Field("per_site", "Từng điểm trường", "yes", width=12),
    Field("scale", "Thang", "code", True, "“Đạt, Chưa đạt” hoặc “Mức 0 đến 3”; hoặc mã thang.", 18),
    Field("applies_when", "Áp dụng khi", "list", note="Mã câu hỏi đặc điểm; có một đặc điểm là áp dụng."),
    Field("weight", "Trọng số", "whole", width=10, note="Để trống là 1."),
    Field("evidence", "Minh chứng", "list", note="Ví dụ: Ảnh chụp, Biên bản; ghi mã cũng được."),
    Field("evidence_required_from", "Cần minh chứng từ mức", "whole", width=14),
    Field(
        "evidence_policy",
        "Quy định minh chứng",
        "code",
        note="Để trống, hoặc ghi “không tải dữ liệu cá nhân”.",
        width=16,
    ),
    Field(
        "legal_anchors",
        "Căn cứ",
        "anchors",
        note="Mỗi dòng trong ô: tên văn bản | điều, khoản | đã xác minh hoặc chưa xác minh.",
        width=60,
    ),
    Field("uncertain", "Còn cần xác minh", "yes", width=14),
)
LEVEL_NOTE = "Các cột Mức 0, Mức 1 … và Để lên mức 1 …: để trống hết thì tên của thang là câu của mức."


def level_fields(highest: int) -> tuple[Field, ...]:
    """The columns of the level sentences 0 to `highest` and of the steps between them."""
    found: list[Field] = []
    for value in range(highest + 1):
        found.append(Field(f"level.{value}.vi", f"Mức {value}", width=60))
        found.append(Field(f"level.{value}.en", f"Mức {value} (tiếng Anh)", width=50))
        if value < highest:
            found.append(Field(f"level.{value}.next_vi", f"Để lên mức {value + 1}", width=60))
            found.append(Field(f"level.{value}.next_en", f"Để lên mức {value + 1} (tiếng Anh)", width=50))
    return tuple(found)


FIELDS: Mapping[str, tuple[Field, ...]] = {
    INFO: INFO_FIELDS,
    RULES: RULE_FIELDS,
    LISTS: LIST_FIELDS,
    PROFILE: PROFILE_FIELDS,
    TERMS: TERM_FIELDS,
    CRITERIA: (*CRITERIA_FIELDS, *level_fields(20)),
}
ENTRIES: Mapping[str, tuple[Entry, ...]] = {INFO: INFO_ENTRIES, RULES: RULE_ENTRIES}
# Which sheet a part of the head comes from, for a fault that has no cell of its own.
SHEET_OF: Mapping[str, str] = {
    **{entry.path[0]: sheet for sheet, entries in ENTRIES.items() for entry in entries},
    **dict.fromkeys(LIST_NAMES, LISTS),
    **dict.fromkeys(TERM_NAMES, TERMS),
    "profile": PROFILE,
    "areas": CRITERIA,
}
# What a part of the head is called in the workbook, for a fault about one that is not there.
LABELS: Mapping[Path, str] = {
    **{entry.path: entry.label for entries in ENTRIES.values() for entry in entries},
    **{(name,): label for name, label in LIST_NAMES.items()},
    ("areas",): CRITERIA,
}
