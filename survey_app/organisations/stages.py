"""Reading the words of a school list: which stages, what type of unit, public or private."""

from dataclasses import dataclass

from survey_app.core.vietnamese import fold
from survey_app.rules.errors import N_

STAGE_NAMES: dict[str, str] = {
    "mam_non": N_("Mầm non"),
    "tieu_hoc": N_("Tiểu học"),
    "thcs": N_("THCS"),
    "thpt": N_("THPT"),
    "gdtx": N_("GDTX"),
}
UNIT_TYPE_NAMES: dict[str, str] = {
    "truong": N_("Trường"),
    "trung_tam": N_("Trung tâm"),
    "lop_doc_lap": N_("Lớp, cơ sở độc lập"),
}
OWNERSHIP_NAMES: dict[str, str] = {"cong_lap": N_("Công lập"), "tu_thuc": N_("Tư thục")}

NARROWED = N_("Cột cấp ghi “%(text)s”; đã lấy %(stages)s theo tên trường.")
ALL_TAKEN = N_("Cột cấp ghi “%(text)s”, tên trường không nói cấp nào; đã lấy %(stages)s, hãy kiểm tra lại.")
DIFFERS = N_("Tên trường gợi ý %(by_name)s nhưng cột cấp ghi %(stages)s; đã lấy theo cột cấp.")

_PHRASES: tuple[tuple[str, str], ...] = (
    ("giao duc thuong xuyen", "gdtx"),
    ("trung hoc co so", "thcs"),
    ("trung hoc pho thong", "thpt"),
    ("mam non", "mam_non"),
    ("mau giao", "mam_non"),
    ("nha tre", "mam_non"),
    ("nhom tre", "mam_non"),
    ("tieu hoc", "tieu_hoc"),
    ("cap 1", "tieu_hoc"),
    ("cap 2", "thcs"),
    ("cap 3", "thpt"),
    ("mn", "mam_non"),
    ("mg", "mam_non"),
    ("th", "tieu_hoc"),
    ("thcs", "thcs"),
    ("thpt", "thpt"),
    ("gdtx", "gdtx"),
)


@dataclass(frozen=True)
class Reading:
    """Stages in teaching order and, when something should be looked at, a Vietnamese note."""

    stages: tuple[str, ...]
    note: str = ""


def stages_in(text: str) -> tuple[str, ...]:
    """Every stage a text names ("TH, THCS và THPT FPT" → tieu_hoc, thcs, thpt), in teaching order."""
    words = f" {fold(text)} "
    found = {stage for phrase, stage in _PHRASES if f" {phrase} " in words}
    return tuple(stage for stage in STAGE_NAMES if stage in found)


def stage_words(stages: tuple[str, ...]) -> str:
    """Stages as read by people: "THCS, THPT"."""
    return ", ".join(STAGE_NAMES[stage] for stage in stages)


def read_stages(text: str, name: str) -> Reading:
    """The stages of a school from its `cap` cell, helped by its name where the cell is a catch-all.

    "Liên cấp (TH/THCS/THPT)" stands in lists for any multi-level school, so the name decides there.
    """
    told, by_name = stages_in(text), stages_in(name)
    if "lien cap" in fold(text):
        narrower = tuple(stage for stage in by_name if not told or stage in told)
        if len(narrower) > 1:
            changed = told and narrower != told
            return Reading(narrower, NARROWED % _words(text, narrower) if changed else "")
        return Reading(told, ALL_TAKEN % _words(text, told) if told else "")
    if told and by_name and told != by_name:
        return Reading(told, DIFFERS % {"by_name": stage_words(by_name), "stages": stage_words(told)})
    return Reading(told)


def _words(text: str, stages: tuple[str, ...]) -> dict[str, str]:
    return {"text": text, "stages": stage_words(stages)}


def read_unit_type(text: str, name: str) -> str | None:
    """truong, trung_tam or lop_doc_lap; the name decides when the cell is empty; None when not understood."""
    words = fold(text)
    if not words:
        return _type_of_name(fold(name))
    for word, kind in (("doc lap", "lop_doc_lap"), ("trung tam", "trung_tam"), ("truong", "truong")):
        if word in words:
            return kind
    return None


def _type_of_name(words: str) -> str:
    if words.startswith(("trung tam", "tt gd", "ttgd")) or {"gdtx", "gdnn"} & set(words.split()):
        return "trung_tam"
    if "doc lap" in words or words.startswith(("nhom tre", "lop mau giao")):
        return "lop_doc_lap"
    return "truong"


def read_ownership(text: str) -> str | None:
    """cong_lap or tu_thuc; "" for an empty cell, None when not understood."""
    words = fold(text)
    if not text.strip():
        return ""
    if "ngoai cong lap" in words or "tu thuc" in words or "dan lap" in words:
        return "tu_thuc"
    return "cong_lap" if "cong lap" in words else None


def read_yes(text: str) -> bool | None:
    """A yes/no cell; an empty one is no, None when not understood."""
    words = fold(text)
    if not text.strip() or words in ("0", "khong", "false", "no"):
        return False
    return True if words in ("1", "co", "x", "true", "yes") else None
