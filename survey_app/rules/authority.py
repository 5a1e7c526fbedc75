"""Who manages a school directly: the Department or the People's Committee of its commune."""

from collections.abc import Collection
from enum import StrEnum


class Authority(StrEnum):
    """The two kinds of managing authority since districts ended on 1 July 2025."""

    DEPARTMENT = "department"
    COMMUNE = "commune"


DEPARTMENT_STAGES = frozenset({"thpt", "gdtx"})


def managing_authority(stages: Collection[str], *, specialised: bool = False) -> Authority:
    """Say which authority manages a unit directly, from its stages.

    `stages` are codes (mam_non, tieu_hoc, thcs, thpt, gdtx). With upper secondary or continuing education, or
    when the school is specialised, it is the Department; else the commune (so "TH và THCS" goes to the
    commune). Boarding and special schools differ by decision: their authority is set by hand.
    Source: Decree 142/2025/NĐ-CP and the Department's practice.
    """
    if specialised or DEPARTMENT_STAGES & set(stages):
        return Authority.DEPARTMENT
    return Authority.COMMUNE
