"""Small criteria sets for tests, as plain values: two areas, invented sentences."""

from collections.abc import Sequence
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
from survey_app.rules.scoring import UnitFacts

LEVEL4 = Scale("level4", tuple(ScalePoint(n, Words(f"Mức {n}"), n >= 2) for n in range(4)))
PASS2 = Scale("pass2", (ScalePoint(0, Words("Chưa đạt"), False), ScalePoint(1, Words("Đạt"), True)))
MANDATORY = frozenset({EVERY_TYPE})
BANDS = (
    Band("chua_dat", Words("Chưa đạt"), requires_pass=False),
    Band("dat", Words("Đạt"), requires_pass=True),
    Band("kha", Words("Đạt, xếp loại Khá"), requires_pass=True, min_quality=75, min_each_area=65),
    Band("tot", Words("Đạt, xếp loại Tốt"), requires_pass=True, min_quality=90, min_each_area=80),
)


def plain_indicator(code: str, scale: Scale = LEVEL4, **values: Any) -> Indicator:
    """An indicator with a sentence for each of its levels."""
    levels = tuple(
        Level(
            point.value, Words(f"{code} ở mức {point.value}"), Words(f"Để đạt mức {point.value + 1} cần: …")
        )
        for point in scale.points
    )
    return Indicator(code, Words(f"Tiêu chí {code}"), scale, levels, **values)


def plain_framework(
    areas: Sequence[tuple[str, int, Sequence[Indicator]]] | None = None, **values: Any
) -> Framework:
    """A set whose areas are (code, weight, indicators), each area with one criterion `<code>1`."""
    areas = areas or (
        ("AT", 60, [plain_indicator("AT1.1", mandatory_for=MANDATORY), plain_indicator("AT1.2")]),
        ("LM", 40, [plain_indicator("LM1.1"), plain_indicator("LM1.2", PASS2)]),
    )
    start: dict[str, Any] = {
        "code": "thu",
        "version": "1",
        "status": "published",
        "title": Words("Bộ tiêu chí thử"),
        "tiers": tuple(
            Named(code, Words(name))
            for code, name in (("areas", "Lĩnh vực"), ("criteria", "Nội dung"), ("indicators", "Tiêu chí"))
        ),
        "stages": (Named("thcs", Words("THCS")),),
        "unit_types": (Named("truong", Words("Trường")),),
        "scales": {"level4": LEVEL4, "pass2": PASS2},
        "profile": (ProfileQuestion("bep_an", Words("Trường có bếp ăn không?")),),
        "pass_rule": PassRule(min_met_percent=80, all_mandatory_met=True, no_veto_event=True),
        "bands": BANDS,
        "awards": (Award("danh_hieu", Words("Danh hiệu thử"), ("dat", "kha", "tot"), 2),),
    }
    parts = tuple(
        Area(
            code,
            Words(f"Lĩnh vực {code}"),
            weight,
            (Criterion(f"{code}1", Words(f"Nội dung {code}1"), tuple(members)),),
        )
        for code, weight, members in areas
    )
    return Framework(areas=parts, **(start | values))


def plain_facts(**values: Any) -> UnitFacts:
    """A lower secondary school with one site and no special facts."""
    start: dict[str, Any] = {
        "stages": frozenset({"thcs"}),
        "unit_type": "truong",
        "profile": {"bep_an": True},
        "sites": (1,),
    }
    return UnitFacts(**(start | values))


def _said(vi: str) -> Words:
    return Words(vi, f"English: {vi}")


def whole_indicator(code: str, scale: Scale, **values: Any) -> Indicator:
    """An indicator with English everywhere and a next step below the top."""
    top = scale.highest
    levels = tuple(
        Level(
            point.value,
            _said(f"{code} ở mức {point.value}."),
            _said(f"Để đạt mức {point.value + 1} cần: làm thêm.") if point.value < top else None,
        )
        for point in scale.points
    )
    return Indicator(code, _said(f"Câu của {code}."), scale, levels, **values)


def whole_framework(**values: Any) -> Framework:
    """A small set in which every kind of part occurs, as the files of `criteria/` have them."""
    level3 = Scale("level3", tuple(ScalePoint(n, _said(f"Mức {n}"), n >= 1) for n in range(3)))
    pass2 = Scale("pass2", (ScalePoint(0, _said("Chưa đạt"), False), ScalePoint(1, _said("Đạt"), True)))
    first = whole_indicator(
        "AT1.1",
        level3,
        mandatory_for=MANDATORY,
        per_site=True,
        evidence=("photo",),
        evidence_required_from=1,
        legal_anchors=(LegalAnchor("Nghị định 80/2017/NĐ-CP", "Điều 3", True),),
    )
    second = whole_indicator(
        "AT1.2",
        level3,
        stages=frozenset({"thcs"}),
        unit_types=frozenset({"truong"}),
        mandatory_for=frozenset({"truong"}),
        applies_when=("bep_an",),
        weight=2,
        uncertain=True,
    )
    third = whole_indicator("LM1.1", pass2, evidence=("doc",), evidence_policy="no_personal")
    areas = (
        Area("AT", _said("An toàn"), 60, (Criterion("AT1", _said("Sân trường"), (first, second)),)),
        Area("LM", _said("Lành mạnh"), 40, (Criterion("LM1", _said("Nước uống"), (third,)),)),
    )
    texts = {
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
    lists = {
        "reading_rule": ("Đọc từ thấp lên.", "Thiếu một chi tiết thì chọn mức dưới."),
        "safeguards": ("Không hỏi trẻ.", "Giữ kín người báo."),
        "pass_note": ("So bằng số đếm.",),
        "quality_formula": ("Trung bình có trọng số.",),
        "open_questions": ("Ai ký quyết định?",),
    }
    start: dict[str, Any] = {
        "code": "thu",
        "version": "1.0",
        "status": "draft",
        "title": _said("Bộ tiêu chí thử"),
        "tiers": (
            Named("areas", _said("Lĩnh vực")),
            Named("criteria", _said("Nội dung")),
            Named("indicators", _said("Tiêu chí")),
        ),
        "stages": (Named("thcs", _said("Trung học cơ sở")), Named("thpt", _said("Trung học phổ thông"))),
        "unit_types": (Named("truong", _said("Trường")), Named("trung_tam", _said("Trung tâm"))),
        "areas": areas,
        "scales": {"level3": level3, "pass2": pass2},
        "profile": (
            ProfileQuestion("bep_an", _said("Trường có bếp ăn không?"), _said("Kể cả thuê nấu.")),
            ProfileQuestion("hai_buoi", _said("Có lớp học hai buổi không?"), comparison_only=True),
        ),
        "pass_rule": PassRule(
            min_met_percent=80,
            counts={"truong": CountRule(2, 1), "trung_tam": CountRule(1, 1)},
            all_mandatory_met=True,
            no_veto_event=True,
            sentence=_said("Đạt khi đủ điều kiện."),
            basis=_said("Theo khuôn của thông tư."),
            basis_verified=True,
        ),
        "bands": (
            Band("chua_dat", _said("Chưa đạt"), False),
            Band("dat", _said("Đạt"), True),
            Band("tot", _said("Đạt, xếp loại Tốt"), True, 90, 80, proposal=True),
        ),
        "awards": (Award("danh_hieu", _said("Danh hiệu thử"), ("dat", "tot"), 2, proposal=True),),
        "veto_kinds": (VetoKind("V1", _said("Sự việc một.")), VetoKind("V2", _said("Sự việc hai."))),
        "veto_answers": (Named("xac_nhan", _said("Đã đọc")),),
        "evidence_kinds": {"photo": _said("Ảnh chụp"), "doc": _said("Văn bản")},
        "evidence_policies": {"normal": _said("Được tải."), "no_personal": _said("Chỉ tải biểu mẫu trống.")},
        "texts": {
            **{name: (_said(text),) for name, text in texts.items()},
            **{name: tuple(_said(text) for text in found) for name, found in lists.items()},
        },
        "definitions": (
            Definition(_said("Học sinh"), _said("Gồm cả học viên.")),
            Definition(_said("Được hỏi"), _said("Hỏi năm người."), proposal=True),
        ),
        "numbers_to_check": (NumberToCheck(("AT1.1", "LM1.1"), _said("1,5 m là đề xuất."), False),),
        "marks": {
            "safeguards": "proposal",
            "quality_score": "proposal",
            "veto": "proposal",
            "veto_basis": "verified",
        },
    }
    return Framework(**(start | values))


def make_folder(root: Path, framework: Framework | None = None) -> Path:
    """The files of a set under `root`, as `criteria/` holds them; returns the folder of the edition."""
    framework = framework or whole_framework()
    folder = root / framework.code / framework.version
    replace_folder(folder, write_files(framework))
    return folder
