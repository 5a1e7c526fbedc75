"""Small criteria sets for tests, as plain values: two areas, invented sentences."""

from collections.abc import Sequence
from typing import Any

from survey_app.rules.framework import (
    EVERY_TYPE,
    Area,
    Award,
    Band,
    Criterion,
    Framework,
    Indicator,
    Level,
    Named,
    PassRule,
    ProfileQuestion,
    Scale,
    ScalePoint,
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
