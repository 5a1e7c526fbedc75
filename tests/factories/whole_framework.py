"""A small set in which every kind of part occurs, as the files of `criteria/` have them."""

from pathlib import Path
from typing import Any

from survey_app.frameworks.loader import replace_folder, write_files
from survey_app.rules.framework import (
    EVERY_TYPE,
    Area,
    Award,
    Band,
    CountRule,
    Criterion,
    Definition,
    Framework,
    Indicator,
    LegalAnchor,
    Level,
    Named,
    NumberToCheck,
    PassRule,
    ProfileQuestion,
    Scale,
    ScalePoint,
    VetoKind,
    Words,
)


def said(vi: str) -> Words:
    """A text with its English beside it."""
    return Words(vi, f"English: {vi}")


LEVEL3 = Scale("level3", tuple(ScalePoint(n, said(f"Mức {n}"), n >= 1) for n in range(3)))
PASS2 = Scale("pass2", (ScalePoint(0, said("Chưa đạt"), False), ScalePoint(1, said("Đạt"), True)))


def whole_indicator(code: str, scale: Scale, **values: Any) -> Indicator:
    """An indicator with English everywhere and a next step below the top."""
    top = scale.highest
    levels = tuple(
        Level(
            point.value,
            said(f"{code} ở mức {point.value}."),
            said(f"Để đạt mức {point.value + 1} cần: làm thêm.") if point.value < top else None,
        )
        for point in scale.points
    )
    return Indicator(code, said(f"Câu của {code}."), scale, levels, **values)


def whole_framework(**values: Any) -> Framework:
    """The set; `values` replace fields of it."""
    start: dict[str, Any] = {
        "code": "thu",
        "version": "1.0",
        "status": "draft",
        "title": said("Bộ tiêu chí thử"),
        "tiers": (
            Named("areas", said("Lĩnh vực")),
            Named("criteria", said("Nội dung")),
            Named("indicators", said("Tiêu chí")),
        ),
        "areas": _areas(),
        "scales": {"level3": LEVEL3, "pass2": PASS2},
        "site_rule": "lowest",
        "texts": _texts(),
        "definitions": (
            Definition(said("Học sinh"), said("Gồm cả học viên.")),
            Definition(said("Được hỏi"), said("Hỏi năm người."), proposal=True),
        ),
        "numbers_to_check": (NumberToCheck(("AT1.1", "LM1.1"), said("1,5 m là đề xuất."), False),),
        "marks": {
            "safeguards": "proposal",
            "quality_score": "proposal",
            "veto": "proposal",
            "veto_basis": "verified",
        },
    }
    return Framework(**(start | _lists() | _scheme() | values))


def _areas() -> tuple[Area, ...]:
    first = whole_indicator(
        "AT1.1",
        LEVEL3,
        mandatory_for=frozenset({EVERY_TYPE}),
        per_site=True,
        evidence=("photo",),
        evidence_required_from=1,
        legal_anchors=(LegalAnchor("Nghị định 80/2017/NĐ-CP", "Điều 3", True),),
    )
    second = whole_indicator(
        "AT1.2",
        LEVEL3,
        stages=frozenset({"thcs"}),
        unit_types=frozenset({"truong"}),
        mandatory_for=frozenset({"truong"}),
        applies_when=("bep_an",),
        weight=2,
        uncertain=True,
    )
    third = whole_indicator("LM1.1", PASS2, evidence=("doc",), evidence_policy="no_personal")
    return (
        Area("AT", said("An toàn"), 60, (Criterion("AT1", said("Sân trường"), (first, second)),)),
        Area("LM", said("Lành mạnh"), 40, (Criterion("LM1", said("Nước uống"), (third,)),)),
    )


def _lists() -> dict[str, Any]:
    return {
        "stages": (Named("thcs", said("Trung học cơ sở")), Named("thpt", said("Trung học phổ thông"))),
        "unit_types": (Named("truong", said("Trường")), Named("trung_tam", said("Trung tâm"))),
        "profile": (
            ProfileQuestion("bep_an", said("Trường có bếp ăn không?"), said("Kể cả thuê nấu.")),
            ProfileQuestion("hai_buoi", said("Có lớp học hai buổi không?"), comparison_only=True),
        ),
        "evidence_kinds": {"photo": said("Ảnh chụp"), "doc": said("Văn bản")},
        "evidence_policies": {"normal": said("Được tải."), "no_personal": said("Chỉ tải biểu mẫu trống.")},
    }


def _scheme() -> dict[str, Any]:
    return {
        "pass_rule": PassRule(
            min_met_percent=80,
            counts={"truong": CountRule(2, 1), "trung_tam": CountRule(1, 1)},
            all_mandatory_met=True,
            no_veto_event=True,
            sentence=said("Đạt khi đủ điều kiện."),
            basis=said("Theo khuôn của thông tư."),
            basis_verified=True,
        ),
        "bands": (
            Band("chua_dat", said("Chưa đạt"), False),
            Band("dat", said("Đạt"), True),
            Band("tot", said("Đạt, xếp loại Tốt"), True, 90, 80, proposal=True),
        ),
        "awards": (Award("danh_hieu", said("Danh hiệu thử"), ("dat", "tot"), 2, proposal=True),),
        "veto_kinds": (VetoKind("V1", said("Sự việc một.")), VetoKind("V2", said("Sự việc hai."))),
        "veto_answers": (Named("xac_nhan", said("Đã đọc")),),
    }


def _texts() -> dict[str, tuple[Words, ...]]:
    single = {
        "note": "Bản thử.",
        "certificate_line": "Không thay thế kết quả khác.",
        "stages_note": "Ghi chú về cấp học.",
        "unit_types_note": "Ghi chú về loại đơn vị.",
        "not_applicable": "Không áp dụng",
        "not_applicable_rule": "Không tính vào hai vế.",
        "applies_when_rule": "Có một đặc điểm là áp dụng.",
        "profile_intro": "Trả lời theo năm học.",
        "quality_display": "Nêu số đạt trước.",
        **{f"veto_{name}": f"Về {name}." for name in ("name", "basis", "scope", "record", "pending")},
        "veto_school_role": "Chỉ xác nhận.",
    }
    several = {
        "reading_rule": ("Đọc từ thấp lên.", "Thiếu một chi tiết thì chọn mức dưới."),
        "safeguards": ("Không hỏi trẻ.", "Giữ kín người báo."),
        "pass_note": ("So bằng số đếm.",),
        "quality_formula": ("Trung bình có trọng số.",),
        "open_questions": ("Ai ký quyết định?",),
    }
    found = {name: (said(text),) for name, text in single.items()}
    return found | {name: tuple(said(text) for text in texts) for name, texts in several.items()}


def make_folder(root: Path, framework: Framework | None = None) -> Path:
    """The files of a set under `root`, as `criteria/` holds them; returns the folder of the edition."""
    framework = framework or whole_framework()
    folder = root / framework.code / framework.version
    replace_folder(folder, write_files(framework))
    return folder
