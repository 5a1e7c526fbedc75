"""The register of certificates as a workbook in the form of the Department's own tables."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from survey_app.certificates.queries import Entry
from survey_app.certificates.standing import Standing
from survey_app.core.filters import write_date, write_minute, write_school_year
from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.documents.xlsx import Column, Sheet, write_book

STANDING_WORDS = {
    Standing.VALID: "Còn hiệu lực",
    Standing.EXPIRED: "Hết hạn",
    Standing.REVOKED: "Đã thu hồi",
    Standing.SUPERSEDED: "Được thay thế",
    Standing.BROKEN: "Không xác minh được",
}
COLUMNS = (
    Column("Số giấy chứng nhận", width=20),
    Column("Tên trường", width=34),
    Column("Xã, phường", width=20),
    Column("Danh hiệu", width=30),
    Column("Kết quả", width=18),
    Column("Năm học", width=13),
    Column("Số quyết định", width=16),
    Column("Ngày quyết định", "date", width=13),
    Column("Có giá trị đến", "date", width=13),
    Column("Tình trạng", width=16),
    Column("Ghi chú", width=34),
    Column("Người nhận ký tên", width=20),
)


def register_book(entries: Iterable[Entry], *, agency: str, now: datetime) -> bytes:
    """The workbook of these certificates; the last column is left free for whoever fetches the paper."""
    sheet = Sheet(
        "Sổ cấp",
        COLUMNS,
        _rows(entries),
        letterhead=Letterhead("", agency),
        title="Sổ cấp giấy chứng nhận",
        notes=(f"(Số liệu đến {write_minute(now)})",),
        numbered=True,
        frozen=3,
        filtered=True,
        signatures=(Signature("Người lập sổ"), Signature("Thủ trưởng cơ quan")),
    )
    book = write_book([sheet], title="Sổ cấp giấy chứng nhận", now=now)
    assert book is not None
    return book


def _rows(entries: Iterable[Entry]) -> Iterator[tuple[Any, ...]]:
    for entry in entries:
        content = entry.content
        yield (
            content["number"],
            content["unit"]["name"],
            content["unit"]["ward"],
            content["award"]["vi"],
            content["level"]["vi"],
            write_school_year(content["school_year"]),
            content["decision"]["number"],
            entry.decision_date,
            entry.row.valid_until,
            "Bản thử nghiệm" if of_no_effect(entry) else STANDING_WORDS[entry.standing],
            _note(entry),
            None,
        )


def of_no_effect(entry: Entry) -> bool:
    """True for a trial paper that would be called valid otherwise."""
    return bool(entry.content.get("trial")) and entry.standing is Standing.VALID


def _note(entry: Entry) -> str:
    row, notes = entry.row, []
    if row.revoked_on is not None:
        by = f"Thu hồi theo Quyết định số {row.revoked_decision} ngày {write_date(row.revoked_on)}"
        notes.append(f"{by}: {row.revoked_reason}")
    if entry.content["replaces"]:
        notes.append(f"Cấp lại, thay giấy số {entry.content['replaces']}")
    if entry.content["trial"]:
        notes.append("Bản thử nghiệm")
    return ". ".join(notes)
