"""The workbook of activation codes: unit, ward, login, code."""

from collections.abc import Sequence

from survey_app.core.filters import write_date, write_deadline
from survey_app.documents.letterhead import Letterhead
from survey_app.documents.xlsx import Column, Sheet, write_book
from survey_app.invitations.handouts import Handout, Occasion

COLUMNS = (
    Column("Đơn vị", width=44),
    Column("Xã, phường", width=24),
    Column("Mã đăng nhập", width=16),
    Column("Mã kích hoạt", width=16),
)


def codes_book(handouts: Sequence[Handout], occasion: Occasion) -> bytes:
    """An .xlsx to hand out or to send; every cell is text, so codes keep their zeros."""
    sheet = Sheet(
        "Mã kích hoạt",
        COLUMNS,
        [(one.unit, one.ward, one.login, one.code) for one in handouts],
        letterhead=Letterhead("", occasion.issuer),
        title="Danh sách cấp mã kích hoạt tài khoản",
        notes=(
            f"(Cấp ngày {write_date(occasion.issued_at)}; mỗi mã dùng một lần, "
            f"có giá trị đến {write_deadline(occasion.expires_at)})",
            f"Nơi kích hoạt: {occasion.address}",
        ),
        numbered=True,
    )
    content = write_book([sheet], title="Danh sách cấp mã kích hoạt", now=occasion.issued_at)
    assert content is not None
    return content
