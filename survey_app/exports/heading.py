"""How a workbook of an authority begins and ends: its own header, and who signs."""

from dataclasses import dataclass
from datetime import datetime

from survey_app.core.filters import write_minute
from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.organisations.places import bare_name, province_in
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES
from survey_app.results.queries import OverviewFilter

DRAFT_MARK = "BẢN NHÁP"


@dataclass(frozen=True)
class Heading:
    """What every printed sheet of one workbook shares. `scope` says in words what it covers."""

    letterhead: Letterhead
    signatures: tuple[Signature, ...]
    round_title: str
    school_year: str
    scope: str
    sets: tuple[str, ...]
    made_at: datetime
    draft: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines under the title: of when the numbers are, by which sets, of whom."""
        lines = [f"(Số liệu đến {write_minute(self.made_at)}; {'; '.join(self.sets)})"]
        if self.draft:
            lines.append("Bộ tiêu chí còn là bản nháp, số liệu chỉ để tham khảo.")
        return (*lines, f"{self.round_title}. {self.scope}")

    @property
    def mark(self) -> str:
        """What stands on every page of a draft."""
        return DRAFT_MARK if self.draft else ""


def letterhead_of(unit_name: str, *, is_department: bool) -> Letterhead:
    """The header of a department (under its province's committee) or of a commune's committee."""
    if not is_department:
        return Letterhead("", f"Ủy ban nhân dân {unit_name}", place=bare_name(unit_name))
    province = province_in(unit_name)
    agency = unit_name.removesuffix(province).strip()
    return Letterhead(
        f"Ủy ban nhân dân {province}" if province else "", agency, place=bare_name(province) or agency
    )


def signatures_of(*, is_department: bool) -> tuple[Signature, ...]:
    """Who makes the table and who signs it."""
    maker = Signature("Người lập biểu", note="(Ký, ghi rõ họ tên)")
    if is_department:
        return maker, Signature("Giám đốc")
    return maker, Signature("Chủ tịch", on_behalf="TM. Ủy ban nhân dân")


def scope_words(wanted: OverviewFilter, *, ward_name: str = "") -> str:
    """What a filter covers: "Phạm vi: Phường Ô Môn, THCS, Công lập"."""
    parts = [
        ward_name,
        STAGE_NAMES.get(wanted.stage, wanted.stage),
        OWNERSHIP_NAMES.get(wanted.ownership, wanted.ownership),
    ]
    return "Phạm vi: " + (", ".join(filter(None, parts)) or "tất cả trường trong đợt")
