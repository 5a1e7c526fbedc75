"""What makes an officer look twice at a claim ("Cần lưu ý"): pure, one indicator at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey_app.rules.errors import N_
from survey_app.rules.framework import Indicator

JUMP_FROM = 2
VISIT = "visit"  # evidence that only a visit can give: nobody can attach it


class Flag(StrEnum):
    """Kinds of weak claims."""

    MANDATORY_BARE = "mandatory_bare"
    HIGHEST_BARE = "highest_bare"
    OLD_EVIDENCE = "old_evidence"
    JUMP = "jump"


FLAG_NAMES: dict[Flag, str] = {
    Flag.MANDATORY_BARE: N_("Bắt buộc đạt, chưa có minh chứng"),
    Flag.HIGHEST_BARE: N_("Mức cao nhất, chưa có minh chứng"),
    Flag.OLD_EVIDENCE: N_("Minh chứng cũ hơn năm học"),
    Flag.JUMP: N_("Cao hơn lần trước từ 2 mức"),
}


@dataclass(frozen=True)
class Claim:
    """What a school says of one indicator: its value (None: not answered), the dates of its files that are
    not hidden (None: not known), and the value of the last published round."""

    value: int | None
    mandatory: bool
    file_dates: tuple[date | None, ...] = ()
    prior: int | None = None


def flags_of(indicator: Indicator, claim: Claim, *, year_start: date) -> tuple[Flag, ...]:
    """Why a claim deserves a second look, the weightiest first. `year_start`: first day of the school year.

    A missing file is said once: of a mandatory indicator where the set asks for it, of the highest value
    unless only a visit can show the thing. Files are old when the newest date known is before the year.
    """
    if claim.value is None:
        return ()
    return tuple(_flags(indicator, claim, claim.value, year_start))


def _flags(indicator: Indicator, claim: Claim, value: int, year_start: date) -> Iterable[Flag]:
    if not claim.file_dates:
        if claim.mandatory and indicator.scale.is_met(value) and indicator.needs_evidence(value):
            yield Flag.MANDATORY_BARE
        elif value == indicator.scale.highest and not set(indicator.evidence) <= {VISIT}:
            yield Flag.HIGHEST_BARE
    newest = max((day for day in claim.file_dates if day), default=None)
    if newest is not None and newest < year_start:
        yield Flag.OLD_EVIDENCE
    if claim.prior is not None and value - claim.prior >= JUMP_FROM:
        yield Flag.JUMP
