"""The workbooks of activation codes, and the one in which a list of people is written."""

from collections.abc import Sequence
from datetime import datetime

from survey_app.core.filters import write_date, write_deadline
from survey_app.documents.letterhead import Letterhead
from survey_app.documents.xlsx import Column, Sheet, write_book
from survey_app.invitations.handouts import Handout, Occasion
from survey_app.invitations.people_columns import COLUMNS as PEOPLE
from survey_app.invitations.people_columns import WRITTEN
from survey_app.rules.permissions import ROLE_NAMES, Role

COLUMNS = (
    Column("Đơn vị", width=44),
    Column("Xã, phường", width=24),
    Column("Tên đăng nhập", width=16),
    Column("Mã kích hoạt", width=16),
)


def codes_book(handouts: Sequence[Handout], occasion: Occasion) -> bytes:
    """An .xlsx to hand out or to send; every cell is text, so codes keep their zeros."""
    rows = [(one.unit, one.ward, one.login, one.code) for one in handouts]
    return _book(COLUMNS, rows, occasion)


def people_book(people: Sequence[tuple[str, Role, Handout]], occasion: Occasion) -> bytes:
    """The same for people by name: who, as what, where, login, code."""
    columns = (Column("Họ và tên", width=30), Column("Vai trò", width=26), *COLUMNS)
    rows = [(name, ROLE_NAMES[role], one.unit, one.ward, one.login, one.code) for name, role, one in people]
    return _book(columns, rows, occasion)


def _book(columns: Sequence[Column], rows: Sequence[tuple[str, ...]], occasion: Occasion) -> bytes:
    sheet = Sheet(
        "Mã kích hoạt",
        columns,
        rows,
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


def people_template(vacant: Sequence[tuple[str, str, Role]], *, now: datetime) -> bytes:
    """The list of people to fill in: its headings, and a row for each (code, unit, role) nobody holds yet."""
    columns = [Column(column.heading, width=24) for column in PEOPLE]
    empty = ("",) * (len(PEOPLE) - 3)
    rows = [(code, name, WRITTEN[role], *empty) for code, name, role in vacant]
    content = write_book([Sheet("Danh sách", columns, rows)], title="Danh sách người dùng", now=now)
    assert content is not None
    return content
